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
_MARKER = re.compile(r"^#\s*%%%*(\s|$)")
_ID = re.compile(r"(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*")  # nbformat allows 64 characters
_FILE = re.compile(r"[a-z][a-z0-9_]*\.py")
_DERIVED = re.compile(r"(code|mark)-[0-9a-f]{10}(-\d+)?")
# Without `comment_magics` jupytext takes a comment such as "# cat the pieces" for a shell command and uncomments it.
_FORMAT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
_JUPYTEXT_OWN = {"cell_marker", "lines_to_next_cell", "lines_to_end_of_cell_marker"}


@dataclass(frozen=True)
class Cell:
    """One cell of a source. `line` is its marker's line; `points` is 0 for a cell that is not graded.

    `file` names the program that an answer cell writes instead of being run.
    """

    kind: Literal["code", "markdown"]
    text: str
    id: str
    role: Role
    points: float
    tags: tuple[str, ...]
    line: int
    file: str = ""

    @property
    def graded(self) -> bool:
        """Whether nbgrader keeps a score for it."""
        return self.role in GRADED_ROLES

    @property
    def named(self) -> bool:
        """Whether the author gave it its id."""
        return _DERIVED.fullmatch(self.id) is None


def read_source(path: Path) -> tuple[Cell, ...]:
    """Return the cells of the source at `path`, each with an id.

    Raises:
        SourceError: a marker has an unknown key, role or id; the message names file and line.
    """
    text = path.read_text(encoding="utf-8").split("\n")
    lines = [number for number, line in enumerate(text, 1) if _MARKER.match(line)]
    start = lines[0] - 1 if lines else len(text)
    for number, line in enumerate(text, 1):
        if number <= start and line.strip() and not line.startswith("#"):
            raise SourceError(f"{path}:{number}: text before the first cell; start every cell with '# %%'")
        if line.splitlines() not in ([], [line]):
            raise SourceError(f"{path}:{number}: an invisible line end such as U+2028; write it as an escape")
    nodes = _nodes(path, text[start:]) if lines else []
    if len(lines) != len(nodes):
        raise SourceError(f"{path}:1: {len(nodes)} cells but {len(lines)} markers; start every cell with '# %%'")
    return _with_ids(path, [_cell(path, line, node) for line, node in zip(lines, nodes, strict=True)])


def _nodes(path: Path, lines: list[str]) -> list[Any]:
    try:
        return list(jupytext.reads("\n".join(lines), fmt=_FORMAT).cells)
    except Exception as error:  # jupytext and nbformat have no common class of their own
        wrong = str(error).splitlines()[0]
        raise SourceError(f'{path}:1: {wrong}; write markers as # %% id="..." tags=["..."]') from error


def _cell(path: Path, line: int, node: Any) -> Cell:
    options = {key: value for key, value in node.metadata.items() if key not in _JUPYTEXT_OWN}
    name, role = options.pop("id", ""), options.pop("role", "")
    points, tags = options.pop("points", 0), options.pop("tags", [])
    cell = Cell(node.cell_type, node.source, name, role, points, tuple(tags), line, options.pop("file", ""))
    for wrong in (_option_problem(options), _role_problem(cell), _points_problem(cell), _file_problem(cell)):
        if wrong:
            raise SourceError(f"{path}:{line}: {wrong}")
    return replace(cell, points=float(points))


def _option_problem(options: dict[str, Any]) -> str | None:
    known = "id, role, points, tags, file"
    return f"unknown key {next(iter(options))!r} in a cell marker; known are {known}" if options else None


def _role_problem(cell: Cell) -> str | None:
    if cell.kind not in ("code", "markdown"):
        return f"a {cell.kind} cell; write code or [markdown]"
    if cell.role not in get_args(Role):
        return f"unknown role {cell.role!r}; known are {', '.join(get_args(Role)[1:])}"
    if cell.id and not (isinstance(cell.id, str) and _ID.fullmatch(cell.id)):
        return f"id {cell.id!r} is not lower-case words joined by hyphens, 64 characters at most; rename it"
    if cell.role and not cell.id:
        return 'a cell with a role needs an id; write id="..." in its marker'
    if cell.role in ("check", "hidden") and cell.kind != "code":
        return f"a {cell.role} cell in markdown; remove [markdown] from its marker"
    return None


def _points_problem(cell: Cell) -> str | None:
    if isinstance(cell.points, bool) or not isinstance(cell.points, (int, float)) or cell.points < 0:
        return f"points are {cell.points!r}; write a number from 0"
    if cell.graded and not cell.points:
        return f"a {cell.role} cell without points; write points=... in its marker"
    if cell.points and not cell.graded:
        return f"{cell.points:g} points on a cell that is not graded; only {', '.join(GRADED_ROLES)} cells have points"
    return None


def _file_problem(cell: Cell) -> str | None:
    if cell.file and (cell.role != "answer" or not _FILE.fullmatch(str(cell.file))):
        return f'file={cell.file!r} is for an answer cell and names a program, such as file="chatbot.py"'
    return None


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
