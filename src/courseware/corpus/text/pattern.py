"""The small language our sentences are written in.

`[a|b|c]` is one of three wordings, and may nest; `{name}` is a value, `{office.city}` an attribute of one, and
`{^name}` begins with a capital. A backslash takes a character as it is. What a name stands for is looked up in
a context; a Fact there leaves a mark in the text.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from courseware.corpus.errors import PatternError
from courseware.corpus.text.draw import Draw
from courseware.corpus.text.spanned import Spanned, SpannedText
from courseware.corpus.world.facts import Fact

Context = Mapping[str, Any]


@dataclass(frozen=True)
class Slot:
    """A value to look up."""

    name: str


@dataclass(frozen=True)
class Choice:
    """One of several wordings."""

    options: tuple[Sequence, ...]


Sequence = tuple["str | Slot | Choice", ...]
_SPECIAL = re.compile(r"[\[\]{|\\]")


@functools.cache
def parse(pattern: str) -> Sequence:
    """The pattern as a tree. Raises PatternError for a bracket that is not closed."""
    tree, end = _parse(pattern, 0, inside=False)
    if end != len(pattern):
        raise PatternError(f"a bracket is closed that was not opened in {pattern!r}; write \\] for the character")
    return tree


def _parse(pattern: str, at: int, inside: bool) -> tuple[Sequence, int]:
    parts: list[str | Slot | Choice] = []
    while at < len(pattern):
        found = _SPECIAL.search(pattern, at)
        if found is None:
            parts.append(pattern[at:])
            return tuple(parts), len(pattern)
        if found.start() > at:
            parts.append(pattern[at : found.start()])
        at = found.start()
        sign = pattern[at]
        if sign == "[":
            choice, at = _choice(pattern, at + 1)
            parts.append(choice)
        elif sign == "{":
            end = pattern.find("}", at)
            if end < 0:
                raise PatternError(f"a brace is not closed in {pattern!r}; close it")
            parts.append(Slot(pattern[at + 1 : end]))
            at = end + 1
        elif sign == "\\":
            parts.append(pattern[at + 1 : at + 2])
            at += 2
        elif inside or sign == "]":
            return tuple(parts), at
        else:  # a bar outside brackets is a bar
            parts.append(sign)
            at += 1
    return tuple(parts), at


def _choice(pattern: str, at: int) -> tuple[Choice, int]:
    options = []
    while True:
        option, at = _parse(pattern, at, inside=True)
        options.append(option)
        if at >= len(pattern):
            raise PatternError(f"a bracket is not closed in {pattern!r}; close it")
        at += 1
        if pattern[at - 1] == "]":
            return Choice(tuple(options)), at


def write(into: SpannedText, pattern: str, context: Context, draw: Draw) -> None:
    """Append one wording of the pattern."""
    _write(into, parse(pattern), context, draw)


def _write(into: SpannedText, parts: Sequence, context: Context, draw: Draw) -> None:
    for part in parts:
        if isinstance(part, str):
            into.add(part)
        elif isinstance(part, Choice):
            _write(into, draw.pick(part.options), context, draw)
        else:
            _fill(into, part.name, context)


def _fill(into: SpannedText, name: str, context: Context) -> None:
    capital = name.startswith("^")
    value = look_up(context, name.removeprefix("^"))
    text = value.text if isinstance(value, Fact) else str(value.text if isinstance(value, Spanned) else value)
    if capital:
        text = text[:1].upper() + text[1:]
    if isinstance(value, Fact):
        into.fact(value.id, text)
    else:
        into.add(Spanned(text, value.marks) if isinstance(value, Spanned) else text)


def look_up(context: Context, name: str) -> Any:
    """What a name such as `office.city` stands for: a key, then attributes or facts of what it is."""
    first, *rest = name.split(".")
    if first not in context:
        raise PatternError(f"a pattern asks for {name!r}; there are {', '.join(sorted(context))}")
    value = context[first]
    for step in rest:
        facts = value if isinstance(value, Mapping) else getattr(value, "facts", {})
        if step in facts:
            value = facts[step]
        elif hasattr(value, step):
            value = getattr(value, step)
        else:
            raise PatternError(f"a pattern asks for {name!r}; a {type(value).__name__} has no {step!r}")
    return value


def wording(pattern: str, context: Context, draw: Draw) -> Spanned:
    """One wording of the pattern, as one unit: a sentence, a cell, a message."""
    text = SpannedText()
    with text.unit():
        write(text, pattern, context, draw)
    return text.done()
