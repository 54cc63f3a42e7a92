"""Requests, scripted answers and recordings, short to write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from courseware.gateway.exchange import ChatRequest, Completion, Message, Text, Usage
from courseware.gateway.keys import canonical
from courseware.gateway.recordings import Provenance, Recording

Ask = Callable[..., ChatRequest]
Record = Callable[..., Recording]


@pytest.fixture(scope="session")
def ask() -> Ask:
    """A request: what the user says, what the system says before it, and any other field."""

    def made(user: str = "What is a token?", system: str = "", **fields: Any) -> ChatRequest:
        first = (Message("system", (Text(system),)),) if system else ()
        fields.setdefault("messages", (*first, Message("user", (Text(user),))))
        return ChatRequest(**{"dialect": "openai.chat", "model": "course-small", **fields})

    return made


@pytest.fixture(scope="session")
def record() -> Record:
    """A recording of a request, which says `answer`."""

    def made(request: ChatRequest, answer: str = "A piece of text.", **fields: Any) -> Recording:
        said = Provenance("recorded", "qwen2.5-coder-1.5b", date(2026, 11, 22), weights="cc32" * 16)
        fields.setdefault("completions", (Completion((Text(answer),)),))
        fields = {"id": "week_03/token", "provenance": said, "usage": Usage(12, 5), **fields}
        return Recording(request=canonical(request), **fields)

    return made
