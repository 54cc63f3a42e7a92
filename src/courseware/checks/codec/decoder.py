"""Reads a message back into a value; who sent it is not trusted."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from courseware.checks.codec.arrays import is_plain, unpacked
from courseware.checks.codec.message import MAX_BYTES, MAX_DEPTH, TAG, range_length
from courseware.checks.errors import CheckError, CodecError, TooLarge

# A tag the codec does not know is handed to `resolve` with its decoded value; it returns what that stands for.
Resolve = Callable[[str, Any], Any]


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
    if not is_plain(dtype):
        raise CodecError(f"an array of dtype {dtype!r} is not plain data")
    return unpacked(dtype, shape, data)


def _read_range(value: Any, _: Callable[[Any], Any]) -> range:
    found = range(*value)
    if range_length(found) > MAX_BYTES:
        raise TooLarge(f"a range of {range_length(found):,} numbers is above the limit of {MAX_BYTES:,}")
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
