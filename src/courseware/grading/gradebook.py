"""The one writer of nbgrader's gradebook: a submission at a time, each in one transaction.

Rows are those that stock nbgrader's own steps make, so formgrader, feedback and export find what they expect. A score
a person gave stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from courseware.grading.errors import GradingError

Penalty = Callable[[str, float, float], float | None]
_NO_RESPONSE = "No response."


@dataclass(frozen=True)
class Entry:
    """What goes into the gradebook of one submission.

    `scores` holds points by cell, None where a person has to give them; `answered` says of each answer whether the
    learner changed it.
    """

    student: str
    lab: str
    time: datetime | None
    scores: Mapping[str, float | None]
    answered: Mapping[str, bool]


class GradebookWriter:
    """An open gradebook. `penalty` is the late policy: (learner, score, seconds late) to points taken off."""

    def __init__(self, url: str, course_id: str, penalty: Penalty) -> None:
        from nbgrader.api import Gradebook
        from sqlalchemy import text

        self._url, self._penalty = url, penalty
        with self._explained():
            self._gradebook = Gradebook(url, course_id)
            if url.startswith("sqlite"):
                # Readers such as formgrader go on reading while this writes.
                self._gradebook.db.execute(text("PRAGMA journal_mode=WAL"))
                self._gradebook.db.commit()

    def __enter__(self) -> GradebookWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._gradebook.close()

    def require(self, lab: str) -> None:
        """Raise GradingError unless the lab was released into this gradebook."""
        from nbgrader.api import MissingEntry

        with self._explained():
            try:
                self._gradebook.find_assignment(lab)
            except MissingEntry:
                raise GradingError(f"{lab} is not in the gradebook; run `course release {lab}` first") from None
            finally:
                self._gradebook.db.rollback()  # no transaction stays open while submissions are examined

    def record(self, entry: Entry) -> None:
        """Write one submission, all of it or nothing. Raises GradingError."""
        session = self._gradebook.db
        with self._explained():
            try:
                submission = self._submission(entry)
                for notebook in submission.notebooks:
                    self._fill(notebook, entry)
                session.flush()
                self._charge(submission)
                session.commit()
            except BaseException:
                session.rollback()
                raise

    def _explained(self) -> AbstractContextManager[None]:
        return explained(self._url, "used", "what was examined is in the journal: mend this and grade again")

    def _submission(self, entry: Entry) -> Any:
        from nbgrader.api import Assignment, Student, SubmittedAssignment

        session = self._gradebook.db
        student = session.get(Student, entry.student)
        if student is None:
            student = Student(id=entry.student)
            session.add(student)
        assignment = session.query(Assignment).filter(Assignment.name == entry.lab).one()
        mine = SubmittedAssignment.assignment_id == assignment.id, SubmittedAssignment.student_id == entry.student
        submission = session.query(SubmittedAssignment).filter(*mine).one_or_none()
        if submission is None:
            submission = SubmittedAssignment(assignment_id=assignment.id, student_id=entry.student)
            session.add(submission)
            session.flush()
            _mirror(session, assignment, submission)
        submission.timestamp = entry.time.astimezone(UTC).replace(tzinfo=None) if entry.time else None
        return submission

    def _fill(self, notebook: Any, entry: Entry) -> None:
        from nbgrader.api import BaseCell

        # While these are held, a row's cell is at hand; else each row would ask the database for its own.
        _cells = self._gradebook.db.query(BaseCell).filter(BaseCell.notebook_id == notebook.notebook_id).all()
        for grade in notebook.grades:
            if grade.name in entry.scores:
                grade.auto_score = entry.scores[grade.name]
                grade.needs_manual_grade = grade.auto_score is None and grade.manual_score is None
        for comment in notebook.comments:
            if comment.name in entry.answered:
                comment.auto_comment = None if entry.answered[comment.name] else _NO_RESPONSE

    def _charge(self, submission: Any) -> None:
        """Let the late policy decide, as nbgrader's own step does: per notebook, within 0 and the score."""
        for notebook in submission.notebooks:
            self._gradebook.db.refresh(notebook)
            late = submission.total_seconds_late
            points = self._penalty(submission.student_id, notebook.score, late) if late > 0 else None
            notebook.late_submission_penalty = None if points is None else min(max(points, 0.0), notebook.score)


def _mirror(session: Any, assignment: Any, submission: Any) -> None:
    """Give a new submission a row for every cell that is graded or commented on."""
    from nbgrader.api import Comment, Grade, SubmittedNotebook

    for notebook in assignment.notebooks:
        own = SubmittedNotebook(notebook_id=notebook.id, assignment_id=submission.id)
        session.add(own)
        session.flush()
        graded, commented = (
            [*notebook.grade_cells, *notebook.task_cells],
            [*notebook.solution_cells, *notebook.task_cells],
        )
        session.add_all(Grade(cell_id=cell.id, notebook_id=own.id) for cell in graded)
        session.add_all(Comment(cell_id=cell.id, notebook_id=own.id) for cell in commented)
    session.flush()
    session.refresh(submission)


@contextmanager
def explained(url: str, doing: str, step: str) -> Iterator[None]:
    """Turn a database's own complaint into one line: `doing` names what cannot be done, `step` what to do next."""
    from sqlalchemy.exc import SQLAlchemyError

    place = url.partition("?")[0].rpartition("@")[2]  # without a password
    try:
        yield
    except ModuleNotFoundError as error:
        missing = f"the package {error.name} is not installed"
        raise GradingError(f"the gradebook {place} cannot be {doing}: {missing}; install courseware[grade]") from error
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", error)).splitlines()[0]
        raise GradingError(f"the gradebook {place} cannot be {doing}: {why}; {step}") from error
