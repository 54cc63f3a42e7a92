"""On which line of a TOML text each key stands, which `tomllib` does not tell.

Only for texts that tomllib has accepted: the scanner skips values and does not judge them.
"""

import re
import tomllib
from typing import Any

KeyPath = tuple[str | int, ...]

_NAME = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_KEY = re.compile(rf"\s*{_NAME}(?:\s*\.\s*{_NAME})*\s*")
_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\])*"|\'[^\']*\'', re.DOTALL)
_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_ATOM = re.compile(r"[^,\]}\n#]+")


def line_of_keys(text: str) -> dict[KeyPath, int]:
    """Every table, key and array item of `text` with its line, counted from 1.

    Arrays of tables are numbered from 0: `("week", 3, "lab", "points")`.
    """
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self._arrays: dict[KeyPath, int] = {}

    def document(self) -> None:
        table: KeyPath = ()
        self._skip_blank()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip_blank()

    def _header(self) -> KeyPath:
        is_array = self.text.startswith("[[", self.at)
        line = self._line()
        self.at += 2 if is_array else 1
        names = self._key()
        self.at += 2 if is_array else 1
        path: KeyPath = ()
        for name in names[:-1]:
            path = self._inside((*path, name))
        path = (*path, names[-1])
        if is_array:
            self._arrays[path] = self._arrays.get(path, -1) + 1
            self.lines.setdefault(path, line)
            path = (*path, self._arrays[path])
        self.lines[path] = line
        return path

    def _inside(self, path: KeyPath) -> KeyPath:
        """A header below an array of tables speaks of its latest table."""
        return (*path, self._arrays[path]) if path in self._arrays else path

    def _pair(self, table: KeyPath) -> None:
        line = self._line()
        path = (*table, *self._key())
        self.at += 1  # the equals sign
        self.lines[path] = line
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._skip_blank()
        opening = self.text[self.at]
        if opening == "[":
            self._items(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            pattern = _STRING if opening in "\"'" else _ATOM
            self._take(pattern)

    def _items(self, path: KeyPath) -> None:
        self.at += 1
        index = 0
        while not self._closed_by("]"):
            self.lines[*path, index] = self._line()
            self._value((*path, index))
            index += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while not self._closed_by("}"):
            self._pair(path)

    def _closed_by(self, closing: str) -> bool:
        """Step over a comma, and over the closing bracket if that is what comes."""
        self._skip_blank()
        if self.text[self.at] == ",":
            self.at += 1
            self._skip_blank()
        if self.text[self.at] == closing:
            self.at += 1
            return True
        return False

    def _key(self) -> KeyPath:
        written = self._take(_KEY).strip()
        value: Any = tomllib.loads(f"{written} = 0")
        names: list[str] = []
        while isinstance(value, dict):
            name, value = next(iter(value.items()))
            names.append(name)
        return tuple(names)

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        assert match is not None, f"tomllib accepted what the scanner cannot read on line {self._line()}"
        self.at = match.end()
        return match.group()

    def _skip_blank(self) -> None:
        self._take(_BLANK)

    def _line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1
