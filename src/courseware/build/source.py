"""Reads a notebook's text source (py:percent) into cells; the only place that knows the format of the markers."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import jupytext

from courseware.build.errors import SourceError

Role = Literal["", "locked", "answer", "check", "hidden", "manual"]
GRADED_ROLES = ("check", "hidden", "manual")
_MARKER = re.compile(r"^# %%")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_JUPYTEXT_OWN = {"cell_marker", "lines_to_next_cell", "lines_to_end_of_cell_marker"}


@dataclass(frozen=True)
class Cell:
    """One cell of a source. `line` is its marker's line; `points` is 0 for a cell that is not graded."""

    kind: Literal["code", "markdown"]
    text: str
    id: str
    role: Role
    points: float
    tags: tuple[str, ...]
    line: int

    @property
    def graded(self) -> bool:
        """Whether nbgrader keeps a score for it."""
        return self.role in GRADED_ROLES


def read_source(path: Path) -> tuple[Cell, ...]:
    """Return the cells of the source at `path`, each with an id.

    Raises:
        SourceError: a marker has an unknown key, role or id; the message names file and line.
    """
    text = path.read_text(encoding="utf-8")
    notebook = jupytext.reads(text, fmt="py:percent")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _MARKER.match(line)]
    if len(lines) != len(notebook.cells):
        raise SourceError(
            f"{path}:1: {len(notebook.cells)} cells but {len(lines)} markers; start every cell with '# %%'"
        )
    cells = [_cell(path, line, node) for line, node in zip(lines, notebook.cells, strict=True)]
    return _with_ids(path, cells)


def _cell(path: Path, line: int, node: Any) -> Cell:
    options = {key: value for key, value in node.metadata.items() if key not in _JUPYTEXT_OWN}
    name, role = options.pop("id", ""), options.pop("role", "")
    points, tags = options.pop("points", 0), options.pop("tags", [])
    if options:
        raise SourceError(
            f"{path}:{line}: unknown key {next(iter(options))!r} in a cell marker; known are id, role, points, tags"
        )
    if role not in get_args(Role):
        raise SourceError(f"{path}:{line}: unknown role {role!r}; known are {', '.join(get_args(Role)[1:])}")
    if name and not _ID.fullmatch(name):
        raise SourceError(f"{path}:{line}: id {name!r} is not lower-case words joined by hyphens; rename it")
    if role and not name:
        raise SourceError(f'{path}:{line}: a cell with a role needs an id; write id="..." in its marker')
    if node.cell_type not in ("code", "markdown"):
        raise SourceError(f"{path}:{line}: a {node.cell_type} cell; write code or [markdown]")
    return Cell(node.cell_type, node.source, name, role, float(points), tuple(tags), line)


def _with_ids(path: Path, cells: list[Cell]) -> tuple[Cell, ...]:
    """Give each cell without an id one that depends on its text and on nothing before it."""
    given = Counter(cell.id for cell in cells if cell.id)
    for cell in cells:
        if given[cell.id] > 1:
            raise SourceError(
                f"{path}:{cell.line}: the id {cell.id!r} is used {given[cell.id]} times; make each unique"
            )
    seen: Counter[str] = Counter()
    named = []
    for cell in cells:
        digest = hashlib.sha256(f"{cell.kind}\0{cell.text}".encode()).hexdigest()[:10]
        seen[digest] += 1
        suffix = f"-{seen[digest]}" if seen[digest] > 1 else ""
        named.append(cell if cell.id else replace(cell, id=f"{cell.kind[:4]}-{digest}{suffix}"))
    return tuple(named)
