"""Carries plain values between a check and the learner's code as tagged JSON.

The same bytes are written whether both sides share a process or a sandbox stands between them, so a check means the
same in the notebook and in grading. JSON alone loses tuples, bytes, non-text keys, arrays and NaN; each of those
travels as `{"~": tag, "v": ...}`. What is not plain stays where it is: the caller says how through `refer`.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from courseware.checks.errors import CodecError, TooLarge

TAG = "~"
MAX_BYTES = 32 * 2**20
MAX_DEPTH = 64
_PLAIN_DTYPE = re.compile(r"[<>|=]?([biufc]\d+|\?|[US]\d+|[mM]8(\[\d*\w+\])?)")

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
        return _decode(json.loads(data), resolve, 0)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise CodecError(f"not a message of this codec: {error}") from error


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
            return int.__index__(value)
        if isinstance(value, np.generic):
            return self._array(np.asarray(value), "scalar")
        if isinstance(value, float):
            return _float(float.__neg__(float.__neg__(value)))
        if isinstance(value, str):
            self._count(len(value))
            return str.__str__(value)
        if isinstance(value, complex):
            return _tagged("complex", [_float(complex(value).real), _float(complex(value).imag)])
        return self._container(value, depth)

    def _container(self, value: Any, depth: int) -> Any:
        if isinstance(value, (bytes, bytearray, memoryview)):
            return self._bytes("bytearray" if isinstance(value, bytearray) else "bytes", bytes(value))
        if isinstance(value, list):
            return self._items(list.__iter__(value), depth)
        if isinstance(value, tuple):
            return _tagged("tuple", self._items(tuple.__iter__(value), depth))
        if isinstance(value, (set, frozenset)):
            return self._set(value, depth)
        if isinstance(value, dict):
            return self._dict(value, depth)
        if isinstance(value, range):
            return _tagged("range", [value.start, value.stop, value.step])
        array = as_array(value)
        if array is not None:
            return self._array(array, "array", depth)
        if self._refer is None:
            raise CodecError(f"a {type(value).__name__} is not plain data")
        return self._refer(value)

    def _items(self, items: Any, depth: int) -> list[Any]:
        return [self._counted(item, depth) for item in items]

    def _counted(self, item: Any, depth: int) -> Any:
        self._count(1)
        return self.encode(item, depth + 1)

    def _set(self, value: set[Any] | frozenset[Any], depth: int) -> Any:
        items = self._items(value, depth)
        items.sort(key=lambda item: json.dumps(item, sort_keys=True))
        return _tagged("frozenset" if isinstance(value, frozenset) else "set", items)

    def _dict(self, value: dict[Any, Any], depth: int) -> Any:
        pairs = [(self._counted(k, depth), self._counted(v, depth)) for k, v in dict.items(value)]
        if all(isinstance(key, str) and key != TAG for key, _ in pairs):
            return dict(pairs)
        return _tagged("dict", [list(pair) for pair in pairs])

    def _array(self, array: np.ndarray[Any, Any], tag: str, depth: int = 0) -> Any:
        if array.dtype == object:
            return _tagged("objects", [list(array.shape), self._items(array.ravel().tolist(), depth)])
        if not _PLAIN_DTYPE.fullmatch(array.dtype.str):
            raise CodecError(f"an array of dtype {array.dtype} is not plain data")
        self._count(array.nbytes)
        data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
        return _tagged(tag, [array.dtype.str, list(array.shape), data])

    def _bytes(self, tag: str, data: bytes) -> Any:
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
    if type(value).__module__.split(".")[0] == "torch" and hasattr(value, "detach"):
        tensor = value.detach().cpu()
        # NumPy has no bfloat16; float32 holds each of its values exactly.
        return np.asarray((tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy())
    return None


def _tagged(tag: str, value: Any) -> dict[str, Any]:
    return {TAG: tag, "v": value}


def _float(value: float) -> Any:
    return value if value - value == 0 else _tagged("float", float.__repr__(value))


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
    return np.frombuffer(base64.b64decode(data, validate=True), np.dtype(dtype)).reshape(shape).copy()


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
    "range": lambda value, _: range(*value),
    "bytes": lambda value, _: base64.b64decode(value, validate=True),
    "bytearray": lambda value, _: bytearray(base64.b64decode(value, validate=True)),
    "float": lambda value, _: {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}[value],
    "complex": lambda value, decode: complex(decode(value[0]), decode(value[1])),
    "scalar": lambda value, decode: _read_array(value, decode)[()],
    "array": _read_array,
    "objects": _read_objects,
}
