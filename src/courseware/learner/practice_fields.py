"""Reads the values of one table of practice.toml and notes what is wrong with them, with file, line and id.

A wrong value becomes an empty one and a note, so that one reading finds every problem. It knows TOML and its lines,
not what a prediction or a quiz is.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass
class Report:
    """One file being read, and the problems found so far."""

    path: Path
    source: str
    problems: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.data = tomllib.loads(self.source)

    def known_keys(self, *names: str) -> None:
        """Note each table that the file should not have."""
        for name in self.data:
            if name not in names:
                self.note(None, f"{name!r} is not known here; use {', '.join(f'[[{known}]]' for known in names)}")

    def note(self, line: int | None, problem: str) -> None:
        """Keep one problem for the final error."""
        place = self.path.name if line is None else f"{self.path.name}:{line}"
        self.problems.append(f"{place}: {problem}")

    def line_of(self, kind: str, index: int) -> int | None:
        """The line of the `index`-th [[kind]] header, where the file is written with such headers."""
        header = re.compile(rf"\s*\[\[\s*{re.escape(kind)}\s*\]\]")
        lines = [number for number, line in enumerate(self.source.splitlines(), 1) if header.match(line)]
        return lines[index] if len(lines) == len(self.data[kind]) else None


@dataclass(frozen=True)
class Entry:
    """One table: `[[predict]]`, or one option of a quiz item (`label` says which)."""

    report: Report
    data: dict[str, Any]
    line: int | None
    label: str

    @property
    def id(self) -> str:
        """The entry's id, or an empty text after a note."""
        return self.text("id")

    def wrong(self, problem: str) -> None:
        """Note a problem with this entry."""
        self.report.note(self.line, f"{self.label}: {problem}")

    def known_keys(self, *names: str) -> None:
        """Note each key that the entry should not have."""
        for name in self.data:
            if name not in names:
                self.wrong(f"key {name!r} is not known; known keys: {', '.join(names)}")

    def has(self, key: str) -> bool:
        """Whether the entry says anything for `key`."""
        return key in self.data

    def text(self, key: str) -> str:
        """A text that is not blank."""
        value = self.data.get(key)
        if isinstance(value, str) and value.strip():
            return value
        self.wrong(f"{key} {_said(self.data, key)}; write some text between quotes")
        return ""

    def texts(self, key: str, *, least: int, most: int) -> tuple[str, ...]:
        """A list of different texts that are not blank."""
        values = self._items(key, least, most)
        if any(not isinstance(value, str) or not value.strip() for value in values):
            self.wrong(f"{key} is {values!r}; write each as text between quotes")
            return ()
        if len(set(values)) != len(values):
            self.wrong(f"{key} says the same thing twice: {values!r}; make each different")
        return tuple(values)

    def tables(self, key: str, *, least: int, most: int) -> tuple[Entry, ...]:
        """A list of inline tables."""
        values = self._items(key, least, most)
        if any(not isinstance(value, dict) for value in values):
            self.wrong(f'{key} holds something that is no table; write each as {{ text = "…", why = "…" }}')
            return ()
        return tuple(
            Entry(self.report, value, self.line, f"{self.label} option {number}")
            for number, value in enumerate(values, 1)
        )

    def count(self, key: str) -> int:
        """A whole number from 1."""
        value = self.data.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        self.wrong(f"{key} {_said(self.data, key)}; write a whole number from 1")
        return 1

    def flag(self, key: str) -> bool:
        """True or false; false when not said."""
        value = self.data.get(key, False)
        if isinstance(value, bool):
            return value
        self.wrong(f"{key} {_said(self.data, key)}; write true or false, without quotes")
        return False

    def _items(self, key: str, least: int, most: int) -> list[Any]:
        value = self.data.get(key)
        wanted = str(least) if least == most else f"{least} to {most}"
        if not isinstance(value, list):
            self.wrong(f"{key} {_said(self.data, key)}; write a list of {wanted}")
            return []
        if not least <= len(value) <= most:
            self.wrong(f"{key} has {len(value)} items; write {wanted}")
        return value


def entries(report: Report, kind: str) -> tuple[Entry, ...]:
    """Every `[[kind]]` of the file, with ids that are well formed and different."""
    tables = report.data.get(kind, [])
    if not isinstance(tables, list) or any(not isinstance(table, dict) for table in tables):
        report.note(None, f"{kind!r} is no list of tables; start each entry with [[{kind}]]")
        return ()
    found = tuple(_entry(report, kind, index, table) for index, table in enumerate(tables))
    _note_bad_ids(found)
    return found


def _entry(report: Report, kind: str, index: int, table: dict[str, Any]) -> Entry:
    name = table.get("id")
    label = f"{kind} {name!r}" if isinstance(name, str) and name else f"{kind} number {index + 1}"
    return Entry(report, table, report.line_of(kind, index), label)


def _note_bad_ids(found: tuple[Entry, ...]) -> None:
    seen: set[str] = set()
    for entry in found:
        name = entry.data.get("id")
        if not isinstance(name, str) or not name:
            continue
        if not _ID.fullmatch(name):
            entry.wrong(f"id {name!r} is not lower-case words joined by hyphens; write one like 'emoji-bytes'")
        if name in seen:
            entry.wrong(f"id {name!r} is used twice; give each its own")
        seen.add(name)


def _said(data: dict[str, Any], key: str) -> str:
    return f"is {data[key]!r}" if key in data else "is missing"
