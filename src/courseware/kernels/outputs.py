"""Reads the outputs of a cell that a kernel sent: bytes of a stranger become nbformat 4 outputs, or nothing does.

The rules are those of nbformat 4's schema (nbformat/v4/nbformat.v4.schema.json, "output"). Whoever opens a notebook
still has to treat HTML and pictures in it as the learner's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

MOST_OUTPUTS = 10_000
_MOST_DEPTH = 50
_MOST_COUNT = 10**9
_MIME = re.compile(r"\w[\w.+-]{0,99}/\w[\w.+-]{0,99}", re.ASCII)


class NotOutputs(Exception):
    """The bytes are not outputs of a cell; says what is wrong with them."""


def parse_outputs(data: bytes) -> list[dict[str, Any]]:
    """Return the outputs that `data`, a JSON list, describes. Raises NotOutputs."""
    try:
        outputs = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as wrong:
        raise NotOutputs(f"no JSON: {type(wrong).__name__}") from None
    if not isinstance(outputs, list) or len(outputs) > MOST_OUTPUTS:
        raise NotOutputs("no list of outputs")
    return [_output(output) for output in outputs]


def is_mime(name: str) -> bool:
    """Whether data can be stored under that name."""
    return _MIME.fullmatch(name) is not None


def is_json(mime: str) -> bool:
    """Whether data of that type is any JSON; of every other type it is text."""
    return mime == "application/json" or mime.endswith("+json")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _output(output: Any) -> dict[str, Any]:
    if not isinstance(output, dict):
        raise NotOutputs(f"an output is a {type(output).__name__}")
    kind = output.get("output_type")
    fields = _FIELDS.get(kind) if isinstance(kind, str) else None
    if fields is None or output.keys() != {"output_type", *fields}:
        raise NotOutputs("an output of no known kind")
    return {"output_type": kind} | {name: read(output[name]) for name, read in fields.items()}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise NotOutputs(f"text is a {type(value).__name__}")
    return value.encode("utf-8", "backslashreplace").decode()  # half a surrogate pair cannot be stored


def _stream_name(value: Any) -> str:
    if value not in ("stdout", "stderr"):
        raise NotOutputs("a stream that is neither stdout nor stderr")
    return str(value)


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise NotOutputs(f"a list of texts is a {type(value).__name__}")
    return [_text(line) for line in value]


def _count(value: Any) -> int | None:
    if value is not None and (type(value) is not int or not 0 <= value < _MOST_COUNT):
        raise NotOutputs("an execution count that is no number")
    return value


def _bundle(value: Any) -> dict[str, Any]:
    """Data by MIME type: text, or any JSON for types that are JSON."""
    found = _plain_object(value)
    for mime, data in found.items():
        if not is_mime(mime):
            raise NotOutputs("data whose name is no MIME type")
        if not isinstance(data, str) and not is_json(mime):
            raise NotOutputs(f"{mime} is no text")
    return found


def _plain_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotOutputs(f"an object is a {type(value).__name__}")
    return {_text(name): _plain(inner, _MOST_DEPTH) for name, inner in value.items()}


def _plain(value: Any, depth: int) -> Any:
    if not depth:
        raise NotOutputs("data nested too deeply")
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return [_plain(inner, depth - 1) for inner in value]
    if isinstance(value, dict):
        return {_text(name): _plain(inner, depth - 1) for name, inner in value.items()}
    return value


_FIELDS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "stream": {"name": _stream_name, "text": _text},
    "display_data": {"data": _bundle, "metadata": _plain_object},
    "execute_result": {"data": _bundle, "metadata": _plain_object, "execution_count": _count},
    "error": {"ename": _text, "evalue": _text, "traceback": _texts},
}
