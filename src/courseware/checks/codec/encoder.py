"""Writes a value as a message; a class of the learner's own does not answer for itself meanwhile."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from courseware.checks.codec.arrays import as_array, is_plain, packed
from courseware.checks.codec.message import MAX_BYTES, MAX_DEPTH, MAX_INT_BITS, TAG, range_length
from courseware.checks.errors import CodecError, TooLarge

# Two halves of one character: JSON cannot tell them from the character.
_SPLIT = re.compile("[\ud800-\udbff][\udc00-\udfff]")

# A value the codec does not know is handed to `refer`, which returns its tagged form or raises.
Refer = Callable[[Any], dict[str, Any]]


def dumps(value: Any, refer: Refer | None = None, max_bytes: int = MAX_BYTES) -> bytes:
    """Return `value` as ASCII JSON.

    Raises:
        CodecError: something in it is not plain and there is no `refer`, or it is nested too deep.
        TooLarge: the result is above `max_bytes`.
    """
    text = json.dumps(encode(value, refer, max_bytes), separators=(",", ":"), allow_nan=False)
    if len(text) > max_bytes:
        raise TooLarge(f"the value takes {len(text):,} bytes, more than the limit of {max_bytes:,}")
    return text.encode("ascii")


def encode(value: Any, refer: Refer | None = None, max_bytes: int = MAX_BYTES) -> Any:
    """Return `value` as the JSON values that `dumps` writes; raises as `dumps` does."""
    return _Encoder(refer, max_bytes).encode(value, 0)


class _Encoder:
    def __init__(self, refer: Refer | None, max_bytes: int) -> None:
        self._refer = refer
        self._max_bytes = max_bytes
        self._seen_bytes = 0

    def encode(self, value: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise CodecError(f"the value is nested more than {MAX_DEPTH} levels deep")
        if value is None or value is True or value is False:
            return value
        # Base-class conversions on purpose: a subclass must not answer for itself with its own methods.
        if isinstance(value, int):
            return self._int(value)
        if isinstance(value, np.generic):
            return self._array(np.asarray(value), "scalar")
        if isinstance(value, float):
            return _float(float.__neg__(float.__neg__(value)))
        if isinstance(value, str):
            return self._text(str.__str__(value))
        if isinstance(value, complex):
            value = complex.__pos__(value)
            return _tagged("complex", [_float(value.real), _float(value.imag)])
        return self._container(value, depth)

    def _int(self, value: int) -> int:
        if int.bit_length(value) > MAX_INT_BITS:
            raise TooLarge(f"an int takes {int.bit_length(value):,} bits, more than the limit of {MAX_INT_BITS:,}")
        return int.__index__(value)

    def _text(self, text: str) -> Any:
        self._count(len(text))
        if text.isascii() or _SPLIT.search(text) is None:
            return text
        return _tagged("str", base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii"))

    def _container(self, value: Any, depth: int) -> Any:
        if isinstance(value, bytearray):
            return self._bytes("bytearray", bytearray.__getitem__(value, slice(None)))
        if isinstance(value, bytes):
            return self._bytes("bytes", bytes.__getitem__(value, slice(None)))
        if isinstance(value, memoryview):
            return self._bytes("bytes", value.tobytes())
        if isinstance(value, list):
            return self._items(list.__iter__(value), list.__len__(value), depth)
        if isinstance(value, tuple):
            return _tagged("tuple", self._items(tuple.__iter__(value), tuple.__len__(value), depth))
        if isinstance(value, (set, frozenset)):
            return self._set(value, depth)
        if isinstance(value, dict):
            return self._dict(value, depth)
        if isinstance(value, range):
            return self._range(value)
        array = as_array(value)
        if array is not None:
            return self._array(array, "array", depth)
        if self._refer is None:
            raise CodecError(f"a {type(value).__name__} is not plain data")
        return self._refer(value)

    def _items(self, items: Iterable[Any], size: int, depth: int) -> list[Any]:
        self._count(size)
        return [self.encode(item, depth + 1) for item in items]

    def _set(self, value: set[Any] | frozenset[Any], depth: int) -> Any:
        base: Any = frozenset if isinstance(value, frozenset) else set
        items = self._items(base.__iter__(value), base.__len__(value), depth)
        items.sort(key=lambda item: json.dumps(item, sort_keys=True))
        return _tagged(base.__name__, items)

    def _dict(self, value: dict[Any, Any], depth: int) -> Any:
        self._count(2 * dict.__len__(value))
        pairs = [(self.encode(k, depth + 1), self.encode(v, depth + 1)) for k, v in dict.items(value)]
        if all(isinstance(key, str) and key != TAG for key, _ in pairs):
            return dict(pairs)
        return _tagged("dict", [list(pair) for pair in pairs])

    def _range(self, value: range) -> Any:
        bounds = [self._int(value.start), self._int(value.stop), self._int(value.step)]
        self._count(range_length(range(*bounds)))
        return _tagged("range", bounds)

    def _array(self, array: np.ndarray[Any, Any], tag: str, depth: int = 0) -> Any:
        if array.dtype == object:
            self._count(array.size)
            return _tagged("objects", [list(array.shape), self._items(array.ravel().tolist(), 0, depth)])
        if not is_plain(array.dtype.str):
            raise CodecError(f"an array of dtype {array.dtype} is not plain data")
        self._count(array.nbytes)
        return _tagged(tag, packed(array))

    def _bytes(self, tag: str, data: bytes | bytearray) -> Any:
        self._count(len(data))
        return _tagged(tag, base64.b64encode(data).decode("ascii"))

    def _count(self, size: int) -> None:
        """Stop as soon as the result cannot fit, before memory is spent on it."""
        self._seen_bytes += size
        if self._seen_bytes > self._max_bytes:
            raise TooLarge(f"the value takes more than the limit of {self._max_bytes:,} bytes")


def _tagged(tag: str, value: Any) -> dict[str, Any]:
    return {TAG: tag, "v": value}


def _float(value: float) -> Any:
    return value if value - value == 0 else _tagged("float", float.__repr__(value))
