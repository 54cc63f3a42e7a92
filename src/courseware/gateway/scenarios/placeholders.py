"""`${...}` in a scenario's answer: what the user said or a tool gave back, never anything else.

user.NAME, heard.NAME     a named group of the rule's `user` or `heard` pattern
call.TOOL.PATH            an argument of the newest call of that tool
result.TOOL.PATH          a value in the JSON of that tool's newest result; result.TOOL is all of it
system.NAME               a named group of the rule's `system` pattern
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_HOLE = re.compile(r"\$\{([^}]*)\}")


class NothingThere(Exception):
    """A placeholder names what the conversation does not have."""


def names_in(value: Any) -> set[str]:
    """The placeholders anywhere in a JSON value."""
    if isinstance(value, str):
        return set(_HOLE.findall(value))
    if isinstance(value, Mapping):
        return set().union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()


def fill(value: Any, known: Mapping[str, Any]) -> Any:
    """Return `value` with every placeholder filled from `known`. Raises NothingThere.

    A text that is one placeholder becomes the value itself; inside a longer text, a value stands as a person reads it.
    """
    if isinstance(value, str):
        whole = _HOLE.fullmatch(value)
        return look_up(whole[1], known) if whole else _HOLE.sub(lambda hole: _shown(look_up(hole[1], known)), value)
    if isinstance(value, Mapping):
        return {name: fill(item, known) for name, item in value.items()}
    return [fill(item, known) for item in value] if isinstance(value, list) else value


def look_up(path: str, known: Mapping[str, Any]) -> Any:
    """Follow a dotted path. Raises NothingThere."""
    value: Any = known
    for step in path.split("."):
        if isinstance(value, Mapping) and value.get(step) is not None:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            raise NothingThere(path)
    return value


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
