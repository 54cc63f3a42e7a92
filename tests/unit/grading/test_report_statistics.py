"""Statistics of checks and cases, against values worked out by hand or by SciPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from scipy.stats import pointbiserialr

from courseware.grading.report.reading import Graded, runs
from courseware.grading.report.statistics import case_statistics, check_statistics, discrimination
from courseware.grading.results import CheckResult, Examined

PASS = {"a": 1, "b": 2, "c": 1}
CLASS = [(1, 2, 1), (1, 2, 0), (1, 1, 1), (0, 0, 0), (0, 2, 1)]


def result(name: str, score: float, *, seconds: float = 1.0, failed: str = "", **case: Any) -> CheckResult:
    cases = ({"title": "one", "points": 1, "status": "passed", "message": "", "category": ""} | case,)
    return CheckResult(name, score, PASS[name], seconds, cases, failed)


def learner(student: str, *checks: CheckResult, runs: tuple[Any, ...] = ()) -> Graded:
    return Graded(student, "v1", Examined(student, checks, ()), runs)


def class_of(scores: list[tuple[float, ...]]) -> list[Graded]:
    return [
        learner(f"learner{n}", *(result(name, score, seconds=n) for name, score in zip(PASS, row, strict=True)))
        for n, row in enumerate(scores, 1)
    ]


def journal(*examinations: tuple[str, Mapping[str, str], float]) -> tuple[Any, ...]:
    """Runs of check `a`, each as (submission, prints, score)."""
    lines: list[dict[str, Any]] = []
    for submission, prints, score in examinations:
        identity = {"submission": submission, "version": "v1", "seed": "s", "graders": "g"}
        lines.append({"begun": {"identity": identity, "checks": prints}})
        lines.append({"check": {"check": "a", "score": score, "points": 1, "seconds": 1, "cases": [], "failed": ""}})
    return tuple(runs(lines))


def test_numbers_of_a_check() -> None:
    one = {check.check: check for check in check_statistics(class_of(CLASS))}["b"]
    assert (one.learners, one.pass_rate, one.mean, one.points) == (5, 0.6, 1.4, 2)
    assert (one.median_s, one.p95_s) == (3, 4.8)
    assert (one.flaky, one.waiting) == ((), 0)


def test_discrimination_is_the_point_biserial_correlation_with_the_rest() -> None:
    found = {check.check: check.discrimination for check in check_statistics(class_of(CLASS))}
    passed, rest = [row[0] for row in CLASS], [row[1] + row[2] for row in CLASS]
    assert found["a"] == pytest.approx(pointbiserialr(passed, rest).statistic, abs=1e-4)


def test_discrimination_worked_out_by_hand() -> None:
    # Means of the rest 5 and 1, deviation 2, half of the class passed: (5 - 1) / 2 * sqrt(1/2 * 1/2) = 1.
    assert discrimination([1, 1, 0, 0], [5, 5, 1, 1]) == 1
    # Means 4 and 2 of 6, 2, 2, 2 with deviation sqrt(3): (4 - 2) / sqrt(3) / 2.
    assert discrimination([1, 1, 0, 0], [6, 2, 2, 2]) == pytest.approx(0.5774, abs=1e-4)


@pytest.mark.parametrize(
    ("scores", "rest"),
    [([1, 1, 1], [0, 1, 2]), ([0, 1, 1], [2, 2, 2]), ([0, 1], [0, 1]), ([], []), ([0.1] * 3, [1, 2, 3])],
)
def test_discrimination_without_variance_is_undefined(scores: list[float], rest: list[float]) -> None:
    assert discrimination(scores, rest) is None


def test_a_check_that_failed_by_itself_counts_for_nobody() -> None:
    (one,) = check_statistics([learner("ada", result("a", 0, failed="its fault")), learner("bob", result("a", 1))])
    assert (one.learners, one.pass_rate, one.waiting) == (1, 1, 1)
    (none,) = check_statistics([learner("ada", result("a", 0, failed="its fault"))])
    assert (none.learners, none.pass_rate, none.mean, none.p95_s) == (0, None, None, None)


@pytest.mark.parametrize(
    ("examinations", "names"),
    [
        ([("s1", {"a": "p1"}, 1), ("s1", {"a": "p1"}, 0)], ("ada",)),
        ([("s1", {"a": "p1"}, 1), ("s1", {"a": "p1"}, 1)], ()),
        ([("s1", {"a": "p1"}, 1), ("s2", {"a": "p1"}, 0)], ()),
        ([("s1", {"a": "p1"}, 1), ("s1", {"a": "p2"}, 0)], ()),
    ],
    ids=["two scores", "the same score", "another submission", "another check"],
)
def test_flaky_is_the_same_work_and_check_with_another_score(examinations: Any, names: tuple[str, ...]) -> None:
    (one,) = check_statistics([learner("ada", result("a", 1), runs=journal(*examinations))])
    assert one.flaky == names


def test_failures_of_a_case_by_status_and_the_most_frequent_messages() -> None:
    said = ["wrong", "wrong", "late", "other", "more", "more"]
    class_ = [learner(f"l{n}", result("a", 0, status="failed", message=text)) for n, text in enumerate(said)]
    class_ += [learner("slow", result("a", 0, status="too slow")), learner("ada", result("a", 1))]
    (one,) = case_statistics(class_)
    assert (one.check, one.case, one.learners) == ("a", "one", 8)
    assert one.failures == {"failed": 6, "too slow": 1}
    assert [(message.text, message.learners) for message in one.messages] == [("wrong", 2), ("more", 2), ("late", 1)]


def test_nobody_gives_no_statistics() -> None:
    assert (check_statistics([]), case_statistics([])) == ([], [])
