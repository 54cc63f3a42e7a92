"""Keys by which a recording is found: provider-neutral, so that one recording answers every wire format.

A key is the SHA-256 of canonical JSON (sorted keys, no spaces, UTF-8) of what can change an answer. Left out is what
cannot: the wire format, streaming, ids, labels for the provider's own use, and the limit on the answer's length, which
a recording is checked against when it is found. What stands at its default is left out too, so that a recording's file
shows what somebody chose.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

import orjson

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import Call, ChatRequest, Document, Message, Result, Sampling, Text

_SPACE = re.compile(r"\s+")
_SAMPLING = tuple(field.name for field in fields(Sampling))
_sampled = attrgetter(*_SAMPLING)


@dataclass(frozen=True, slots=True)
class Identity:
    """What counts in a request, as JSON, and the key of it to the letter."""

    counts: dict[str, Any]
    exact: str


def identify(request: ChatRequest) -> Identity:
    """Return what tells this request from others. Raises ApiError where it holds what JSON cannot carry."""
    counts = _counts(request)
    try:
        return Identity(counts, exact_key(counts))
    except TypeError as error:
        raise ApiError("invalid_request", f"the request holds what is not JSON: {error}; send plain values") from None


def canonical(request: ChatRequest) -> dict[str, Any]:
    """What counts in a request, as JSON. Raises ApiError where it holds something that JSON cannot carry."""
    return identify(request).counts


def _counts(request: ChatRequest) -> dict[str, Any]:
    everything = {
        "model": request.model,
        "messages": _turns(request.messages),
        "tools": [_tool(tool) for tool in sorted(request.tools, key=lambda tool: tool.name)],
        "choice": _choice(request),
        "format": _format(request),
        "sampling": {
            name: value for name, value in zip(_SAMPLING, _sampled(request.sampling), strict=True) if value is not None
        },
        "stop": list(request.stop),
        "n": request.n if request.n > 1 else None,
        "logprobs": request.logprobs,
        "effort": request.effort,
    }
    return {name: value for name, value in everything.items() if value is not None and value not in ([], {})}


def exact_key(counts: dict[str, Any]) -> str:
    """The key of a canonical request, to the letter."""
    return digest(counts)


def normalised_key(counts: dict[str, Any]) -> str:
    """The same for every request that differs in white space and case of the conversation alone.

    System text, tools and their calls, format and sampling count to the letter.
    """
    exactly = ("system", "call")
    turns = [turn if turn[0] in exactly else [turn[0], *map(_folded, turn[1:])] for turn in counts["messages"]]
    return digest({**counts, "messages": turns})


def fold(text: str) -> str:
    """`text` without differences of case, of white space and of Unicode's equivalent forms."""
    return _SPACE.sub(" ", text.lower() if text.isascii() else _caseless(text)).strip()


def _caseless(text: str) -> str:
    """Unicode's compatibility caseless matching (The Unicode Standard, D146), written in NFKC."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFD", text).casefold())
    return unicodedata.normalize("NFKC", decomposed.casefold())


def digest(value: Any) -> str:
    """SHA-256 of canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _folded(value: Any) -> Any:
    return fold(value) if isinstance(value, str) else value


def _tool(tool: Any) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "schema": tool.schema}


def _choice(request: ChatRequest) -> dict[str, Any] | None:
    choice = request.choice
    if not request.tools or (choice.mode == "auto" and choice.parallel):
        return None
    named = {"name": choice.name} if choice.name else {}
    return {"mode": choice.mode, **named, **({} if choice.parallel else {"parallel": False})}


def _format(request: ChatRequest) -> dict[str, Any] | None:
    if request.format.kind == "text":
        return None
    schema = {} if request.format.schema is None else {"schema": request.format.schema}
    return {"kind": request.format.kind, **schema}


def _turns(messages: tuple[Message, ...]) -> list[list[Any]]:
    """Every part as [kind, content]; words of one speaker in a row are one turn, since wire formats cut differently."""
    turns: list[list[Any]] = []
    numbers: dict[str, int] = {}
    for message in messages:
        for part in message.parts:
            turn = _turn(message.speaker, part, numbers)
            if turns and turn[0] == turns[-1][0] and isinstance(part, Text):
                turns[-1][1] += "\n" + turn[1]
            else:
                turns.append(turn)
    return turns


def _turn(speaker: str, part: Text | Document | Call | Result, numbers: dict[str, int]) -> list[Any]:
    """A call and its result share a number in place of the client's id."""
    if isinstance(part, Text):
        return [speaker, part.text]
    if isinstance(part, Document):
        return ["document", part.title, part.text, part.citations]
    if isinstance(part, Call):
        return ["call", part.name, part.arguments, numbers.setdefault(part.id, len(numbers))]
    failed = ["failed"] if part.is_error else []
    return ["result", part.text, numbers.setdefault(part.call_id, len(numbers)), *failed]
