"""Rules about cards: the line above each task and exercise that says what it trains, costs and is worth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from courseware.build.lint.practice import Entry
from courseware.build.lint.problem import Problem
from courseware.build.lint.sources import Part, tasks
from courseware.build.lint.tree import Tree
from courseware.build.source import Cell

TIERS = ("core", "stretch", "open")
_CARD = re.compile(
    r"> \*\*Skill\*\* (?P<skill>\S(?:.*\S)?) · \*\*Difficulty\*\* (?P<difficulty>\d+)/5"
    r" · \*\*Importance\*\* (?P<importance>\d+)/5 · \*\*Minutes\*\* (?P<minutes>\d+)"
    r"(?: · \*\*Points\*\* (?P<points>\d+(?:\.\d+)?))? · \*\*Tier\*\* (?P<tier>\w+)"
)
_LIKE_A_CARD = re.compile(r"\*\*(Skill|Difficulty)\*\*")
_MINUTES = re.compile(r"\*\*Minutes:?\*\*:? (\d+)")
_ASSISTANCE = re.compile(r"\*\*Assistance(?::?\*\*:?|:) (\w+)")
_FORM = "> **Skill** … · **Difficulty** n/5 · **Importance** n/5 · **Minutes** n · **Points** n · **Tier** core"


@dataclass(frozen=True)
class Card:
    """One card and where it stands."""

    cell: Cell
    offset: int
    difficulty: int
    importance: int
    minutes: int
    points: float | None
    tier: str


def cards_in(cells: Iterable[Cell]) -> tuple[Card, ...]:
    """The well-formed cards in the prose of `cells`, in order."""
    lines = ((cell, offset, line) for cell in cells for offset, line in _candidates(cell))
    found = ((cell, offset, _CARD.fullmatch(line)) for cell, offset, line in lines)
    return tuple(_card(cell, offset, match) for cell, offset, match in found if match)


def exercises_of(lesson: Part) -> tuple[tuple[Entry, Card], ...]:
    """A lesson's exercises, each with its card; both go in the same order."""
    return tuple(zip(lesson.practice.of_kind("exercise"), cards_in(lesson.cells), strict=False))


def cards_have_their_form(tree: Tree) -> Iterator[Problem]:
    """Every card is a line in exactly the guide's form, its values in range, with points in labs alone."""
    for part in tree.parts:
        for cell in part.cells:
            for offset, line in _candidates(cell):
                found = _CARD.fullmatch(line)
                for wrong in _card_problems(part, _card(cell, offset, found)) if found else (_malformed(line),):
                    yield part.problem(cell, wrong, offset)


def tasks_have_one_card(tree: Tree) -> Iterator[Problem]:
    """One card stands above each task of a lab and each exercise of a lesson, and nowhere else."""
    for lab in tree.labs:
        own = tasks(lab)
        for task in own:
            count = len(cards_in(task.text))
            if count != 1:
                yield lab.problem(
                    task.first, f"{count} cards above task {task.id!r}, not 1; write one in the guide's form"
                )
        claimed = {card.cell.id for task in own for card in cards_in(task.text)}
        for card in cards_in(lab.cells):
            if card.cell.id not in claimed:
                yield lab.problem(card.cell, "a card above no task; remove it", card.offset)
    for lesson in tree.lessons:
        yield from _exercise_problems(lesson)


def card_points_add_up(tree: Tree) -> Iterator[Problem]:
    """A task's card states the sum of its graded cells' points."""
    for lab in tree.labs:
        for task in tasks(lab):
            total = sum(cell.points for cell in task.graded)
            for card in cards_in(task.text):
                if card.points is not None and card.points != total:
                    wrong = f"the card of {task.id!r} says {card.points:g} points, its cells {total:g}; make them equal"
                    yield lab.problem(card.cell, wrong, card.offset)


def card_minutes_fit(tree: Tree) -> Iterator[Problem]:
    """The minutes on a lab's cards fit into the lab's, those of a lesson's exercises into the week's practice."""
    for part in tree.parts:
        total = sum(card.minutes for card in cards_in(part.cells))
        allowed = part.week.lab.minutes if part.kind == "lab" else part.week.practice_minutes
        if total > allowed:
            key = "the lab's minutes" if part.kind == "lab" else "practice_minutes"
            wrong = f"the cards add up to {total} minutes, more than {key} in course.toml, {allowed}; change one"
            yield Problem(part.file, 1, wrong)


def headers_repeat_the_manifest(tree: Tree) -> Iterator[Problem]:
    """Where a lab's prose states its minutes or the assistance allowed, it says what course.toml says."""
    for lab in tree.labs:
        stated = (
            (_MINUTES, str(lab.week.lab.minutes), "minutes"),
            (_ASSISTANCE, lab.week.lab.assistance, "assistance"),
        )
        for cell in lab.of_kind("markdown"):
            for offset, line in enumerate(cell.text.splitlines()):
                for pattern, right, key in stated:
                    found = None if _LIKE_A_CARD.search(line) else pattern.search(line)
                    if found and found[1] != right:
                        wrong = f"says {key} {found[1]}, course.toml says {right}; change one"
                        yield lab.problem(cell, wrong, offset)


def _candidates(cell: Cell) -> Iterator[tuple[int, str]]:
    if cell.kind == "markdown":
        for offset, line in enumerate(cell.text.splitlines()):
            if _LIKE_A_CARD.search(line):
                yield offset, line


def _card(cell: Cell, offset: int, found: re.Match[str]) -> Card:
    points = None if found["points"] is None else float(found["points"])
    difficulty, importance, minutes = (int(found[name]) for name in ("difficulty", "importance", "minutes"))
    return Card(cell, offset, difficulty, importance, minutes, points, found["tier"])


def _card_problems(part: Part, card: Card) -> Iterator[str]:
    for name, value in (("difficulty", card.difficulty), ("importance", card.importance)):
        if not 1 <= value <= 5:
            yield f"the card's {name} is {value}, not 1 to 5; correct it"
    if card.minutes < 1:
        yield "the card says 0 minutes; estimate them"
    if card.tier not in TIERS:
        yield f"the card's tier is {card.tier!r}; write core, stretch or open"
    if (card.points is None) != (part.kind == "lesson"):
        yield (
            "a lab's card has points; add them" if part.kind == "lab" else "a lesson's card has no points; remove them"
        )


def _malformed(line: str) -> str:
    return f"not a card: {line.strip()[:60]!r}; write {_FORM}"


def _exercise_problems(lesson: Part) -> Iterator[Problem]:
    cards, exercises = cards_in(lesson.cells), lesson.practice.of_kind("exercise")
    if len(cards) != len(exercises):
        wrong = (
            f"{len(cards)} cards for {len(exercises)} exercises in practice.toml; give each exercise one, in its order"
        )
        yield Problem(lesson.file, 1, wrong)
        return
    place = {cell.id: index for index, cell in enumerate(lesson.cells)}
    for entry, card in exercises_of(lesson):
        if place.get(entry.id, len(place)) < place[card.cell.id]:
            wrong = f"exercise {entry.id!r} stands above its card; give practice.toml the order of the lesson"
            yield lesson.problem(lesson.cells[place[entry.id]], wrong)
