"""Merges a new edition of a notebook into a learner's copy, cell by cell.

Three editions meet: `base`, as the learner got it; `mine`, as it is now; `new`, as the course has it. What the course
wrote is taken from `new`; what the learner wrote, in answers or in cells of their own, is taken from `mine`.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from courseware.learner.workspace.identity import Cell, text, with_ids

Notebook = dict[str, Any]

_KINDS = ("code", "markdown", "raw")


@dataclass(frozen=True)
class Merge:
    """The merged notebook and what the learner should know of it, one line each."""

    notebook: Notebook
    notes: tuple[str, ...]


def merge(base: Notebook, mine: Notebook, new: Notebook) -> Merge:
    """Return `new` with the learner's answers and own cells in their places; outputs of unchanged cells stay.

    Raises:
        ValueError: `mine` is JSON but not a notebook of today's format.
    """
    notes: list[str] = []
    before, after = ({cell["id"]: cell for cell in edition["cells"]} for edition in (base, new))
    written = with_ids(_cells(mine), [*before.values(), *after.values()])
    answers = {cell["id"]: cell for cell in written}
    cells = [_merged_cell(cell, before.get(name), answers.get(name), notes) for name, cell in after.items()]
    for anchor, cell in _own_cells(written, before, after, notes):
        cells.insert(_after(cells, anchor), cell)
    return Merge({**new, "cells": cells}, tuple(notes))


def _cells(notebook: Any) -> list[Cell]:
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise ValueError("it holds no list of cells")
    for place, cell in enumerate(cells, 1):
        if not isinstance(cell, dict) or cell.get("cell_type") not in _KINDS or not _is_text(cell.get("source")):
            raise ValueError(f"its cell {place} is not a notebook's cell")
        if not isinstance(cell.get("metadata"), dict) or not isinstance(cell["metadata"].get("nbgrader", {}), dict):
            raise ValueError(f"the metadata of its cell {place} is not a notebook's")
    return cells


def _is_text(source: object) -> bool:
    return isinstance(source, str) or (isinstance(source, list) and all(isinstance(line, str) for line in source))


def _merged_cell(new: Cell, base: Cell | None, mine: Cell | None, notes: list[str]) -> Cell:
    name = new["id"]
    if mine is None:
        return copy.deepcopy(new)
    if text(mine) == text(new) or (base is not None and text(mine) == text(base)):
        keeps_output = (text(mine), mine["cell_type"]) == (text(new), new["cell_type"])
        return copy.deepcopy(mine if keeps_output else new) | {"metadata": new["metadata"]}
    if _locked(new):
        notes.append(f"cell {name}: your change to a locked cell was replaced by the new edition")
        return copy.deepcopy(new)
    if base is not None and text(base) != text(new):
        notes.append(f"cell {name}: your answer was kept; the text around it in the course changed, so read it again")
    kept = mine if mine["cell_type"] == new["cell_type"] else new | {"source": mine["source"]}
    return copy.deepcopy(kept) | {"metadata": new["metadata"]}


def _own_cells(
    mine: list[Cell], base: dict[str, Cell], new: dict[str, Cell], notes: list[str]
) -> list[tuple[str, Cell]]:
    """Return the cells only the learner has, each with the id of the cell it follows ("" for the first place)."""
    kept: list[tuple[str, Cell]] = []
    anchor = ""
    for cell in mine:
        name = cell["id"]
        if name in base and name not in new:
            if text(cell) == text(base[name]):
                continue  # the course withdrew it and the learner never touched it
            notes.append(f"cell {name}: the new edition has no such cell; yours was kept where it stood")
        if name not in new:
            # Points belong to the course's cells: a copy that still claims some would stop nbgrader.
            own = {} if name in base else {key: value for key, value in cell["metadata"].items() if key != "nbgrader"}
            kept.append((anchor, copy.deepcopy(cell) | {"metadata": own}))
        anchor = name
    return kept


def _after(cells: list[Cell], anchor: str) -> int:
    return next((place + 1 for place, cell in enumerate(cells) if cell["id"] == anchor), 0)


def _locked(cell: Cell) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("locked"))
