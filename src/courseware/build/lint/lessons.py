"""Rules about a lesson's anatomy: objectives that are tested, and every part a good lesson has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from courseware.build.lint.cards import TIERS, cards_in
from courseware.build.lint.modules import parsed
from courseware.build.lint.points import checked_exercises
from courseware.build.lint.problem import Problem
from courseware.build.lint.sources import Part, tasks
from courseware.build.lint.tree import Tree
from courseware.build.source import Cell

OBJECTIVES, QUIZ_ITEMS = (4, 6), (5, 6)
_HEADING = "## You will be able to"
_ITEM = re.compile(r"(?:[-*]|\d+\.) +(?P<text>\S.*)")
_CODE = re.compile(r"`([^`]+)`")
_HINT = re.compile(r"\bhint\([\"']([^\"']+)")
_CONTROL = re.compile(r"\b(?:negative )?controls?\b", re.IGNORECASE)
_CALLS = {"predict": "predict", "hint": "exercise", "reveal": "exercise"}


@dataclass(frozen=True)
class Objective:
    """One line under the heading, without the markup of its list."""

    cell: Cell
    offset: int
    text: str


def objectives_of(lesson: Part) -> tuple[Objective, ...]:
    """The objectives, in order; an item may run over several lines."""
    return tuple(_objectives(lesson))


def lessons_state_objectives(tree: Tree) -> Iterator[Problem]:
    """Under `## You will be able to` stands a list of four to six objectives."""
    for lesson in tree.lessons:
        count = len(objectives_of(lesson))
        if not OBJECTIVES[0] <= count <= OBJECTIVES[1]:
            wrong = f"{count} objectives in a list under {_HEADING!r}, not {OBJECTIVES[0]} to {OBJECTIVES[1]}; mend it"
            yield Problem(lesson.file, 1, wrong)


def objectives_are_tested(tree: Tree) -> Iterator[Problem]:
    """Each objective is some quiz item's, or names in code a checked exercise; no item tests one that is not there."""
    for lesson in tree.lessons:
        objectives = objectives_of(lesson)
        asked = {entry.data.get("objective") for entry in lesson.practice.of_kind("quiz")}
        checked = checked_exercises(tree, lesson)
        for number, objective in enumerate(objectives, 1):
            if number not in asked and not checked & set(_CODE.findall(objective.text)):
                wrong = f"objective {number} is tested nowhere: {objective.text[:50]!r}; ask it in the quiz"
                yield lesson.problem(objective.cell, wrong, objective.offset)
        for entry in lesson.practice.of_kind("quiz"):
            tested = entry.data.get("objective")
            if tested not in range(1, len(objectives) + 1):
                yield lesson.practice.problem(entry, f"objective is {tested!r}, not 1 to {len(objectives)}; correct it")


def lessons_have_their_parts(tree: Tree) -> Iterator[Problem]:
    """A prediction, a cell that fails on purpose, a control, a quiz, and exercises of every tier."""
    for lesson in tree.lessons:
        calls = {name for cell in lesson.of_kind("code") for name, _ in _calls(cell)}
        tiers = {card.tier for card in cards_in(lesson.cells)}
        text = "\n".join(cell.text for cell in lesson.cells)
        parts = {
            "a call of predict()": "predict" in calls,
            "a call of quiz()": "quiz" in calls,
            "a cell tagged raises-exception": any("raises-exception" in cell.tags for cell in lesson.cells),
            "a control, called so, in its experiment": _CONTROL.search(text) is not None,
            **{f"an exercise of tier {tier}": tier in tiers for tier in TIERS},
        }
        for part, there in parts.items():
            if not there:
                yield Problem(lesson.file, 1, f"the lesson has not {part}; add it")


def quizzes_have_their_length(tree: Tree) -> Iterator[Problem]:
    """A lesson's quiz has five or six items."""
    for lesson in tree.lessons:
        count = len(lesson.practice.of_kind("quiz"))
        if not QUIZ_ITEMS[0] <= count <= QUIZ_ITEMS[1]:
            wrong = f"{count} quiz items, not {QUIZ_ITEMS[0]} or {QUIZ_ITEMS[1]}; add or remove some"
            yield Problem(lesson.practice.file, 1, wrong)


def practice_is_used(tree: Tree) -> Iterator[Problem]:
    """What a cell asks for by id is in the practice file, and what is there has its cell or task."""
    for part in tree.parts:
        known = {kind: {entry.id for entry in part.practice.of_kind(kind)} for kind in ("predict", "exercise")}
        asked: set[str] = set()
        for cell in part.of_kind("code"):
            for name, wanted in _calls(cell):
                kind = _CALLS.get(name)
                if kind and wanted is not None and wanted not in known[kind]:
                    yield part.problem(
                        cell, f"{name}({wanted!r}): practice.toml has no such {kind}; add it or correct the id"
                    )
                asked |= {wanted} if name == "predict" and wanted else set()
        places, needed = _places(part)
        for entry in part.practice.entries:
            if entry.kind == "predict" and entry.id not in asked:
                yield part.practice.problem(entry, f"no cell calls predict({entry.id!r}); call it or remove the entry")
            if entry.kind == "exercise" and entry.id not in places:
                yield part.practice.problem(entry, "no cell has this id and none calls its hint; correct the id")
        for name in sorted(needed - known["exercise"]):
            yield Problem(part.practice.file, 1, f"task {name!r} has no hints; add an [[exercise]] with this id")


def _places(part: Part) -> tuple[set[str], set[str]]:
    """The ids an exercise's hints may be for, and those of a lab's tasks, which need some."""
    if part.kind == "lesson":
        named = (found[1] for cell in part.cells for found in _HINT.finditer(cell.text))
        return {cell.id for cell in part.cells} | set(named), set()
    own = tasks(part)
    answers = {cell.id for task in own for cell in task.answers}
    return answers | {task.id for task in own}, {task.id for task in own if not task.manual}


def _objectives(lesson: Part) -> Iterator[Objective]:
    for cell in lesson.of_kind("markdown"):
        inside = False
        for offset, line in enumerate(cell.text.splitlines()):
            if line.startswith("#"):
                inside = line.strip() == _HEADING
            elif inside and (found := _ITEM.match(line)):
                yield Objective(cell, offset, found["text"])


def _calls(cell: Cell) -> Iterator[tuple[str, str | None]]:
    """The functions a cell calls by plain name, with their first argument where it is a text."""
    for node in ast.walk(parsed(cell.text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            first = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
            yield node.func.id, first if isinstance(first, str) else None
