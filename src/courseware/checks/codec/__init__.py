"""Carries plain values between a check and the learner's code as tagged JSON.

The same bytes are written whether both sides share a process or a sandbox stands between them, so a check means the
same in the notebook and in grading. JSON alone loses tuples, bytes, non-text keys, arrays and NaN; each of those
travels as `{"~": tag, "v": ...}`. What is not plain stays where it is: the caller says how through `refer`.
"""

from courseware.checks.codec.arrays import as_array
from courseware.checks.codec.decoder import Resolve, loads
from courseware.checks.codec.encoder import Refer, dumps, encode
from courseware.checks.codec.message import MAX_BYTES, MAX_DEPTH, MAX_INT_BITS, TAG

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_INT_BITS",
    "TAG",
    "Refer",
    "Resolve",
    "as_array",
    "dumps",
    "encode",
    "loads",
]
