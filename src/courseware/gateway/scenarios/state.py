"""What a scenario may know: the request, looked at as a conversation so far. Two equal requests have equal states."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import orjson

from courseware.gateway.exchange import Call, ChatRequest, Document, Result, Text


@dataclass(frozen=True)
class State:
    """A conversation. `calls` and `results` are those made since the user last spoke, in order."""

    system: str
    users: tuple[str, ...]
    calls: tuple[Call, ...]
    results: tuple[tuple[str, Result], ...]
    documents: tuple[str, ...]
    tools: frozenset[str]
    format: str

    @property
    def user(self) -> str:
        """What the user said last."""
        return self.users[-1] if self.users else ""

    @functools.cached_property
    def failed(self) -> bool:
        """Whether the last result of a tool says that it failed, by flag or by an `error` in its JSON."""
        if not self.results:
            return False
        result = self.results[-1][1]
        value = parsed(result.text)
        said = isinstance(value, dict) and bool(value.get("error"))
        return result.is_error or said or result.text.lower().startswith("error")


def parsed(text: str) -> Any:
    """JSON as a value, any other text as it is."""
    try:
        return orjson.loads(text)
    except ValueError:
        return text


def state_of(request: ChatRequest) -> State:
    """Look at a request as a conversation."""
    system: list[str] = []
    users: list[str] = []
    documents: list[str] = []
    names: dict[str, str] = {}
    calls: list[Call] = []
    results: list[tuple[str, Result]] = []
    for message in request.messages:
        words = "".join(part.text for part in message.parts if isinstance(part, Text))
        documents += [part.text for part in message.parts if isinstance(part, Document)]
        if message.speaker == "system":
            system.append(words)
        elif message.speaker == "user" and words:
            users.append(words)
        for part in message.parts:
            if message.speaker == "user" and isinstance(part, Text) and part.text:
                calls, results = [], []
            elif isinstance(part, Call):
                calls.append(part)
                names[part.id] = part.name
            elif isinstance(part, Result):
                results.append((names.get(part.call_id, ""), part))
    return State(
        "\n".join(system),
        tuple(users),
        tuple(calls),
        tuple(results),
        tuple(documents),
        frozenset(tool.name for tool in request.tools),
        request.format.kind,
    )
