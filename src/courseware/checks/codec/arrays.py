"""Arrays and tensors as three plain values: dtype, shape, and the bytes in base64."""

from __future__ import annotations

import base64
import re
import sys
from typing import Any

import numpy as np

_PLAIN_DTYPE = re.compile(r"[<>|=]?([biufc]\d+|\?|[US]\d+|[mM]8(\[\d*\w+\])?)")
_NUMPY_FLOATS = ("torch.float16", "torch.float32", "torch.float64")


def as_array(value: Any) -> np.ndarray[Any, Any] | None:
    """Return an array's or CPU tensor's data as a base-class array, None for anything else."""
    if isinstance(value, np.ndarray):
        return np.asarray(value)
    tensor_class = getattr(sys.modules.get("torch"), "Tensor", None)
    if tensor_class is None or not isinstance(value, tensor_class):
        return None
    # NumPy has neither bfloat16 nor 8-bit floats; float32 holds each of their values exactly.
    known = not value.is_floating_point() or str(value.dtype) in _NUMPY_FLOATS
    return np.asarray((value if known else value.float()).numpy(force=True))


def is_plain(dtype: str) -> bool:
    """Whether an array of this dtype, as `dtype.str` spells it, holds numbers, text, bytes or times and no objects."""
    return _PLAIN_DTYPE.fullmatch(dtype) is not None


def packed(array: np.ndarray[Any, Any]) -> list[Any]:
    """Return a plain array as dtype, shape and data."""
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
    return [array.dtype.str, list(array.shape), data]


def unpacked(dtype: str, shape: list[int], data: str) -> np.ndarray[Any, Any]:
    """Return the array that `packed` took apart, in memory of its own; raises in any way where the parts do not fit."""
    array = np.frombuffer(base64.b64decode(data, validate=True), np.dtype(dtype)).reshape(shape).copy()
    if array.dtype.kind == "U":
        array.tolist()  # raises where a character is none; comparing such an array would raise later
    return array.view(np.uint8).astype(bool) if array.dtype == bool else array
