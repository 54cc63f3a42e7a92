"""Merges a new edition of a notebook into a learner's copy, cell by cell.

Three editions meet: `base`, as the learner got it; `mine`, as it is now; `new`, as the course has it. What the course
wrote is taken from `new`; what the learner wrote, in answers or in cells of their own, is taken from `mine`.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

Notebook = dict[str, Any]
Cell = dict[str, Any]


@dataclass(frozen=True)
class Merge:
    """The merged notebook and what the learner should know of it, one line each."""

    notebook: Notebook
    notes: tuple[str, ...]


def merge(base: Notebook, mine: Notebook, new: Notebook) -> Merge:
    """Return `new` with the learner's answers and own cells in their places; outputs of unchanged cells stay."""
    notes: list[str] = []
    before, written = _by_id(base), _by_id(mine)
    cells = [_merged_cell(cell, before.get(cell["id"]), written.get(cell["id"]), notes) for cell in new["cells"]]
    for anchor, cell in _own_cells(mine, before, _by_id(new), notes):
        cells.insert(_after(cells, anchor), cell)
    return Merge({**new, "cells": cells}, tuple(notes))


def _by_id(notebook: Notebook) -> dict[str, Cell]:
    return {cell["id"]: cell for cell in notebook["cells"] if "id" in cell}


def _merged_cell(new: Cell, base: Cell | None, mine: Cell | None, notes: list[str]) -> Cell:
    if mine is None or not _edited(mine, base):
        keeps_output = mine is not None and _text(mine) == _text(new)
        return copy.deepcopy(mine if keeps_output and mine is not None else new) | {"metadata": new["metadata"]}
    if _locked(new):
        notes.append(f"cell {new['id']}: your change to a locked cell was replaced by the new edition")
        return copy.deepcopy(new)
    if base is not None and _text(base) != _text(new):
        notes.append(
            f"cell {new['id']}: your answer was kept; the text around it in the course changed, so read it again"
        )
    return copy.deepcopy(mine) | {"metadata": new["metadata"]}


def _own_cells(mine: Notebook, base: dict[str, Cell], new: dict[str, Cell], notes: list[str]) -> list[tuple[str, Cell]]:
    """Return the cells only the learner has, each with the id of the cell it follows ("" for the first place)."""
    kept: list[tuple[str, Cell]] = []
    anchor = ""
    for cell in mine["cells"]:
        name = cell.get("id", "")
        if name in new:
            anchor = name
            continue
        if name in base and not _edited(cell, base[name]):
            continue  # the course withdrew it and the learner never touched it
        if name in base:
            notes.append(f"cell {name}: the new edition has no such cell; yours was kept where it stood")
        kept.append((anchor, {**copy.deepcopy(cell), "metadata": {}} if name in base else copy.deepcopy(cell)))
        anchor = name or anchor
    return kept


def _after(cells: list[Cell], anchor: str) -> int:
    return next(
        (place + 1 for place, cell in enumerate(cells) if cell.get("id") == anchor), 0 if not anchor else len(cells)
    )


def _edited(mine: Cell, base: Cell | None) -> bool:
    return base is None or _text(mine) != _text(base)


def _text(cell: Cell) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def _locked(cell: Cell) -> bool:
    return bool(cell.get("metadata", {}).get("nbgrader", {}).get("locked"))
