"""What the journal and the collected folders know of a lab: each learner's last result, and who has none and why.

It reads and changes nothing, so it may run beside a grading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from courseware.grading.config import ClassFolders
from courseware.grading.errors import GradingError, SubmissionError
from courseware.grading.journal import Attempt, Journal
from courseware.grading.lab import load_lab
from courseware.grading.results import CheckResult, Examined
from courseware.grading.submissions import Submission, read_submission
from courseware.manifest import Week


@dataclass(frozen=True)
class Run:
    """One examination, finished or not. Runs of the same `work` and the same prints should agree."""

    work: tuple[str, str, str]
    prints: Mapping[str, str]
    checks: tuple[CheckResult, ...]
    examined: Examined | None = None

    @property
    def version(self) -> str:
        """The lab's version it was graded as."""
        return self.work[1]


@dataclass(frozen=True)
class Graded:
    """A learner's last result, every run that the journal has of them, and the Python files they handed in."""

    student: str
    version: str
    examined: Examined
    runs: tuple[Run, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ungraded:
    """A learner whose work has no result, and why."""

    student: str
    why: str


@dataclass(frozen=True)
class ClassWork:
    """What there is of a lab."""

    graded: tuple[Graded, ...]
    ungraded: tuple[Ungraded, ...]


def read_class(folders: ClassFolders, week: Week) -> ClassWork:
    """Return each learner's last result and, of those whose collected work has none, why."""
    journal = Journal(folders.journal / week.id)
    known = {path.name for path in (folders.journal / week.id).glob("*") if path.is_dir()}
    handed_in = {path.parent.name for path in folders.submitted.glob(f"*/{week.id}")}
    graded, ungraded = [], []
    for student in sorted(known | handed_in):
        told = [_told(attempt) for attempt in journal.attempts(student)]
        submission, why = _submission(folders, week, student) if student in handed_in else (None, "")
        last = _last(told, submission)
        if submission is not None:
            why = _why(folders, week, submission, told)
        if last is not None:
            graded.append(_graded(student, last, told, submission))
        if why:
            ungraded.append(Ungraded(student, f"{why}; an earlier attempt counts here" if last else why))
    return ClassWork(tuple(graded), tuple(ungraded))


@dataclass(frozen=True)
class _Told:
    """What one attempt's journal tells, read once: its examinations, and what failed that was not the learner's."""

    attempt: Attempt
    runs: tuple[Run, ...]
    failures: tuple[str, ...]


def _told(attempt: Attempt) -> _Told:
    lines = attempt.lines
    return _Told(attempt, tuple(runs(lines)), tuple(str(line["failed"]) for line in lines if "failed" in line))


def runs(lines: Sequence[Mapping[str, Any]]) -> Iterator[Run]:
    """The examinations that a journal's lines tell of."""
    begun: Mapping[str, Any] | None = None
    checks: list[CheckResult] = []
    examined: Examined | None = None
    for line in lines:
        if "begun" in line:
            if begun is not None:
                yield _run(begun, checks, examined)
            begun, checks, examined = line["begun"], [], None
        elif "check" in line:
            checks.append(CheckResult(**{**line["check"], "cases": tuple(line["check"]["cases"])}))
        elif "examined" in line:
            examined = Examined.of_json(line["examined"])
    if begun is not None:
        yield _run(begun, checks, examined)


def _run(begun: Mapping[str, Any], checks: list[CheckResult], examined: Examined | None) -> Run:
    identity = begun["identity"]
    work = identity["submission"], identity["version"], identity["seed"]
    return Run(work, begun["checks"], (*checks, *(examined.checks if examined else ())), examined)


def _submission(folders: ClassFolders, week: Week, student: str) -> tuple[Submission | None, str]:
    try:
        return read_submission(folders.submitted / student / week.id, student, week.lab.files), ""
    except SubmissionError as error:
        return None, str(error)


def _last(told: Sequence[_Told], submission: Submission | None) -> Run | None:
    """The last result of what was collected; where that has none, of the newest attempt that has one."""
    for one in [*_of(told, submission), *reversed(told)]:
        finished = [run for run in one.runs if run.examined]
        if finished:
            return finished[-1]
    return None


def _of(told: Sequence[_Told], submission: Submission | None) -> list[_Told]:
    """What is told of this submission."""
    return [one for one in told if submission and one.attempt.is_of(submission.hash)]


def _graded(student: str, last: Run, told: Sequence[_Told], submission: Submission | None) -> Graded:
    assert last.examined is not None
    given = submission.files if submission else {}
    files = {name: content.decode("utf-8", "replace") for name, content in given.items() if name.endswith(".py")}
    known = tuple(replace(run, examined=None) for one in told for run in one.runs)
    # Outputs may be many times the rest, and a class is held in memory as a whole.
    cells = tuple(replace(cell, outputs=()) for cell in last.examined.cells)
    return Graded(student, last.version, replace(last.examined, cells=cells), known, files)


def _why(folders: ClassFolders, week: Week, submission: Submission, told: Sequence[_Told]) -> str:
    """Why this submission has no result; empty where it has one."""
    own = _of(told, submission)
    if any(run.examined for one in own for run in one.runs):
        return ""
    try:
        load_lab(folders.root, week, submission.version)
    except GradingError as error:
        return str(error)
    if failures := [failure for one in own for failure in one.failures]:
        return f"not examined, by no fault of theirs: {failures[-1]}"
    begun = any(one.runs for one in own)
    return "its examination did not end; grade again" if begun else f"not examined yet; run `course grade {week.id}`"
