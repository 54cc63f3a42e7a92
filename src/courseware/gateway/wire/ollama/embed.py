"""POST /api/embed, and /api/embeddings that it replaced.

Source: Ollama's API reference and the types of ollama 0.6.3, read November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from courseware.gateway.errors import unsupported
from courseware.gateway.exchange import EmbedReply, EmbedRequest
from courseware.gateway.wire.endpoint import Head, Json
from courseware.gateway.wire.ollama.shape import Options
from courseware.gateway.wire.reading import Field, Ignored, Strict, read


class Body(Strict):
    """The body of POST /api/embed."""

    model: Annotated[str, Field(min_length=1)]
    input: str | Annotated[list[str], Field(min_length=1)]
    truncate: bool | None = None
    dimensions: Annotated[int, Field(ge=1)] | None = None
    options: Options | None = None
    keep_alive: Ignored = None


class OneBody(Strict):
    """The body of POST /api/embeddings."""

    model: Annotated[str, Field(min_length=1)]
    prompt: Annotated[str, Field(min_length=1)]
    options: Options | None = None
    keep_alive: Ignored = None


def parse(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> EmbedRequest:
    """Return the request; raises `ApiError` with the field at fault."""
    asked = read(body, Body)
    if asked.truncate is False:
        raise unsupported("truncate: false", "leave it out: the end of a long text is cut", "truncate")
    texts = (asked.input,) if isinstance(asked.input, str) else tuple(asked.input)
    given = frozenset(asked.model_fields_set)
    return EmbedRequest("ollama.embed", asked.model, texts, dimensions=asked.dimensions, given=given)


def parse_one(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> EmbedRequest:
    """The same for the older endpoint's one text."""
    asked = read(body, OneBody)
    return EmbedRequest("ollama.embeddings", asked.model, (asked.prompt,), given=frozenset(asked.model_fields_set))


def render(request: EmbedRequest, reply: EmbedReply, head: Head) -> Json:
    """One vector for each text, in their order."""
    return {
        "model": head.model,
        "embeddings": [list(vector) for vector in reply.vectors],
        "total_duration": 0,
        "load_duration": 0,
        "prompt_eval_count": reply.input_tokens,
    }


def render_one(request: EmbedRequest, reply: EmbedReply, head: Head) -> Json:
    """The one vector."""
    return {"embedding": list(reply.vectors[0])}
