"""Decides whether a value is the expected one, and says how it differs in words a learner can use."""

from __future__ import annotations

from typing import Any

import numpy as np

_SHOWN = 160


def shown(value: Any) -> str:
    """Return `value` as the learner would write it, clipped."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 20]} … ({len(text):,} characters)"


def difference(actual: Any, expected: Any, *, strict: bool = False) -> str | None:
    """Say how `actual` differs from `expected`, or return None where they are equal.

    Lists and tuples are interchangeable, and so are Python's and NumPy's numbers, unless `strict`. A bool is never a
    number. Two NaNs are equal.
    """
    if isinstance(expected, np.ndarray):
        return _array_difference(actual, expected)
    actual, expected = _plain(actual, strict), _plain(expected, strict)
    if isinstance(expected, (list, tuple)):
        return _sequence_difference(actual, expected, strict)
    if isinstance(expected, dict) and isinstance(actual, dict):
        return _dict_difference(actual, expected, strict)
    if _kind(actual, strict) != _kind(expected, strict):
        return f"expected {_a(expected)}, got {_a(actual)}"
    both_nan = actual != actual and expected != expected
    return None if both_nan or actual == expected else "the values differ"


def far_apart(actual: Any, expected: Any, atol: float, rtol: float) -> str | None:
    """Say where numbers differ by more than `atol + rtol * |expected|`, or return None."""
    got, want = _numbers(actual), np.asarray(expected, dtype=float)
    if got is None:
        return f"expected numbers, got {_a(actual)}"
    if got.shape != want.shape:
        return f"expected shape {want.shape}, got {got.shape}"
    with np.errstate(all="ignore"):
        wrong = ~np.isclose(got, want, atol=atol, rtol=rtol, equal_nan=True)
    if not wrong.any():
        return None
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    where = f" at {list(place)}" if place else ""
    first = f"{got[place]:.6g}, not {want[place]:.6g}"
    return f"{int(wrong.sum())} of {wrong.size} numbers are off, the first{where}: {first}"


def _numbers(value: Any) -> np.ndarray[Any, Any] | None:
    """Return `value` as floats, None where it is not numbers all through: text that looks like one is none."""
    try:
        array = np.asarray(value)
        if array.dtype == object and all(_kind(item, False) == "number" for item in array.ravel().tolist()):
            return array.astype(float)
    except (TypeError, ValueError, OverflowError):  # lists of different lengths; an int that no float holds
        return None
    return array.astype(float) if array.dtype.kind in "iuf" else None


def _plain(value: Any, strict: bool) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return value.tolist() if isinstance(value, np.ndarray) and not strict else value


def _kind(value: Any, strict: bool) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and not strict:
        return "number"
    return type(value).__name__


def _a(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _array_difference(actual: Any, expected: np.ndarray[Any, Any]) -> str | None:
    try:
        got = np.asarray(actual)
    except ValueError:  # lists of different lengths
        return f"expected an array of shape {expected.shape}, got {_a(actual)} of another form"
    if got.shape != expected.shape:
        return f"expected shape {expected.shape}, got {got.shape}"
    if got.size and (got.dtype == bool) != (expected.dtype == bool):
        return f"expected an array of {expected.dtype}, got one of {got.dtype}"
    try:
        equal = np.array_equal(got, expected, equal_nan=expected.dtype.kind in "fc" and got.dtype.kind in "fc")
    except (TypeError, ValueError):  # objects that have no one answer to ==
        return f"expected an array of {expected.dtype}, got one of {got.dtype}"
    return None if equal else "the arrays differ"


def _sequence_difference(actual: Any, expected: Any, strict: bool) -> str | None:
    if not isinstance(actual, type(expected) if strict else (list, tuple)):
        return f"expected {_a(expected)}, got {_a(actual)}"
    for index, (got, want) in enumerate(zip(actual, expected, strict=False)):
        if difference(got, want, strict=strict) is not None:
            return f"they differ first at position {index}: {shown(got)}, not {shown(want)}"
    if len(actual) != len(expected):
        return f"expected {len(expected)} items, got {len(actual)}"
    return None


def _dict_difference(actual: dict[Any, Any], expected: dict[Any, Any], strict: bool) -> str | None:
    for key in expected:
        if key not in actual:
            return f"the key {shown(key)} is missing"
    for key in actual:
        if key not in expected:
            return f"the key {shown(key)} should not be there"
    for key, want in expected.items():
        if difference(actual[key], want, strict=strict) is not None:
            return f"they differ at key {shown(key)}: {shown(actual[key])}, not {shown(want)}"
    return None
