"""How each check and each case went over a class: the numbers that show a check which is wrong, slow or by chance."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from courseware.grading.report.reading import Graded
from courseware.grading.results import CheckResult

MOST_MESSAGES = 3
_LONGEST_MESSAGE = 200
_FEWEST_FOR_DISCRIMINATION = 3


@dataclass(frozen=True)
class CheckStatistics:
    """One check over the class. What has no value, such as the mean of nobody, is None.

    `discrimination` is the correlation of the check's points with the points of all others: None where one of them
    is the same for everybody. `flaky` names learners for whom the same work and the same check gave another score.
    `waiting` counts those for whom the check itself failed; they count in nothing else.
    """

    check: str
    points: float
    learners: int
    pass_rate: float | None
    mean: float | None
    median_s: float | None
    p95_s: float | None
    discrimination: float | None
    flaky: tuple[str, ...]
    waiting: int


@dataclass(frozen=True)
class Message:
    """What a case said, and to how many learners."""

    text: str
    learners: int


@dataclass(frozen=True)
class CaseStatistics:
    """One case of a check: failures by how they ended, and what was said most often."""

    check: str
    case: str
    points: float
    learners: int
    failures: dict[str, int]
    messages: tuple[Message, ...]


def check_statistics(graded: Sequence[Graded]) -> list[CheckStatistics]:
    """Statistics of each check, in the lab's order."""
    chance = flaky(graded)
    return [_check(name, graded, tuple(sorted(chance.get(name, ())))) for name in _checks(graded)]


def discrimination(scores: Sequence[float], rest: Sequence[float]) -> float | None:
    """The correlation of a check's scores with the rest of the totals (point-biserial where a check is all or none).

    None below three learners, or where one of the two has no variance.
    """
    varied = len({round(x, 6) for x in scores}) > 1 and len({round(x, 6) for x in rest}) > 1
    if len(scores) < _FEWEST_FOR_DISCRIMINATION or not varied:
        return None
    return round(float(np.corrcoef(scores, rest)[0, 1]), 4)


def flaky(graded: Iterable[Graded]) -> dict[str, set[str]]:
    """By check, the learners for whom the same submission and the same fingerprint gave different scores."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in graded:
        scores: dict[tuple[object, ...], set[float]] = defaultdict(set)
        for run in one.runs:
            for check in run.checks:
                if not check.failed:
                    scores[check.check, run.work, run.prints.get(check.check)].add(check.score)
        for key, seen in scores.items():
            if len(seen) > 1:
                found[str(key[0])].add(one.student)
    return dict(found)


def case_statistics(graded: Sequence[Graded]) -> list[CaseStatistics]:
    """Statistics of each case, in the order of the checks."""
    found = []
    for name in _checks(graded):
        results = _results(name, graded)
        titles = dict.fromkeys(str(case["title"]) for result in results for case in result.cases)
        found += [_case(name, title, results) for title in titles]
    return found


def _checks(graded: Iterable[Graded]) -> list[str]:
    return list(dict.fromkeys(check.check for one in graded for check in one.examined.checks))


def _results(name: str, graded: Iterable[Graded]) -> list[CheckResult]:
    return [c for one in graded for c in one.examined.checks if c.check == name and not c.failed]


def _check(name: str, graded: Sequence[Graded], chance: tuple[str, ...]) -> CheckStatistics:
    results = _results(name, graded)
    asked = sum(check.check == name for one in graded for check in one.examined.checks)
    points = max((c.points for one in graded for c in one.examined.checks if c.check == name), default=0.0)
    scores, seconds = [result.score for result in results], [result.seconds for result in results]
    passed = [result.score >= result.points - 1e-9 for result in results]
    return CheckStatistics(
        name, points, len(results), _mean(passed), _mean(scores), _percentile(seconds, 50), _percentile(seconds, 95),
        discrimination(scores, _rests(name, graded)), chance, asked - len(results),
    )  # fmt: skip


def _rests(name: str, graded: Iterable[Graded]) -> list[float]:
    """What each learner who was scored by this check has of all others."""
    scored = [one for one in graded if any(c.check == name and not c.failed for c in one.examined.checks)]
    return [sum(c.score for c in one.examined.checks if c.check != name) for one in scored]


def _case(check: str, title: str, results: Iterable[CheckResult]) -> CaseStatistics:
    cases = [case for result in results for case in result.cases if case["title"] == title]
    failed = [case for case in cases if case["status"] != "passed"]
    said = Counter(str(case["message"]).strip()[:_LONGEST_MESSAGE] for case in failed if case["message"])
    messages = tuple(Message(text, count) for text, count in said.most_common(MOST_MESSAGES))
    points = max((float(case["points"]) for case in cases), default=0.0)
    return CaseStatistics(check, title, points, len(cases), dict(Counter(str(c["status"]) for c in failed)), messages)


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None


def _percentile(values: Sequence[float], share: float) -> float | None:
    return round(float(np.percentile(values, share)), 4) if values else None
