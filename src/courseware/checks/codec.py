"""Carries plain values between a check and the learner's code as tagged JSON.

The same bytes are written whether both sides share a process or a sandbox stands between them, so a check means the
same in the notebook and in grading. JSON alone loses tuples, bytes, non-text keys, arrays and NaN; each of those
travels as `{"~": tag, "v": ...}`. What is not plain stays where it is: the caller says how through `refer`.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from courseware.checks.errors import CheckError, CodecError, TooLarge

TAG = "~"
MAX_BYTES = 32 * 2**20
MAX_DEPTH = 64
MAX_INT_BITS = 14_000  # Python refuses to read or print more than 4,300 digits, which are 14,284 bits
# Two halves of one character: JSON cannot tell them from the character.
_SPLIT = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_PLAIN_DTYPE = re.compile(r"[<>|=]?([biufc]\d+|\?|[US]\d+|[mM]8(\[\d*\w+\])?)")

_NUMPY_FLOATS = ("torch.float16", "torch.float32", "torch.float64")

# A value the codec does not know is handed to `refer`, which returns its tagged form or raises.
Refer = Callable[[Any], dict[str, Any]]
# A tag the codec does not know is handed to `resolve` with its decoded value; it returns what that stands for.
Resolve = Callable[[str, Any], Any]


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


def loads(data: bytes, resolve: Resolve | None = None, max_bytes: int = MAX_BYTES) -> Any:
    """Return the value that `dumps` wrote.

    Raises:
        CodecError: the bytes are not such a message.
        TooLarge: there are more than `max_bytes` of them.
    """
    if len(data) > max_bytes:
        raise TooLarge(f"the message has {len(data):,} bytes, more than the limit of {max_bytes:,}")
    try:
        return _decode(json.loads(data, parse_constant=_no_constant), resolve, 0)
    except CheckError:
        raise
    except Exception as error:  # the sender is not trusted; a malformed value fails in any of many ways
        raise CodecError(f"not a message of this codec: {type(error).__name__}: {error}") from error


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
        self._count(_length(range(*bounds)))
        return _tagged("range", bounds)

    def _array(self, array: np.ndarray[Any, Any], tag: str, depth: int = 0) -> Any:
        if array.dtype == object:
            self._count(array.size)
            return _tagged("objects", [list(array.shape), self._items(array.ravel().tolist(), 0, depth)])
        if not _PLAIN_DTYPE.fullmatch(array.dtype.str):
            raise CodecError(f"an array of dtype {array.dtype} is not plain data")
        self._count(array.nbytes)
        data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
        return _tagged(tag, [array.dtype.str, list(array.shape), data])

    def _bytes(self, tag: str, data: bytes | bytearray) -> Any:
        self._count(len(data))
        return _tagged(tag, base64.b64encode(data).decode("ascii"))

    def _count(self, size: int) -> None:
        """Stop as soon as the result cannot fit, before memory is spent on it."""
        self._seen_bytes += size
        if self._seen_bytes > self._max_bytes:
            raise TooLarge(f"the value takes more than the limit of {self._max_bytes:,} bytes")


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


def _tagged(tag: str, value: Any) -> dict[str, Any]:
    return {TAG: tag, "v": value}


def _float(value: float) -> Any:
    return value if value - value == 0 else _tagged("float", float.__repr__(value))


def _length(value: range) -> int:
    """Return how many numbers a range has, which `len` cannot say above 2**63."""
    return 0 if not value else abs(value[-1] - value[0]) // abs(value.step) + 1


def _no_constant(name: str) -> Any:
    raise CodecError(f"{name} is not JSON")


def _decode(node: Any, resolve: Resolve | None, depth: int) -> Any:
    if depth > 2 * MAX_DEPTH:
        raise CodecError("the message is nested too deep")
    if isinstance(node, list):
        return [_decode(item, resolve, depth + 1) for item in node]
    if not isinstance(node, dict):
        return node
    if TAG not in node:
        return {key: _decode(item, resolve, depth + 1) for key, item in node.items()}
    reader = _READERS.get(node[TAG])
    if reader is not None:
        return reader(node["v"], lambda item: _decode(item, resolve, depth + 1))
    if resolve is None:
        raise CodecError(f"unknown tag {node[TAG]!r}")
    return resolve(node[TAG], _decode(node["v"], resolve, depth + 1))


_Reader = Callable[[Any, Callable[[Any], Any]], Any]


def _read_array(value: Any, _: Callable[[Any], Any]) -> np.ndarray[Any, Any]:
    dtype, shape, data = value
    if not _PLAIN_DTYPE.fullmatch(dtype):
        raise CodecError(f"an array of dtype {dtype!r} is not plain data")
    array = np.frombuffer(base64.b64decode(data, validate=True), np.dtype(dtype)).reshape(shape).copy()
    if array.dtype.kind == "U":
        array.tolist()  # raises where a character is none; comparing such an array would raise later
    return array.view(np.uint8).astype(bool) if array.dtype == bool else array


def _read_range(value: Any, _: Callable[[Any], Any]) -> range:
    found = range(*value)
    if _length(found) > MAX_BYTES:
        raise TooLarge(f"a range of {_length(found):,} numbers is above the limit of {MAX_BYTES:,}")
    return found


def _read_objects(value: Any, decode: Callable[[Any], Any]) -> np.ndarray[Any, Any]:
    shape, items = value
    array = np.empty(len(items), dtype=object)
    for index, item in enumerate(items):
        array[index] = decode(item)
    return array.reshape(shape)


_READERS: dict[str, _Reader] = {
    "tuple": lambda value, decode: tuple(decode(item) for item in value),
    "set": lambda value, decode: {decode(item) for item in value},
    "frozenset": lambda value, decode: frozenset(decode(item) for item in value),
    "dict": lambda value, decode: {decode(key): decode(item) for key, item in value},
    "str": lambda value, _: base64.b64decode(value, validate=True).decode("utf-8", "surrogatepass"),
    "range": _read_range,
    "bytes": lambda value, _: base64.b64decode(value, validate=True),
    "bytearray": lambda value, _: bytearray(base64.b64decode(value, validate=True)),
    "float": lambda value, _: {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}[value],
    "complex": lambda value, decode: complex(decode(value[0]), decode(value[1])),
    "scalar": lambda value, decode: _read_array(value, decode)[()],
    "array": _read_array,
    "objects": _read_objects,
}
