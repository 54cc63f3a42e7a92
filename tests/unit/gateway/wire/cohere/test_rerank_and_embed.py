"""The real Cohere SDK against the wire format."""

from __future__ import annotations

from typing import Any

import cohere
import pytest

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import EmbedReply, Origin, RerankReply

ORIGIN = Origin("local", "model", "")
ONCE = {"max_retries": 0}


def test_rerank_gives_the_best_documents_first(client: cohere.ClientV2, wire: Any) -> None:
    wire.reply = RerankReply("local", ((2, 0.9), (0, 0.5), (1, 0.1)), ORIGIN)
    reply = client.rerank(model="rerank-v4.0-fast", query="q", documents=["a", "b", "c"], top_n=2)
    assert [(result.index, result.relevance_score) for result in reply.results] == [(2, 0.9), (0, 0.5)]
    assert reply.id
    assert reply.meta.billed_units.search_units == 1
    asked = wire.asked[0]
    assert (asked.model, asked.query, asked.documents, asked.top_n) == ("rerank-v4.0-fast", "q", ("a", "b", "c"), 2)


def test_a_hundred_documents_are_one_search_unit(client: cohere.ClientV2, wire: Any) -> None:
    wire.reply = RerankReply("local", ((0, 1.0),), ORIGIN)
    reply = client.rerank(model="m", query="q", documents=["a"] * 101)
    assert reply.meta.billed_units.search_units == 2


@pytest.mark.parametrize(
    ("input_type", "purpose"),
    [
        ("search_query", "query"),
        ("search_document", "document"),
        ("classification", "any"),
        ("clustering", "any"),
    ],
)
def test_embed_says_what_the_texts_are_for(client: cohere.ClientV2, wire: Any, input_type: str, purpose: str) -> None:
    wire.reply = EmbedReply("local", ((0.5, 0.25), (1.0, 0.0)), 7, ORIGIN)
    reply = client.embed(
        model="embed-v4.0",
        input_type=input_type,
        texts=["a", "b"],
        embedding_types=["float"],
        output_dimension=2,
    )
    assert reply.embeddings.float_ == [[0.5, 0.25], [1.0, 0.0]]
    assert reply.texts == ["a", "b"]
    assert reply.meta.billed_units.input_tokens == 7
    assert (wire.asked[0].texts, wire.asked[0].purpose, wire.asked[0].dimensions) == (("a", "b"), purpose, 2)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"embedding_types": ["int8"]}, "embeddings of type int8"),
        ({"input_type": "image"}, "input_type image"),
        ({"images": ["data:image/png;base64,"]}, "parameter images"),
        ({"max_tokens": 3}, "parameter max_tokens"),
        ({"truncate": "START"}, "truncate START"),
    ],
)
def test_embed_refuses_what_it_does_not_do(client: cohere.ClientV2, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(cohere.BadRequestError) as caught:
        client.embed(**{"model": "m", "input_type": "search_query", "texts": ["a"], **asked})
    assert said in caught.value.body["message"]


def test_rerank_refuses_spans(client: cohere.ClientV2) -> None:
    with pytest.raises(cohere.BadRequestError) as caught:
        client.rerank(model="m", query="q", documents=["a"], relevant_spans={"mode": "enabled"})
    assert "relevant_spans" in caught.value.body["message"]


@pytest.mark.parametrize(
    ("kind", "kind_of_exception"),
    [
        ("invalid_request", cohere.BadRequestError),
        ("authentication", cohere.UnauthorizedError),
        ("permission", cohere.ForbiddenError),
        ("not_found", cohere.NotFoundError),
        ("rate_limit", cohere.TooManyRequestsError),
        ("server", cohere.InternalServerError),
        ("overloaded", cohere.ServiceUnavailableError),
        ("timeout", cohere.GatewayTimeoutError),
    ],
)
def test_an_error_has_the_sdk_class_of_its_kind(
    client: cohere.ClientV2, wire: Any, kind: Any, kind_of_exception: type[Exception]
) -> None:
    wire.reply = ApiError(kind, "what was wrong")
    with pytest.raises(kind_of_exception) as caught:
        client.rerank(model="m", query="q", documents=["a"], request_options=ONCE)
    assert caught.value.body == {"id": "request-1", "message": "what was wrong"}
