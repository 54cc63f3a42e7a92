"""Plain values arrive as they left: same value, same type, whatever the type."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from courseware.checks import CheckError
from courseware.checks.codec import MAX_DEPTH, MAX_INT_BITS, dumps, loads
from courseware.checks.errors import CodecError, TooLarge

repeatable = settings(derandomize=True, deadline=None, max_examples=60, database=None)

BUILT_IN = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16", "U5", "S5"]
DTYPES = [*BUILT_IN, "M8[ns]", "M8[D]", "m8[s]", ">i2", ">i8", ">u4", ">f4", ">f8", ">c16", ">U3", ">M8[us]"]
HIGH, LOW = chr(0xD83D), chr(0xDE42)  # the halves of one character in UTF-16

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.binary() | st.text()
keys = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3),
    max_leaves=4,
)
plain = st.recursive(
    leaves | st.sets(keys, max_size=3) | st.frozensets(keys, max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(keys, inner, max_size=3)
        | st.dictionaries(st.sampled_from(["~", "v", "a"]), inner)
    ),
    max_leaves=12,
)


def same(left: Any, right: Any) -> bool:
    """Whether two values are of the same types and values throughout; NaN is itself, 0.0 is not -0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return same(list(left.items()), list(right.items()))
    if isinstance(left, np.ndarray) and left.dtype == object:
        return left.shape == right.shape and same(left.ravel().tolist(), right.ravel().tolist())
    if isinstance(left, (np.ndarray, np.generic)):
        return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
    if isinstance(left, (float, complex)):
        return repr(left) == repr(right)
    return bool(left == right)


def arrives(value: Any) -> bool:
    """Whether `value` comes back from its own message as it was."""
    return same(loads(dumps(value)), value)


@repeatable
@given(plain)
def test_nested_plain_values_arrive_as_they_left(value: Any) -> None:
    assert arrives(value)


@repeatable
@given(st.text(st.characters(min_codepoint=0xD7F0, max_codepoint=0xE010), max_size=6))
def test_surrogates_stay_apart(text: str) -> None:
    assert arrives(text)


@pytest.mark.parametrize("text", [HIGH + LOW, HIGH, LOW + HIGH, "🙂", f"a{HIGH}{LOW}\x00"])
def test_two_halves_of_a_character_do_not_become_one(text: str) -> None:
    assert arrives(text)
    assert arrives({text: text})


@pytest.mark.parametrize("value", [0.0, -0.0, math.nan, math.inf, -math.inf, 5e-324, complex(-0.0, math.nan)])
def test_numbers_that_json_lacks_arrive(value: Any) -> None:
    assert arrives(value)


@pytest.mark.parametrize("value", [2**64, -(2**64), 2**MAX_INT_BITS - 1, 1 - 2**MAX_INT_BITS])
def test_big_ints_arrive(value: int) -> None:
    assert arrives(value)


def test_int_that_nobody_can_print_is_too_large() -> None:
    with pytest.raises(TooLarge, match="bits"):
        dumps(2**MAX_INT_BITS)


def test_merges_keyed_by_tuples_arrive() -> None:
    assert arrives({(97, 98): 256, (256, 99): 257})


@pytest.mark.parametrize("value", [{"~": 1}, {"~": "tuple", "v": []}, {1: 2, "1": 3}, {None: 1, (): 2, b"a": 3}])
def test_dicts_that_look_like_tags_or_have_other_keys_arrive(value: Any) -> None:
    assert arrives(value)


@pytest.mark.parametrize("value", [range(0), range(3), range(9, -9, -4), range(10**6), bytearray(b"ab\xff"), b""])
def test_ranges_and_bytes_arrive(value: Any) -> None:
    assert arrives(value)


def test_memoryview_arrives_as_bytes() -> None:
    assert loads(dumps(memoryview(b"abcdef")[::2])) == b"ace"


def test_sets_make_the_same_bytes_in_any_order() -> None:
    names = [f"name {number}" for number in range(50)]
    shuffled = random.Random(0).sample(names, len(names))
    assert dumps(set(names)) == dumps(set(shuffled))


@pytest.mark.parametrize("dtype", DTYPES)
@repeatable
@given(data=st.data())
def test_arrays_of_every_dtype_arrive(dtype: str, data: st.DataObject) -> None:
    shape = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
    assert arrives(data.draw(hnp.arrays(np.dtype(dtype), shape)))


@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_scalars_of_every_dtype_arrive(dtype: str) -> None:
    scalar = np.zeros(1, np.dtype(dtype).newbyteorder("="))[0]
    assert arrives(scalar)


