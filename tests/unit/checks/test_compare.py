"""Which values count as the expected one, and what is said of those that do not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from courseware.checks.codec import loads
from courseware.checks.compare import difference, far_apart, shown
from courseware.checks.student import Ref

NAN = math.nan

EQUAL = [
    (5, 5), (5, 5.0), (np.int64(5), 5), (5, np.float32(5)), (True, np.True_), ("a", np.str_("a")), (None, None),
    ((1, 2), [1, 2]), ([[1], (2,)], ((1,), [2])), (np.array([1, 2]), [1, 2]), ([1, 2], np.array([1, 2])),
    (NAN, NAN), ([NAN], [NAN]), (np.array([NAN]), np.array([NAN])), ({"a": NAN}, {"a": NAN}), (0.0, -0.0),
    ({1: (2,)}, {1: [2]}), ({1, 2}, {2, 1}), (b"a", b"a"), (np.array([]), []), ([], np.array([], dtype=bool)),
    ([np.array([1, 2])], [[1, 2]]), (np.array(["a"]), np.array(["a"])), (10**400, 10**400),
]  # fmt: skip

DIFFERENT = [
    (True, 1), (1, True), (0, False), ("5", 5), (5, "5"), (None, 0), ([], None), (None, []), ({}, []), ([], {}),
    ([1, 2], [1, 2, 3]), ([1, 2, 3], [1, 2]), ([1, 3], [1, 2]), ({1}, [1]), (frozenset({1}), {1}), (b"a", "a"),
    ({"a": 1}, {"b": 1}), ({"a": 1, "b": 1}, {"a": 1}), ({"a": 2}, {"a": 1}), (range(2), [0, 1]), (1j, 1), (1, 1j),
    (bytearray(b"a"), b"a"), (Ref(1, "x.Y"), 5), (5, NAN), (NAN, 5),
    ([1, 2], np.array([1, 3])), ([1], np.array([1, 1])), ([[1], [1, 2]], np.array([1, 2])), ("ab", np.array([1, 2])),
    (["a"], np.array([1.0])), ([1], np.array([True])), ([True], np.array([1])), ({"a": 1}, np.array(1)),
    (None, np.array(1.0)), (Ref(1, "x.Y"), np.array(5)), ([10**400], np.array([1.0])),
]  # fmt: skip


@pytest.mark.parametrize(("actual", "expected"), EQUAL)
def test_equal(actual: Any, expected: Any) -> None:
    assert difference(actual, expected) is None


@pytest.mark.parametrize(("actual", "expected"), DIFFERENT)
def test_different_and_says_how(actual: Any, expected: Any) -> None:
    assert difference(actual, expected)


@pytest.mark.parametrize(
    ("actual", "expected"), [((1,), [1]), ([1], (1,)), (1, 1.0), ([(1,)], [[1]]), ({1: ()}, {1: []})]
)
def test_strict_tells_types_apart(actual: Any, expected: Any) -> None:
    assert difference(actual, expected) is None
    assert difference(actual, expected, strict=True)


@pytest.mark.parametrize(
    ("actual", "expected", "message"),
    [
        (None, [1], "expected a list, got None"),
        ([1, 5], [1, 2], "they differ first at position 1: 5, not 2"),
        ([1], [1, 2], "expected 2 items, got 1"),
        ({}, {"b": 1, "a": 2}, "the key 'b' is missing"),
        ({"z": 1, "y": 2}, {}, "the key 'z' should not be there"),
        ({"a": 1}, {"a": 2}, "they differ at key 'a': 1, not 2"),
        ([[1]], np.array([1]), "expected shape (1,), got (1, 1)"),
        ([[1], [1, 2]], np.array([1]), "expected an array of shape (1,), got a list of another form"),
        ([1, 2], np.array([1, 3]), "the arrays differ"),
        ([1], np.array([True]), "expected an array of bool, got one of int64"),
    ],
)
def test_message_says_where(actual: Any, expected: Any, message: str) -> None:
    assert difference(actual, expected) == message


def test_objects_without_one_answer_differ() -> None:
    array = np.empty(2, dtype=object)
    array[0] = array[1] = np.arange(2)
    assert difference(array, np.array([1, 2])) == "expected an array of int64, got one of object"


CLOSE = [
    (1.0000001, 1), ([1, 2.0], (1, 2)), (np.float32(0.1), 0.1), (NAN, NAN), (math.inf, math.inf), ([], []),
    (np.array([1, 2], dtype=np.uint8), [1.0, 2.0]), ([(0, 0.5)], [(0, 0.5)]), (10**30, 1e30), ([np.array(1)], [1]),
]  # fmt: skip

FAR = [
    (1.1, 1), (NAN, 1), (1, NAN), (math.inf, 1), (-math.inf, math.inf), (1e308, -1e308), ([1], 1), ([1, 2], [1, 2, 3]),
    ("1", 1), (b"1", 1), (["1"], [1]), (None, NAN), ([None], [NAN]), (True, 1), ([True], [1]), (1 + 1j, 1),
    ([1 + 0j], [1]), ([[1], [1, 2]], [1, 2]), (10**400, 1), ({"a": 1}, 1), ({1}, [1]), (Ref(1, "x.Y"), 1),
    (np.array(["2000-01-01"], "M8[D]"), [10957]), (np.array([True]), [1]), ([[1, [2]]], [[1, 2]]),
]  # fmt: skip


@pytest.mark.parametrize(("actual", "expected"), CLOSE)
def test_close(actual: Any, expected: Any) -> None:
    assert far_apart(actual, expected, 1e-6, 1e-6) is None


@pytest.mark.parametrize(("actual", "expected"), FAR)
def test_far_apart_or_no_numbers(actual: Any, expected: Any) -> None:
    assert far_apart(actual, expected, 1e-6, 1e-6)


@pytest.mark.parametrize(
    ("atol", "rtol", "close"), [(0.2, 0, True), (0.05, 0, False), (0, 0.02, True), (0, 0.005, False)]
)
def test_tolerances_add_up(atol: float, rtol: float, close: bool) -> None:
    assert (far_apart(10.1, 10, atol, rtol) is None) is close


def test_message_names_the_first_number_that_is_off() -> None:
    message = far_apart([[1, 2], [3.5, 5]], [[1, 2], [3, 4]], 1e-6, 1e-6)
    assert message == "2 of 4 numbers are off, the first at [1, 0]: 3.5, not 3"


def test_shown_is_clipped() -> None:
    assert shown("a") == "'a'"
    assert shown([0] * 1000).endswith("… (3,000 characters)")
    assert len(shown("x" * 10**6)) < 200


def test_whatever_arrives_can_be_shown() -> None:
    big = loads(b"9" * 4_300)
    assert len(shown([big])) < 200
