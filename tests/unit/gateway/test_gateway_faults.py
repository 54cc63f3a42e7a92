"""Faults strike the exchanges they name, and say what is wrong with themselves."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.gateway.faults import Fault, FaultError, faults_of


@pytest.mark.parametrize(("on", "struck"), [("every", [1, 2, 3, 4]), (2, [2]), ([1, 3], [1, 3]), ([], [])])
def test_a_fault_strikes_the_exchanges_it_names(on: Any, struck: list[int]) -> None:
    (fault,) = faults_of([{"on": on, "status": 500}])
    assert [number for number in range(1, 5) if fault.strikes(number)] == struck


def test_a_fault_that_names_none_strikes_all() -> None:
    (fault,) = faults_of([{"status": 500}])
    assert all(fault.strikes(number) for number in range(1, 9))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request"),
        (401, "authentication"),
        (403, "permission"),
        (404, "not_found"),
        (413, "too_large"),
        (418, "invalid_request"),
        (429, "rate_limit"),
        (500, "server"),
        (503, "server"),
        (504, "timeout"),
        (529, "overloaded"),
    ],
)
def test_a_status_is_an_error_of_its_kind(status: int, kind: str) -> None:
    error = Fault(status=status).error()
    assert error is not None
    assert (error.status, error.kind) == (status, kind)
    assert error.message


def test_words_and_waiting_time_may_be_given() -> None:
    error = Fault(status=429, message="No more.", retry_after_s=1.5).error()
    assert error is not None
    assert (error.message, error.retry_after_s) == ("No more.", 1.5)


def test_a_fault_without_a_status_is_no_error() -> None:
    assert Fault(delay_s=1).error() is None


WRONG: dict[str, tuple[Any, str]] = {
    "no list": ({"on": 1, "status": 500}, "faults are dict, not a list"),
    "text": (["500"], "not a fault: faults.0: "),
    "nothing": ([{}], "not a fault: faults.0: .*does nothing"),
    "only when": ([{"on": 3}], "not a fault: faults.0: .*does nothing"),
    "no error": ([{"status": 429}, {"status": 200}], "not a fault: faults.1.status: "),
    "zeroth exchange": ([{"on": 0, "status": 500}], "not a fault: faults.0.on"),
    "some exchange": ([{"on": "some", "status": 500}], "not a fault: faults.0.on"),
    "true": ([{"on": True, "status": 500}], "not a fault: faults.0.on"),
    "long wait": ([{"delay_s": 61}], "not a fault: faults.0.delay_s: "),
    "negative": ([{"cut_after": -1}], "not a fault: faults.0.cut_after: "),
    "unknown field": ([{"status": 500, "mood": 1}], "not a fault: faults.0.mood: "),
}


@pytest.mark.parametrize(("data", "said"), WRONG.values(), ids=WRONG)
def test_bad_data_is_refused_in_one_line_with_its_place(data: Any, said: str) -> None:
    with pytest.raises(FaultError, match=said) as caught:
        faults_of(data)
    assert "\n" not in str(caught.value)
