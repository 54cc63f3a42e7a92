"""What the encoder and the decoder of a message agree on: the tag and the limits."""

from __future__ import annotations

TAG = "~"
MAX_BYTES = 32 * 2**20
MAX_DEPTH = 64
MAX_INT_BITS = 14_000  # Python refuses to read or print more than 4,300 digits, which are 14,284 bits


def range_length(value: range) -> int:
    """Return how many numbers a range has, which `len` cannot say above 2**63."""
    return 0 if not value else abs(value[-1] - value[0]) // abs(value.step) + 1
