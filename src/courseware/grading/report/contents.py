"""The report as data: what the page, the terminal and `--json` show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from courseware.grading.lab import GradedLab
from courseware.grading.report.book import Book
from courseware.grading.report.manual import ManualProgress, manual_progress
from courseware.grading.report.reading import ClassWork, Ungraded
from courseware.grading.report.similarity import Pair, answers, released, similar_pairs
from courseware.grading.report.statistics import CaseStatistics, CheckStatistics, case_statistics, check_statistics


@dataclass(frozen=True)
class LabReport:
    """A lab's report. `learners` have a result; `mean` and `points` are of their automatic points."""

    lab: str
    learners: int
    mean: float | None
    points: float
    checks: tuple[CheckStatistics, ...]
    cases: tuple[CaseStatistics, ...]
    pairs: tuple[Pair, ...]
    manual: tuple[ManualProgress, ...]
    ungraded: tuple[Ungraded, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def lab_report(work: ClassWork, book: Book, labs: Iterable[GradedLab]) -> LabReport:
    """Make the report from what was read; `labs` are the versions that were graded."""
    scores = [one.examined.score for one in work.graded]
    checks = check_statistics(work.graded)
    pairs = similar_pairs({one.student: answers(one) for one in work.graded}, released(labs))
    return LabReport(
        book.lab, len(scores), round(sum(scores) / len(scores), 4) if scores else None,
        sum(one.points for one in checks), tuple(checks), tuple(case_statistics(work.graded)), tuple(pairs),
        tuple(manual_progress(book)), _ungraded(work, book),
    )  # fmt: skip


def _ungraded(work: ClassWork, book: Book) -> tuple[Ungraded, ...]:
    """Those whose work has no result, and those of the class who handed nothing in."""
    known = {one.student for one in work.graded} | {one.student for one in work.ungraded}
    elsewhere = "nothing was collected; the points in the gradebook are not of `course grade`"
    absent = [
        Ungraded(row.student, elsewhere if row.is_graded else "nothing was collected")
        for row in book.rows
        if row.student not in known
    ]
    return tuple(sorted([*work.ungraded, *absent], key=lambda one: one.student))
