"""What rules look at: the source of a lesson or lab, the tasks in it, and cells of built notebooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from courseware.build.lint.practice import Practice
from courseware.build.lint.problem import Problem
from courseware.build.places import Week
from courseware.build.source import Cell
from courseware.manifest import Week as Planned

_QUOTES = re.compile(r"\s*r?(\"\"\"|''')\s*")
_CHECK_ID = re.compile(r"(?P<task>.+)-(visible|hidden)")


@dataclass(frozen=True)
class Part:
    """The source of one lesson or lab that is marked ready."""

    kind: Literal["lesson", "lab"]
    week: Planned
    place: Week
    file: str
    cells: tuple[Cell, ...]
    lines: tuple[str, ...]
    practice: Practice

    def problem(self, cell: Cell, message: str, offset: int | None = None) -> Problem:
        """A problem at `cell`, or `offset` lines into its text."""
        if offset is None:
            return Problem(self.file, cell.line, message)
        next_line = self.lines[cell.line] if cell.line < len(self.lines) else ""
        return Problem(self.file, cell.line + 1 + offset + bool(_QUOTES.fullmatch(next_line)), message)

    def of_kind(self, kind: str) -> tuple[Cell, ...]:
        """The cells of one kind, in order."""
        return tuple(cell for cell in self.cells if cell.kind == kind)


@dataclass(frozen=True)
class Task:
    """What one pair of checks grades, or one manual cell: its text, its answers, its graded cells."""

    text: tuple[Cell, ...]
    answers: tuple[Cell, ...]
    graded: tuple[Cell, ...]

    @property
    def id(self) -> str:
        """What its checks are called before `-visible` and `-hidden`."""
        return task_of(self.graded[0] if self.graded else self.answers[0])

    @property
    def first(self) -> Cell:
        """The cell at which problems with the task are reported."""
        return (*self.answers, *self.graded)[0]

    @property
    def manual(self) -> bool:
        """Whether a person grades it."""
        return any(cell.role == "manual" for cell in self.graded)


@dataclass(frozen=True)
class BuiltCell:
    """A cell of a built notebook: its text, and the texts of its outputs."""

    file: str
    id: str
    kind: str
    text: str
    outputs: tuple[str, ...] = field(default=())


def task_of(cell: Cell) -> str:
    """The task a graded cell's id names."""
    found = _CHECK_ID.fullmatch(cell.id) if cell.role in ("check", "hidden") else None
    return found["task"] if found else cell.id


def tasks(lab: Part) -> tuple[Task, ...]:
    """The tasks of a lab, in order; several answers may share one pair of checks."""
    return tuple(_tasks(lab.cells))


def _tasks(cells: tuple[Cell, ...]) -> Iterator[Task]:
    text: list[Cell] = []
    waiting: list[Cell] = []  # text that belongs to the task the next answer or graded cell belongs to
    answers: list[Cell] = []
    graded: list[Cell] = []
    for cell in cells:
        if cell.role != "answer" and not cell.graded:
            waiting.append(cell)
            continue
        if graded and (cell.role == "answer" or task_of(cell) != task_of(graded[0])):
            yield Task(tuple(text), tuple(answers), tuple(graded))
            text, answers, graded = [], [], []
        text, waiting = text + waiting, []
        (graded if cell.graded else answers).append(cell)
    if answers or graded:
        yield Task(tuple(text), tuple(answers), tuple(graded))
