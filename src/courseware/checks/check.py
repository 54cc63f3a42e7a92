"""A check: one graded question, written once as `(student, world) -> None`, run in the notebook and in grading."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from courseware.checks.cases import Outcome, raised, recording
from courseware.checks.errors import CheckDefinitionError, LearnerError
from courseware.checks.silence import silenced
from courseware.checks.student import LocalChannel, Student
from courseware.checks.world import World

Body = Callable[[Student, World], None]

# Called with each result shown in a notebook; the learner's record of progress is one.
_listeners: list[Callable[[Result], None]] = []


def on_result(listener: Callable[[Result], None]) -> None:
    """Have `listener` called with the result of every check that is run in this notebook."""
    if listener not in _listeners:
        _listeners.append(listener)


@dataclass(frozen=True)
class Result:
    """What a check found: its cases in order, and the points they brought."""

    check: str
    title: str
    points: float
    outcomes: tuple[Outcome, ...]
    hidden: bool = False

    @property
    def score(self) -> float:
        """Points earned, a finite float between 0 and `points`."""
        return float(min(round(sum(outcome.earned for outcome in self.outcomes), 4), self.points))

    @property
    def passed(self) -> bool:
        """Whether every case passed."""
        return all(outcome.status == "passed" for outcome in self.outcomes)


@dataclass(frozen=True)
class Check:
    """One graded question; made by the decorator `check`."""

    id: str
    points: float
    title: str
    body: Body = field(repr=False)
    hidden: bool = False

    def run(self, student: Student, world: World) -> Result:
        """Ask every case and return how they went.

        Raises:
            CheckDefinitionError: the cases that ran do not add up to the check's points.
        """
        with recording() as record:
            stopped = self._stopped(student, world)
        outcomes = record.outcomes
        left = round(self.points - sum(outcome.points for outcome in outcomes), 4)
        if stopped is not None and left >= 0:
            outcomes.append(raised(Outcome("the rest of this check", left, "the rest of this check"), stopped))
        elif left != 0:
            raise CheckDefinitionError(
                f"check {self.id!r}: its cases add up to {self.points - left:g} points, not {self.points:g}"
            )
        return Result(self.id, self.title, self.points, tuple(outcomes), self.hidden)

    def grade(self, namespace: Mapping[str, Any]) -> float:
        """Run in the notebook: show the table and return the score, the last value of a graded cell."""
        from courseware.checks.table import display_result

        world = World.of_class(self.id)
        with silenced():  # a warning of the check's own, or of what the call left behind, would score the cell 0
            result = self.run(Student(LocalChannel(namespace)), world)
        display_result(result)
        for listener in _listeners:
            listener(result)
        return result.score

    def show(self, namespace: Mapping[str, Any]) -> None:
        """Run ungraded, as a lesson's exercises do."""
        self.grade(namespace)

    def _stopped(self, student: Student, world: World) -> LearnerError | None:
        """Run the body; return the learner's exception where it came outside any case."""
        try:
            self.body(student, world)
        except LearnerError as error:
            return error
        return None


def check(id: str, *, points: float = 0.0, title: str, hidden: bool = False) -> Callable[[Body], Check]:  # noqa: A002
    """Make the decorated function a check.

    Args:
        id: the grade id of its cell, `<task>-visible` or `<task>-hidden`; an exercise's id in a lesson.
        points: what its cases add up to; 0 for a lesson's exercise.
        title: what it is about, for the head of its table.
        hidden: whether its table shows categories only.
    """
    return lambda body: Check(id, float(points), title, body, hidden)
