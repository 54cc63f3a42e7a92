"""The real Ollama client against embeddings and the questions about models."""

from __future__ import annotations

from typing import Any

import httpx
import ollama
import pytest

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import EmbedReply, Origin
from courseware.gateway.wire.ollama import Card, model_asked_for, render_show, render_tags, render_version

ORIGIN = Origin("local", "model", "")
CARD = Card("small", 400_000_000, "1d96", 1_700_000_000, "qwen2", "0.5B", "Q4_K_M")


def serving(answer: Any) -> ollama.Client:
    """A client of a server that always says this."""
    return ollama.Client("http://gateway", transport=httpx.MockTransport(lambda _: httpx.Response(200, json=answer)))


def test_embed(client: ollama.Client, wire: Any) -> None:
    wire.reply = EmbedReply("small", ((0.5, 0.25), (1.0, 0.0)), 7, ORIGIN)
    answer = client.embed("small", ["a", "b"], dimensions=2)
    assert answer.embeddings == [[0.5, 0.25], [1.0, 0.0]]
    assert (answer.model, answer.prompt_eval_count) == ("small", 7)
    assert (wire.asked[0].texts, wire.asked[0].dimensions) == (("a", "b"), 2)


def test_embed_takes_one_text(client: ollama.Client, wire: Any) -> None:
    wire.reply = EmbedReply("small", ((0.5, 0.25),), 7, ORIGIN)
    assert client.embed("small", "a").embeddings == [[0.5, 0.25]]
    assert client.embeddings("small", "a").embedding == [0.5, 0.25]
    assert [asked.texts for asked in wire.asked] == [("a",), ("a",)]


def test_embed_cuts_long_texts(client: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError, match="truncate: false"):
        client.embed("small", "a", truncate=False)


def test_list() -> None:
    (model,) = serving(render_tags([CARD])).list().models
    assert (model.model, model.size, model.digest) == ("small", 400_000_000, "1d96")
    assert model.modified_at is not None
    assert model.modified_at.timestamp() == 1_700_000_000
    assert model.details is not None
    assert (model.details.parameter_size, model.details.quantization_level) == ("0.5B", "Q4_K_M")


def test_show() -> None:
    shown = serving(render_show(CARD)).show("small")
    assert shown.capabilities == ["completion", "tools"]
    assert shown.modelinfo == {"general.architecture": "qwen2"}


def test_show_asks_about_a_model() -> None:
    assert model_asked_for({"model": "small", "verbose": True}) == "small"
    assert model_asked_for({"name": "small"}) == "small"
    with pytest.raises(ApiError, match="model is missing"):
        model_asked_for({})


def test_version() -> None:
    assert render_version("0.40.0") == {"version": "0.40.0"}
