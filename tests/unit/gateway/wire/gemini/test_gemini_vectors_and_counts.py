"""The real google-genai SDK against embeddings and countTokens."""

from __future__ import annotations

from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import EmbedReply, EmbedRequest, Message, Origin, Text
from courseware.gateway.wire.endpoint import Head
from courseware.gateway.wire.gemini import count, embed

ORIGIN = Origin("local", "model", "")
PATH = {"model": "vectors"}


@pytest.mark.parametrize(
    ("task", "purpose"),
    [
        ("RETRIEVAL_QUERY", "query"),
        ("QUESTION_ANSWERING", "query"),
        ("RETRIEVAL_DOCUMENT", "document"),
        ("CLUSTERING", "any"),
        (None, "any"),
    ],
)
def test_embed_content(client: genai.Client, wire: Any, task: str | None, purpose: str) -> None:
    wire.reply = EmbedReply("vectors", ((0.5, 0.25), (1.0, 0.0)), 7, ORIGIN)
    settings = types.EmbedContentConfig(task_type=task, output_dimensionality=2)
    answer = client.models.embed_content(model="vectors", contents=["a", "b"], config=settings)
    assert [one.values for one in answer.embeddings] == [[0.5, 0.25], [1.0, 0.0]]
    assert answer.usage_metadata.prompt_token_count == 7
    asked = wire.asked[0]
    assert (asked.model, asked.texts, asked.purpose, asked.dimensions) == ("vectors", ("a", "b"), purpose, 2)


def test_parts_of_one_content_are_one_text(client: genai.Client, wire: Any) -> None:
    wire.reply = EmbedReply("gemini-embedding-2", ((0.5, 0.25),), 7, ORIGIN)
    client.models.embed_content(model="gemini-embedding-2", contents=["a", "b"])
    assert wire.asked[0].texts == ("ab",)


def test_one_text_without_a_batch() -> None:
    body = {"content": {"parts": [{"text": "a"}]}, "task_type": "retrieval_query"}
    request = embed.parse(body, {}, PATH)
    assert request == EmbedRequest("gemini.embed", "vectors", ("a",), "query")
    answer = embed.render(request, EmbedReply("vectors", ((0.5,),), 1, ORIGIN), Head("", "vectors", 0))
    assert answer["embedding"] == {"values": [0.5]}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"taskType": "RETRIEVAL_QUERY"}, "for several purposes"),
        ({"outputDimensionality": 2}, "of several lengths"),
        ({"title": "t"}, "field title"),
        ({"model": "models/other"}, "name one model"),
        ({"content": {"parts": [{"inlineData": {}}]}}, "field inlineData"),
    ],
)
def test_a_batch_refuses_what_it_does_not_do(other: dict[str, Any], said: str) -> None:
    one = {"model": "models/vectors", "content": {"parts": [{"text": "a"}]}}
    with pytest.raises(ApiError, match=said):
        embed.parse_batch({"requests": [one, {**one, **other}]}, {}, PATH)


def test_count_tokens(client: genai.Client, wire: Any) -> None:
    wire.reply = 12
    assert client.models.count_tokens(model="small", contents="Hi").total_tokens == 12
    assert wire.asked[0].extras == {"count_only": True}
    assert wire.asked[0].messages == (Message("user", (Text("Hi"),)),)


def test_count_tokens_of_a_whole_request() -> None:
    contents = [{"parts": [{"text": "Hi"}]}]
    inner = {"model": "models/vectors", "contents": contents, "systemInstruction": {"parts": [{"text": "Be kind"}]}}
    request = count.parse({"generateContentRequest": inner}, {}, PATH)
    assert [message.speaker for message in request.messages] == ["system", "user"]
    with pytest.raises(ApiError, match="send it alone"):
        count.parse({"generateContentRequest": inner, "contents": contents}, {}, PATH)


def test_a_wrong_length_names_its_field(client: genai.Client) -> None:
    with pytest.raises(errors.ClientError) as caught:
        client.models.embed_content(model="vectors", contents="a", config={"output_dimensionality": 0})
    violation = caught.value.details["error"]["details"][0]["fieldViolations"][0]
    assert violation["field"] == "requests.0.outputDimensionality"
