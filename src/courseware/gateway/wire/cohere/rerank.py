"""POST /v2/rerank: documents in the order in which they answer a query.

Source: Cohere's API reference and the types of cohere 7.3, read November 2026.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated

from courseware.gateway.exchange import RerankReply, RerankRequest
from courseware.gateway.wire.cohere.shape import meta
from courseware.gateway.wire.endpoint import Head, Json
from courseware.gateway.wire.reading import Field, Ignored, Strict, read

_REFUSED = {
    "max_tokens_per_doc": "cut long documents yourself",
    "relevant_spans": "look for the spans in your own documents",
    "return_documents": "version 2 sends indexes only; look the documents up in your own list",
    "rank_fields": "version 2 ranks texts only; write the fields you want into each text",
}
_DOCUMENTS_PER_SEARCH_UNIT = 100


class Body(Strict):
    """The body of POST /v2/rerank."""

    model: Annotated[str, Field(min_length=1)]
    query: Annotated[str, Field(min_length=1)]
    documents: Annotated[list[str], Field(min_length=1, max_length=10_000)]
    top_n: Annotated[int, Field(ge=1)] | None = None
    # Who is served first under load: accepted and without effect on an answer.
    priority: Ignored = None


def parse(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> RerankRequest:
    """Return the request; raises `ApiError` with the field at fault."""
    asked = read(body, Body, _REFUSED)
    return RerankRequest(
        dialect="cohere.rerank",
        model=asked.model,
        query=asked.query,
        documents=tuple(asked.documents),
        top_n=asked.top_n,
        given=frozenset(name for name, value in body.items() if value is not None),
    )


def render(request: RerankRequest, reply: RerankReply, head: Head) -> Json:
    """The best `top_n` documents by index, without their texts."""
    units = math.ceil(len(request.documents) / _DOCUMENTS_PER_SEARCH_UNIT)
    best = reply.ranking[: request.top_n]
    return {
        "id": head.id(""),
        "results": [{"index": index, "relevance_score": relevance} for index, relevance in best],
        "meta": meta(search_units=units),
    }
