"""Reading a request of POST /api/generate.

Source: Ollama's API reference and the types of ollama 0.6.3, read November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from courseware.gateway.exchange import ChatRequest, Message, Text
from courseware.gateway.wire.endpoint import Json
from courseware.gateway.wire.ollama.shape import REFUSED, Asking, Options
from courseware.gateway.wire.reading import Field, read

_REFUSED = {
    **REFUSED,
    "suffix": "send a prompt that ends where the text is to go on",
    "template": "the gateway lays out the prompt itself",
    "context": "send the conversation to /api/chat",
    "raw": "the gateway lays out the prompt itself",
    "width": "ask for text",
    "height": "ask for text",
    "steps": "ask for text",
}


class Body(Asking):
    """The body of POST /api/generate; the gateway's models need no loading, so an empty prompt is a mistake."""

    prompt: Annotated[str, Field(min_length=1)]
    system: str | None = None


def parse(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> ChatRequest:
    """Return the request; raises `ApiError` with the field at fault. Without `stream` it streams."""
    # The client sends "" for what its caller left out.
    given = {name: value for name, value in body.items() if value != ""} if isinstance(body, dict) else body
    asked = read(given, Body, _REFUSED)
    options = asked.options or Options()
    system = (Message("system", (Text(asked.system),)),) if asked.system else ()
    return ChatRequest(
        dialect="ollama.generate",
        model=asked.model,
        messages=(*system, Message("user", (Text(asked.prompt),))),
        format=asked.form(),
        sampling=options.sampling(),
        max_tokens=options.max_tokens(),
        stop=tuple(options.stop or ()),
        logprobs=asked.alternatives(),
        stream=asked.stream is not False,
        given=frozenset(asked.model_fields_set | options.model_fields_set),
    )
