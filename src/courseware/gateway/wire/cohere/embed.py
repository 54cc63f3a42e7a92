"""POST /v2/embed: texts to vectors.

Source: Cohere's API reference and the types of cohere 7.3, read November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from courseware.gateway.errors import unsupported
from courseware.gateway.exchange import EmbedReply, EmbedRequest
from courseware.gateway.wire.cohere.shape import meta
from courseware.gateway.wire.endpoint import Head, Json
from courseware.gateway.wire.reading import Field, Ignored, Strict, read

_REFUSED = {"images": "send texts", "inputs": "send texts", "max_tokens": "cut long texts yourself"}
_PURPOSES: Mapping[str, Literal["query", "document"]] = {"search_query": "query", "search_document": "document"}


class Body(Strict):
    """The body of POST /v2/embed."""

    model: Annotated[str, Field(min_length=1)]
    input_type: Literal["search_query", "search_document", "classification", "clustering", "image"]
    texts: Annotated[list[str], Field(min_length=1, max_length=96)]
    embedding_types: list[Literal["float", "int8", "uint8", "binary", "ubinary", "base64"]] | None = None
    output_dimension: Annotated[int, Field(ge=1)] | None = None
    truncate: Literal["NONE", "START", "END"] | None = None
    # Who is served first under load: accepted and without effect on an answer.
    priority: Ignored = None


def parse(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> EmbedRequest:
    """Return the request; raises `ApiError` with the field at fault."""
    asked = read(body, Body, _REFUSED)
    if asked.input_type == "image":
        raise unsupported("input_type image", "send texts, with input_type search_document", "input_type")
    if asked.truncate in ("NONE", "START"):
        raise unsupported(f"truncate {asked.truncate}", "leave it out: the end of a long text is cut", "truncate")
    for kind in asked.embedding_types or ():
        if kind != "float":
            raise unsupported(f"embeddings of type {kind}", 'send embedding_types ["float"]', "embedding_types")
    return EmbedRequest(
        dialect="cohere.embed",
        model=asked.model,
        texts=tuple(asked.texts),
        purpose=_PURPOSES.get(asked.input_type, "any"),
        dimensions=asked.output_dimension,
        given=frozenset(name for name, value in body.items() if value is not None),
    )


def render(request: EmbedRequest, reply: EmbedReply, head: Head) -> Json:
    """One vector for each text, in their order."""
    return {
        "id": head.id(""),
        "response_type": "embeddings_by_type",
        "embeddings": {"float": [list(vector) for vector in reply.vectors]},
        "texts": list(request.texts),
        "meta": meta(input_tokens=reply.input_tokens),
    }
