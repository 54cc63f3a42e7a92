"""How cases end, what they bring, and what an author is told who wrote a check wrongly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from courseware.checks import Check, CheckDefinitionError, LearnerError, Result, Student, World, case, check
from courseware.checks.cases import Record

Serve = Callable[[str], Student]
Body = Callable[[Student, World], None]


def run(student: Student, body: Body, points: float = 3) -> Result:
    """Run a check of that body."""
    return check("train-visible", points=points, title="Training")(body).run(student, World())


def statuses(result: Result) -> list[str]:
    return [outcome.status for outcome in result.outcomes]


@pytest.fixture
def student(serve: Serve) -> Student:
    return serve("def good(x): return x\ndef bad(x): raise KeyError('told')\ndef stub(x): raise NotImplementedError")


def test_cases_that_hold_bring_their_points(student: Student) -> None:
    def body(student: Student, world: World) -> None:
        with case("keeps numbers", points=1) as c:
            c.equal(student.call("good", 5), 5)
            c.close(student.call("good", 0.1), 0.1)
        with case("keeps text", points=2) as c:
            c.true(student.call("good", "a") == "a", "it is another text")

    result = run(student, body)
    assert (result.score, result.passed, type(result.score)) == (3.0, True, float)


def test_case_that_fails_costs_its_points_alone(student: Student) -> None:
    def body(student: Student, world: World) -> None:
        with case("first", points=1, hint="Think.") as c:
            c.equal(student.call("good", 5), 6)
            raise AssertionError("a case ends where it fails")
        with case("second", points=2) as c:
            c.equal(student.call("good", 5), 5)

    result = run(student, body)
    first = result.outcomes[0]
    assert (result.score, result.passed, statuses(result)) == (2.0, False, ["failed", "passed"])
    assert (first.message, first.expected, first.actual, first.hint) == ("the values differ", "6", "5", "Think.")


def test_learners_exception_costs_its_case_alone(student: Student) -> None:
    def body(student: Student, world: World) -> None:
        with case("first", points=1):
            student.call("bad", 5)
        with case("second", points=2) as c:
            c.equal(student.call("good", 5), 5)

    result = run(student, body)
    assert (result.score, statuses(result)) == (2.0, ["raised", "passed"])
    assert result.outcomes[0].message == "KeyError: 'told'"
    assert result.outcomes[0].where == "bad, line 2: def bad(x): raise KeyError('told')"


@pytest.mark.parametrize(
    ("kind", "status", "message"),
    [
        ("CallTooSlow", "too slow", "told"),
        ("TooLarge", "too large", "told"),
        ("ValueError", "raised", "ValueError: told"),
        ("NotImplementedError", "raised", "NotImplementedError: told"),
    ],
)
def test_ending_of_a_case_names_what_happened(record: Record, kind: str, status: str, message: str) -> None:
    with case("first"):
        raise LearnerError((kind, "Exception"), "told")
    assert (record.outcomes[0].status, record.outcomes[0].message) == (status, message)


def test_stub_is_not_written_yet(student: Student) -> None:
    def body(student: Student, world: World) -> None:
        with case("first", points=3):
            student.call("stub", 5)

    assert run(student, body).outcomes[0].message == "not written yet"


def test_exception_outside_a_case_costs_the_rest_of_the_check(student: Student) -> None:
    def body(student: Student, world: World) -> None:
        with case("first", points=1):
            student.call("good", 5)
        student.call("bad", 5)
        with case("never", points=2):
            pass

    result = run(student, body)
    rest = result.outcomes[-1]
    assert (result.score, statuses(result)) == (1.0, ["passed", "raised"])
    assert (rest.title, rest.points, rest.earned, rest.message) == ("the rest of this check", 2, 0, "KeyError: 'told'")


@pytest.mark.parametrize("given", [(), (1,), (1, 1), (1, 2, 1), (float("nan"),), (float("inf"),), (4, -2)])
def test_points_that_do_not_add_up_are_the_authors_error(student: Student, given: tuple[float, ...]) -> None:
    def body(student: Student, world: World) -> None:
        for points in given:
            with case("one", points=points):
                pass

    with pytest.raises(CheckDefinitionError, match=r"'train-visible': its cases add up to .* points, not 3"):
        run(student, body)


def test_too_many_points_are_the_authors_error_even_where_the_learners_code_raises(student: Student) -> None:
    def body(student: Student, world: World) -> None:
        with case("one", points=4):
            pass
        student.call("bad", 5)

    with pytest.raises(CheckDefinitionError, match="add up to 4 points, not 3"):
        run(student, body)


def test_fractions_of_points_add_up(student: Student) -> None:
    def body(student: Student, world: World) -> None:
        for _ in range(10):
            with case("a tenth", points=0.1):
                pass

    assert run(student, body, points=1).score == 1.0


def test_error_of_the_check_itself_is_not_the_learners(student: Student) -> None:
    def body(student: Student, world: World) -> None:
        with case("one", points=3):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(student, body)


def test_outcomes_of_two_checks_do_not_mix(student: Student) -> None:
    def inner(student: Student, world: World) -> None:
        with case("inner", points=3):
            pass

    def outer(student: Student, world: World) -> None:
        assert len(run(student, inner).outcomes) == 1
        with case("outer", points=3):
            pass

    assert [outcome.title for outcome in run(student, outer).outcomes] == ["outer"]


def test_case_outside_a_check_is_the_authors_error() -> None:
    with pytest.raises(CheckDefinitionError, match="case 'alone' ran outside a check"), case("alone"):
        pass


def test_decorator_makes_a_check() -> None:
    made = check("a-hidden", points=2, title="A", hidden=True)(lambda student, world: None)
    assert isinstance(made, Check)
    assert (made.id, made.points, made.title, made.hidden) == ("a-hidden", 2.0, "A", True)


# Comparisons


def fails(record: Record, compare: Callable[[Any], None]) -> tuple[str, str, str]:
    """Message, expected and actual of the case in which `compare` fails."""
    with case("one") as c:
        compare(c)
    outcome = record.outcomes[-1]
    assert outcome.status == "failed"
    return outcome.message, outcome.expected, outcome.actual


def test_own_message_replaces_the_found_one(record: Record) -> None:
    assert fails(record, lambda c: c.equal(1, 2, "wrong")) == ("wrong", "2", "1")
    assert fails(record, lambda c: c.close(1, 2, message="wrong")) == ("wrong", "2", "1")


def test_true_shows_what_it_is_given(record: Record) -> None:
    assert fails(record, lambda c: c.true([], "empty")) == ("empty", "", "")
    assert fails(record, lambda c: c.true(False, "wrong", actual=[1])) == ("wrong", "", "[1]")


def test_strict_reaches_the_comparison(record: Record) -> None:
    assert fails(record, lambda c: c.equal((1,), [1], strict=True))[0] == "expected a list, got a tuple"


@pytest.mark.parametrize("kind", ["KeyError", "LookupError", "Exception", "BaseException"])
def test_raises_takes_the_class_and_its_bases(student: Student, record: Record, kind: str) -> None:
    with case("one") as c, c.raises(kind):
        student.call("bad", 5)
    assert record.outcomes[0].status == "passed"


def test_raises_of_another_kind_shows_the_exception(student: Student, record: Record) -> None:
    with case("one") as c, c.raises("ValueError"):
        student.call("bad", 5)
    assert (record.outcomes[0].status, record.outcomes[0].message) == ("raised", "KeyError: 'told'")


def test_raises_fails_where_nothing_is_raised(student: Student, record: Record) -> None:
    with case("one") as c, c.raises("ValueError"):
        student.call("good", 5)
    assert (record.outcomes[0].message, record.outcomes[0].expected) == (
        "expected ValueError, but it returned",
        "ValueError",
    )