def test_views_arrive_with_their_own_values() -> None:
    array = np.arange(24.0).reshape(2, 3, 4)
    for view in (
        array[::-1, ::2],
        array.T,
        array[:, :, 1],
        np.broadcast_to(array[0, 0], (3, 4)),
        np.asfortranarray(array),
    ):
        got = loads(dumps(view))
        assert got.shape == view.shape
        assert (got == view).all()


def test_received_array_can_be_written() -> None:
    got = loads(dumps(np.zeros(3)))
    got[0] = 1
    assert got.tolist() == [1, 0, 0]


@pytest.mark.parametrize("shape", [(), (0,), (0, 7), (2, 0, 3)])
def test_empty_and_0d_arrays_keep_their_shape(shape: tuple[int, ...]) -> None:
    assert arrives(np.zeros(shape, np.float16))
    assert arrives(np.full(shape, None, dtype=object))


def test_object_arrays_arrive_with_what_is_in_them() -> None:
    array = np.empty((2, 2), dtype=object)
    array[0, 0], array[0, 1], array[1, 0], array[1, 1] = [1, 2], "text", {(1, 2): 3}, np.arange(3)
    assert arrives(array)


def test_array_subclass_arrives_as_base_array() -> None:
    got = loads(dumps(np.ma.masked_array([1, 2], [True, False])))
    assert type(got) is np.ndarray


@pytest.mark.parametrize("array", [np.zeros(2, [("a", "i4")]), np.array(["a"], np.dtypes.StringDType())])
def test_arrays_of_other_dtypes_are_refused(array: Any) -> None:
    with pytest.raises(CodecError, match="not plain data"):
        dumps(array)


def test_value_of_another_class_is_refused_without_refer() -> None:
    with pytest.raises(CodecError, match="a Random is not plain data"):
        dumps([random.Random(0)])


def test_nesting_arrives_to_the_limit_and_no_deeper() -> None:
    value: Any = 0
    for _ in range(MAX_DEPTH):
        value = (value,)
    assert arrives(value)
    with pytest.raises(CodecError, match="nested"):
        dumps((value,))


def test_cyclic_list_is_refused() -> None:
    value: list[Any] = []
    value += [value, value]
    with pytest.raises(CodecError, match="nested"):
        dumps(value)


@pytest.mark.parametrize("value", ["x" * 200, b"x" * 200, np.zeros(200, "i1"), [0] * 200, range(200), "é" * 50])
def test_value_above_the_limit_is_too_large(value: Any) -> None:
    with pytest.raises(TooLarge):
        dumps(value, max_bytes=100)


def test_list_that_doubles_itself_stops_at_the_limit() -> None:
    value: list[Any] = [0]
    for _ in range(MAX_DEPTH - 1):
        value = [value, value]
    with pytest.raises(TooLarge):
        dumps(value, max_bytes=10_000)


class TestTensors:
    """PyTorch is imported here only, since it takes a second."""

    @pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float32", "float64", "complex64"])
    def test_tensor_arrives_as_array_of_its_dtype(self, dtype: str) -> None:
        torch = pytest.importorskip("torch")
        got = loads(dumps(torch.tensor([[0, 1, 1]]).to(getattr(torch, dtype))))
        assert (got.dtype, got.tolist()) == (np.dtype(dtype), [[0, 1, 1]])

    @pytest.mark.parametrize("dtype", ["bfloat16", "float8_e4m3fn"])
    def test_float_that_numpy_lacks_arrives_as_float32(self, dtype: str) -> None:
        torch = pytest.importorskip("torch")
        got = loads(dumps(torch.tensor([0.5, -1.5]).to(getattr(torch, dtype))))
        assert (got.dtype, got.tolist()) == (np.float32, [0.5, -1.5])

    def test_tensor_that_requires_grad_arrives(self) -> None:
        torch = pytest.importorskip("torch")
        weight = torch.nn.Parameter(torch.ones(2))
        assert loads(dumps([weight, weight * 2]))[1].tolist() == [2, 2]

    def test_views_and_conjugates_arrive(self) -> None:
        torch = pytest.importorskip("torch")
        tensor = torch.tensor([[1 + 2j, 3]])
        assert loads(dumps(tensor.conj().T)).tolist() == [[1 - 2j], [3]]

    def test_subclass_of_tensor_arrives(self) -> None:
        torch = pytest.importorskip("torch")
        own = type("Own", (torch.Tensor,), {})
        assert loads(dumps(torch.ones(2).as_subclass(own))).tolist() == [1, 1]

    def test_the_class_of_tensors_is_no_tensor(self) -> None:
        torch = pytest.importorskip("torch")
        with pytest.raises(CheckError, match="not plain data"):
            dumps(torch.Tensor)
