"""A message from the learner's side is a stranger's: whatever it holds, reading it gives a value or a CodecError."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.checks.codec import MAX_DEPTH, dumps, loads
from courseware.checks.errors import CodecError, TooLarge

repeatable = settings(derandomize=True, deadline=None, max_examples=150, database=None)

TAGS = ["tuple", "set", "frozenset", "dict", "str", "range", "bytes", "bytearray", "float", "complex", "ref"]
ARRAY_TAGS = ["scalar", "array", "objects"]


def tagged(tag: Any, value: Any) -> bytes:
    return json.dumps({"~": tag, "v": value}).encode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["<i8", "<U1", "AAAA"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["~", "v", "a"]), inner)
        | st.fixed_dictionaries({"~": st.sampled_from(TAGS + ARRAY_TAGS), "v": inner})
    ),
    max_leaves=8,
)


@repeatable
@given(anything)
def test_any_json_gives_a_value_or_a_codec_error(node: Any) -> None:
    with contextlib.suppress(CodecError):
        loads(json.dumps(node).encode())


@repeatable
@given(st.binary(max_size=40))
def test_any_bytes_give_a_value_or_a_codec_error(data: bytes) -> None:
    with contextlib.suppress(CodecError):
        loads(data)


REFUSED = {
    "not JSON": b"{",
    "not text": b"\xff\xfe",
    "nothing": b"",
    "NaN as a word": b"[NaN]",
    "Infinity as a word": b"-Infinity",
    "an int of 5,000 digits": b"9" * 5_000,
    "an unknown tag": tagged("pickle", "gASVAAAA"),
    "a tag that is no text": tagged(["tuple"], []),
    "a tag without a value": b'{"~": "tuple"}',
    "a list as a key": tagged("dict", [[[1], 2]]),
    "a dict as a key": tagged("dict", [[{"a": 1}, 2]]),
    "a pair of three": tagged("dict", [[1, 2, 3]]),
    "a list in a set": tagged("set", [[1]]),
    "an array in a set": tagged("frozenset", [{"~": "array", "v": ["<i8", [0], ""]}]),
    "a tuple of a number": tagged("tuple", 5),
    "a range of nothing": tagged("range", []),
    "a range of text": tagged("range", ["a"]),
    "a range of step 0": tagged("range", [0, 5, 0]),
    "a float of another name": tagged("float", "1e5"),
    "a complex of text": tagged("complex", ["1", 2]),
    "a complex of a huge int": tagged("complex", [10**400, 0]),
    "base64 with a stray character": tagged("bytes", "AA*A"),
    "base64 of bad length": tagged("bytes", "AAA"),
    "bytes of a number": tagged("bytes", 5),
    "text that is not UTF-8": tagged("str", b64(b"\xff")),
    "an array of two parts": tagged("array", ["<i8", [1]]),
    "an array that does not fill its shape": tagged("array", ["<i8", [3], b64(bytes(16))]),
    "an array of half an item": tagged("array", ["<i8", [1], b64(bytes(5))]),
    "an array of a huge shape": tagged("array", ["<i8", [2**62, 2**62], b64(bytes(16))]),
    "an array of a text shape": tagged("array", ["<i8", "33", b64(bytes(16))]),
    "an array of objects": tagged("array", ["|O", [1], b64(bytes(8))]),
    "an array of records": tagged("array", ["i4,i4", [1], b64(bytes(8))]),
    "an array of a dtype that is none": tagged("array", ["f3", [1], b64(bytes(3))]),
    "an array of a huge dtype": tagged("array", [f"<U{10**20}", [0], ""]),
    "an array of a unit that is none": tagged("array", ["<M8[5foo]", [0], ""]),
    "an array of a dtype that is a number": tagged("array", [5, [0], ""]),
    "an array of characters that are none": tagged("array", ["<U1", [1], b64(b"\xff\xff\xff\xff")]),
    "objects that do not fill their shape": tagged("objects", [[2, 2], [1, 2, 3]]),
    "objects of a number": tagged("objects", [[1], 5]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_malformed_message_is_a_codec_error(name: str) -> None:
    with pytest.raises(CodecError):
        loads(REFUSED[name])


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"~":"tuple","v":['])
@pytest.mark.parametrize("depth", [2 * MAX_DEPTH + 2, 100_000])
def test_message_nested_too_deep_is_a_codec_error(opening: bytes, depth: int) -> None:
    closing = {b"[": b"]", b'{"a":': b"}"}.get(opening, b"]}")
    with pytest.raises(CodecError):
        loads(opening * depth + b"1" + closing * depth)


@pytest.mark.parametrize("bounds", [[10**9], [0, 10**30], [0, -(10**30), -1], [10**4000]])
def test_range_that_nobody_can_list_is_too_large(bounds: list[int]) -> None:
    with pytest.raises(TooLarge):
        loads(tagged("range", bounds))


def test_learners_endless_range_is_too_large() -> None:
    with pytest.raises(TooLarge):
        dumps(range(10**30))


def test_message_above_the_limit_is_not_read() -> None:
    with pytest.raises(TooLarge, match="101 bytes"):
        loads(b" " * 101, max_bytes=100)


def test_bools_are_0_or_1_whatever_the_bytes() -> None:
    array = loads(tagged("array", ["|b1", [3], b64(bytes([0, 1, 7]))]))
    assert array.view(np.uint8).tolist() == [0, 1, 1]


def test_error_of_resolve_is_a_codec_error() -> None:
    def resolve(tag: str, value: Any) -> Any:
        raise AttributeError(tag)

    with pytest.raises(CodecError, match="AttributeError"):
        loads(tagged("ref", 5), resolve)
