"""Puts a notebook together again from a submission: the learner's code, in the lab as it was released.

Of a submission only text is taken, and only of cells the learner may write: answers, their own cells, in their order.
Locked cells come from the lab, checks stand where the lab has them, metadata are dropped. What cannot be placed by
its name counts as a cell of the learner's own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from courseware.grading.lab import LabCell
from courseware.grading.submissions import SubmittedCell

_ADDED = LabCell("", "code", "look", "", "")


@dataclass(frozen=True)
class Rebuilt:
    """The cells to run, in order, and what had to be repaired."""

    cells: tuple[LabCell, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Item:
    """A cell on its way: its place in the lab, or None for one that the learner added."""

    place: int | None
    cell: LabCell


def rebuild(lab: Sequence[LabCell], submitted: Sequence[SubmittedCell]) -> Rebuilt:
    """Return the notebook to run for this submission."""
    notes: list[str] = []
    items = _matched(lab, submitted, notes)
    items = _without_moved(items, notes)
    for place, cell in enumerate(lab):
        if (cell.ours or cell.role == "manual") and all(item.place != place for item in items):
            items.insert(_position(items, place, cell), _Item(place, cell))
    return Rebuilt(tuple(item.cell for item in _checks_behind_answers(items)), tuple(notes))


def _matched(lab: Sequence[LabCell], submitted: Sequence[SubmittedCell], notes: list[str]) -> list[_Item]:
    """The submission's cells with the lab's cells they stand for."""
    places = {cell.id: place for place, cell in enumerate(lab)}
    seen: dict[int, int] = {}
    items: list[_Item] = []
    for given in submitted:
        place = next((places[name] for name in given.names if name in places), None)
        if place is None:
            if given.code:
                items.append(_Item(None, _named(_ADDED, len(items), given.text)))
        elif place in seen:
            _again(lab[place], given, items, seen[place], notes)
        else:
            seen[place] = len(items)
            own = lab[place] if lab[place].ours else replace(lab[place], text=given.text)
            items.append(_Item(place, own))
    return items


def _again(cell: LabCell, given: SubmittedCell, items: list[_Item], first: int, notes: list[str]) -> None:
    """A second cell of the same name: a cell that was split, or copied."""
    notes.append(f"cell {cell.id!r} is there more than once")
    if cell.ours:
        return
    if cell.kind == "code":
        items.append(_Item(None, _named(_ADDED, len(items), given.text)))
    else:
        joined = f"{items[first].cell.text}\n\n{given.text}"
        items[first] = _Item(items[first].place, replace(cell, text=joined))


def _named(cell: LabCell, number: int, text: str) -> LabCell:
    return replace(cell, id=f"added-{number}", text=text)


def _without_moved(items: list[_Item], notes: list[str]) -> list[_Item]:
    """Leave out the lab's own cells that stand in another order than in the lab."""
    in_order = _longest_rising([item.place for item in items if item.place is not None])
    moved = [item for item in items if item.place is not None and item.place not in in_order and item.cell.ours]
    notes += [f"cell {item.cell.id!r} was moved and is put back" for item in moved]
    return [item for item in items if item not in moved]


def _longest_rising(places: list[int]) -> set[int]:
    """A longest rising subsequence of different numbers, by patience sorting."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for place in places:
        at = bisect_left(ends, place)
        before[place] = ends[at - 1] if at else None
        ends[at : at + 1] = [place]
    kept: set[int] = set()
    place_or_none = ends[-1] if ends else None
    while place_or_none is not None:
        kept.add(place_or_none)
        place_or_none = before[place_or_none]
    return kept


def _position(items: list[_Item], place: int, cell: LabCell) -> int:
    """Where a missing cell goes: behind the cell before it in the lab; a check also behind what was added there."""
    before = max(
        ((item.place, at) for at, item in enumerate(items) if item.place is not None and item.place < place),
        default=(0, -1),
    )
    position = before[1] + 1
    while cell.role == "check" and position < len(items) and items[position].place is None:
        position += 1
    return position


def _checks_behind_answers(items: list[_Item]) -> list[_Item]:
    """Move each check behind the answers that the lab has before it, wherever the learner put those."""
    for item in [item for item in reversed(items) if item.cell.role == "check"]:
        at = items.index(item)
        later = [
            other
            for other, answer in enumerate(items)
            if other > at and answer.place is not None and item.place is not None and answer.place < item.place
            and answer.cell.role in ("answer", "locked")
        ]  # fmt: skip
        if later:
            items.insert(later[-1] + 1, item)
            del items[at]
    return items
