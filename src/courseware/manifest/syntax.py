"""Reads TOML text, and goes on past a value that lacks its quotes, so that one slip hides no other."""

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from courseware.manifest.errors import InvalidManifestError, Problem

_BARE_LINE = re.compile(r"""(\s*[\w.-]+\s*=\s*)([^\s"'\[{#=][^"'\[{#=]*?)(\s*(?:#.*)?)""")


class Parsed(NamedTuple):
    """What a file says. `bare_lines`: lines whose value was not TOML and was read as text."""

    data: dict[str, Any]
    text: str
    bare_lines: dict[int, str]


def parse(source: Path) -> Parsed:
    """The content of `source`; raises `InvalidManifestError` if it is beyond reading."""
    text = _text(source)
    bare_lines: dict[int, str] = {}
    while True:
        try:
            return Parsed(tomllib.loads(text), text, bare_lines)
        except tomllib.TOMLDecodeError as error:
            number = _line(error, text)
            quoted = _quoted(text.splitlines()[number - 1])
            if quoted is None:
                raise InvalidManifestError(source, (_problem(error, text, number),)) from None
            bare_lines[number] = quoted.strip()
            lines = text.splitlines()
            lines[number - 1] = quoted
            text = "\n".join(lines)


def _text(source: Path) -> str:
    content = source.read_bytes()
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = Problem(
            line, f"holds the byte {content[error.start]:#04x}, which is not UTF-8; save the file as UTF-8"
        )
        raise InvalidManifestError(source, (problem,)) from None


def _line(error: tomllib.TOMLDecodeError, text: str) -> int:
    """The line tomllib names; it says "at end of document" when something is never closed."""
    found = re.search(r"at line (\d+)", str(error))
    last = max(1, len(text.splitlines()))
    return min(int(found.group(1)), last) if found else last


def _quoted(line: str) -> str | None:
    """`key = bare words` with quotes round the words; None if that is not what is wrong with it."""
    bare = _BARE_LINE.fullmatch(line)
    if bare is None or _is_toml(f"value = {bare.group(2)}"):
        return None
    return f'{bare.group(1)}"{bare.group(2)}"{bare.group(3)}'


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _problem(error: tomllib.TOMLDecodeError, text: str, number: int) -> Problem:
    message = str(error).partition(" (at ")[0]
    if message == "Cannot overwrite a value":
        complaint = "stands a second time in its table; remove one of the two"
    else:
        complaint = f"is not TOML: {message[:1].lower()}{message[1:]}; repair this line or the ones before it"
    written = text.splitlines()[number - 1].strip() if text else "nothing"
    column = re.search(r"column (\d+)", str(error))
    return Problem(number, f"{written} {complaint}" + (f" (column {column.group(1)})" if column else ""))
