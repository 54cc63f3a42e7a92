"""Gives every cell of a learner's notebook an id of its own, so that a merge can tell which cell is which.

Editors that write nbformat 4.4 drop ids, cut-and-paste changes them, and an edit by hand can repeat one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any

Cell = dict[str, Any]

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def text(cell: Cell) -> str:
    """The source of a cell as one text, however it was stored."""
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def grade_id(cell: Cell) -> str:
    """What nbgrader calls the cell, or an empty text."""
    return str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""))


def with_ids(mine: Iterable[Cell], known: Iterable[Cell]) -> list[Cell]:
    """Return copies of `mine`, each with a valid id that no other has.

    A cell without an id of the course is still the course's where it carries the grade id, or, without any id, the
    text of one of the `known` cells that is not there otherwise. The first of two cells with one id keeps it.
    """
    known, mine = list(known), list(mine)
    ids = {cell["id"] for cell in known}
    there = {cell["id"] for cell in mine if isinstance(cell.get("id"), str)}
    missing = [cell for cell in known if cell["id"] not in there]
    by_grade = {grade_id(cell): cell["id"] for cell in missing if grade_id(cell)}
    by_text = {text(cell): cell["id"] for cell in missing if not grade_id(cell)}
    used: set[str] = set()
    found = []
    for cell in mine:
        name = _name(cell, ids, used, by_grade, by_text)
        used.add(name)
        found.append(cell | {"id": name})
    return found


def _name(cell: Cell, ids: set[str], used: set[str], by_grade: dict[str, str], by_text: dict[str, str]) -> str:
    name = cell.get("id")
    valid = isinstance(name, str) and _ID.fullmatch(name) is not None
    claimed = by_grade.get(grade_id(cell)) or ("" if valid else by_text.get(text(cell), ""))
    if valid and name in ids and name not in used:
        return str(name)
    if claimed and claimed not in used:
        return claimed
    return str(name) if valid and name not in used else _fresh(cell, ids | used)


def _fresh(cell: Cell, taken: set[str]) -> str:
    """Return an id made of the cell's text, the same in every run."""
    count = 0
    while True:
        name = "own-" + hashlib.sha256(f"{count}:{text(cell)}".encode("utf-8", "replace")).hexdigest()[:12]
        if name not in taken:
            return name
        count += 1
