"""The gradebook of one lab, read: who is in the class, and what each cell of theirs got. It writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from courseware.grading.config import ClassFolders
from courseware.grading.errors import GradingError
from courseware.grading.gradebook import explained
from courseware.nbgrader_settings import alembic_on_path


@dataclass(frozen=True)
class CellScore:
    """One cell's points. `auto` and `manual` are None where nobody gave any; a person's replace the automatic ones."""

    cell: str
    points: float
    by_hand: bool
    auto: float | None
    manual: float | None
    extra: float
    waiting: bool


@dataclass(frozen=True)
class Row:
    """A learner. `scores` is None where the gradebook has nothing that they handed in."""

    student: str
    first: str = ""
    last: str = ""
    email: str = ""
    lms_id: str = ""
    scores: tuple[CellScore, ...] | None = None
    penalty: float = 0.0

    @property
    def is_graded(self) -> bool:
        """Whether anything got points; a zero that was earned is one, a cell that nobody looked at is none."""
        return any((one.auto, one.manual) != (None, None) for one in self.scores or ())

    @property
    def automatic(self) -> float:
        """Automatic points that no person replaced."""
        return sum(one.auto or 0.0 for one in self.scores or () if one.manual is None)

    @property
    def manual(self) -> float:
        """Points a person gave, extra credit included; like nbgrader, none for a cell that has no points yet."""
        graded = [one for one in self.scores or () if (one.auto, one.manual) != (None, None)]
        return sum((one.manual or 0.0) + one.extra for one in graded)

    @property
    def total(self) -> float:
        """What counts, as `nbgrader export` says."""
        return max(0.0, self.automatic + self.manual - self.penalty)


@dataclass(frozen=True)
class Book:
    """A lab's part of the gradebook: what it is worth, and a row for each learner of the class."""

    lab: str
    points: float
    rows: tuple[Row, ...]


def read_book(folders: ClassFolders, lab: str) -> Book:
    """Return a lab's part of the gradebook. Raises GradingError where the lab is not in it, or it cannot be read."""
    from nbgrader.api import Gradebook, MissingEntry

    missing = f"{lab} is not in the gradebook; run `course release {lab}` first"
    if not _is_there(folders.url):  # opening it would make an empty one
        raise GradingError(missing)
    alembic_on_path()
    try:
        with (
            explained(folders.url, "read", "mend this and report again"),
            Gradebook(folders.url, folders.course_id) as book,
        ):
            return _book(book, lab)
    except MissingEntry:
        raise GradingError(missing) from None


def _is_there(url: str) -> bool:
    from sqlalchemy import make_url

    parts = make_url(url)
    return parts.get_backend_name() != "sqlite" or Path(parts.database or "").is_file()


def _book(book: Any, lab: str) -> Book:
    assignment = book.find_assignment(lab)
    submissions = {submission.student_id: submission for submission in assignment.submissions}
    rows = (_row(student, submissions.get(student.id)) for student in book.students)
    return Book(lab, float(assignment.max_score), tuple(sorted(rows, key=lambda row: row.student)))


def _row(student: Any, submission: Any) -> Row:
    scores, penalty = None, 0.0
    if submission is not None:
        scores = tuple(one for notebook in submission.notebooks for one in _scores(notebook))
        penalty = sum(notebook.late_submission_penalty or 0.0 for notebook in submission.notebooks)
    return Row(
        str(student.id), student.first_name or "", student.last_name or "", student.email or "",
        student.lms_user_id or "", scores, penalty,
    )  # fmt: skip


def _scores(notebook: Any) -> Iterator[CellScore]:
    """Each graded cell, in the gradebook's order. A cell that is answered and graded in one is a person's to grade."""
    answered = {comment.name for comment in notebook.comments}
    for grade in notebook.grades:
        yield CellScore(
            grade.name, float(grade.max_score or 0.0), grade.name in answered, grade.auto_score, grade.manual_score,
            grade.extra_credit or 0.0, bool(grade.needs_manual_grade),
        )  # fmt: skip
