"""Reads practice.toml for the rules: what is well formed becomes objects, the rest becomes problems.

Only the shape is judged here. `courseware.learner` reads the same file for learners; packages of one level do not
import each other.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from courseware.build.lint.problem import Problem

_HEADER = re.compile(r"\s*\[\[\s*(\w+)\s*\]\]")
HINTS = 3


@dataclass(frozen=True)
class Option:
    """One choice of a quiz item."""

    text: str
    right: bool
    why: str


@dataclass(frozen=True)
class Entry:
    """One `[[predict]]`, `[[exercise]]` or `[[quiz]]`; `data` is what it says, texts that are missing being empty."""

    kind: str
    id: str
    line: int
    data: dict[str, Any]

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts at `key`; empty where it is none."""
        value = self.data.get(key)
        return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()

    def text(self, key: str) -> str:
        """The text at `key`, without white space around it; empty where it is none."""
        value = self.data.get(key)
        return value.strip() if isinstance(value, str) else ""

    @property
    def options(self) -> tuple[Option, ...]:
        """The options of a quiz item."""
        value = self.data.get("options")
        tables = [table for table in value if isinstance(table, dict)] if isinstance(value, list) else []
        return tuple(
            Option(str(table.get("text", "")).strip(), table.get("right") is True, str(table.get("why", "")).strip())
            for table in tables
        )


@dataclass(frozen=True)
class Practice:
    """The entries of one file, and what is wrong with its syntax."""

    file: str
    entries: tuple[Entry, ...] = ()
    broken: tuple[Problem, ...] = field(default=())

    def of_kind(self, kind: str) -> tuple[Entry, ...]:
        """The entries of one kind, in order."""
        return tuple(entry for entry in self.entries if entry.kind == kind)

    def problem(self, entry: Entry, message: str) -> Problem:
        """A problem at `entry`."""
        return Problem(self.file, entry.line, f"{entry.kind} {entry.id!r}: {message}")


def read_practice(path: Path, name: str) -> Practice:
    """Return what the file at `path` holds; `name` is how problems call it."""
    if not path.is_file():
        return Practice(name)
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return Practice(name, broken=(Problem(name, 1, f"is not TOML: {error}; repair it there"),))
    return Practice(name, tuple(_entries(data, text)))


def _entries(data: dict[str, Any], text: str) -> Iterator[Entry]:
    lines: dict[str, list[int]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            lines.setdefault(header[1], []).append(number)
    for kind in ("predict", "exercise", "quiz"):
        tables = data.get(kind, [])
        for index, table in enumerate(tables if isinstance(tables, list) else []):
            if isinstance(table, dict):
                number = lines[kind][index] if len(lines.get(kind, ())) == len(tables) else 1
                yield Entry(kind, str(table.get("id", index + 1)), number, table)
