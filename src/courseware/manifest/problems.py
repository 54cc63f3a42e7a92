"""Turns what pydantic finds wrong into one line a person can act on."""

import re
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from courseware.manifest.positions import KeyPath

_NAMING_KEYS = ("id", "number", "name")

# Pydantic's error type -> what the value is not, and what to write instead.
_WRONG_KIND = {
    "int_type": "not a whole number; write a number such as 50",
    "float_type": "not a number; write a number such as 0.5",
    "string_type": 'not text; put it in "quotes"',
    "bool_type": "not a yes or no; write true or false",
    "date_type": "not a date; write a day such as 2026-11-21, without quotes",
    "tuple_type": 'not a list; write ["one", "two"], or [] for none',
    "list_type": 'not a list; write ["one", "two"], or [] for none',
    "dict_type": "not a table; give it a [header] of its own",
    "model_type": "not a table; give it a [header] of its own",
    "string_too_short": "empty; write some text",
}


def key_name(data: Any, path: KeyPath) -> str:
    """The key as a person would say it: `week_01_tokenization.lab.points`, `track.semester.pace`."""
    words: list[str] = []
    for step in path:
        data = _step_into(data, step)
        if not isinstance(step, int):
            words.append(step)
        elif isinstance(data, dict):
            label = next((str(data[key]) for key in _NAMING_KEYS if key in data), f"number {step + 1}")
            words = [label] if words == ["week"] else [*words, label]
        else:
            words[-1] += f"[{step}]"
    return ".".join(words)


def describe(error: ErrorDetails, path: KeyPath, data: dict[str, Any], known: list[str]) -> str:
    """One pydantic error as `KEY is VALUE, WHAT IS WRONG; WHAT TO DO`. `known`: the keys allowed there."""
    name = key_name(data, path)
    kind = error["type"]
    if kind == "missing":
        return f"{name} is missing; add {path[-1]} = ... to this table"
    if kind == "extra_forbidden":
        near = get_close_matches(str(path[-1]), known, n=1)
        hint = f"did you mean {near[0]}" if near else f"the keys here are {', '.join(known)}"
        return f"{name} is not a known key; {hint}"
    return f"{name} is {shown(error['input'])}, {_complaint(error)}"


def _complaint(error: ErrorDetails) -> str:
    kind = error["type"]
    if kind in _WRONG_KIND:
        return _WRONG_KIND[kind]
    context = error.get("ctx", {})
    if kind == "literal_error":
        allowed = str(context["expected"])
        near = get_close_matches(str(error["input"]), re.findall(r"'([^']*)'", allowed), n=1)
        return f"not one of {allowed}" + (f"; did you mean '{near[0]}'" if near else "; write one of them")
    if kind == "string_pattern_mismatch":
        return f"not of the form {context['pattern']}; rename it"
    return f"which is refused: {error['msg'].lower()}; change it"


def shown(value: Any) -> str:
    """A value as it stands in the file, shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    written = f'"{value}"' if isinstance(value, str) else str(value)
    return written if len(written) <= 60 else written[:57] + "..."


def _step_into(data: Any, step: str | int) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None
