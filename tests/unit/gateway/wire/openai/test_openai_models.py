"""OpenAI's list of models, as its SDK reads it."""

from __future__ import annotations

from typing import Any

import httpx
import openai

from courseware.gateway.wire.openai.models import ModelCard, model_json, models_json

CARDS = [ModelCard("course-small", 1_700_000_000, "course", "Small"), ModelCard("course-large", 0, "course", "Large")]


def client(body: Any) -> openai.OpenAI:
    """A client that gets this body."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    return openai.OpenAI(base_url="http://gateway/v1", api_key="key", http_client=httpx.Client(transport=transport))


def test_list() -> None:
    with client(models_json(CARDS)) as gpt:
        assert [(model.id, model.owned_by) for model in gpt.models.list()] == [
            ("course-small", "course"),
            ("course-large", "course"),
        ]


def test_one() -> None:
    with client(model_json(CARDS[0])) as gpt:
        model = gpt.models.retrieve("course-small")
    assert (model.id, model.created, model.object) == ("course-small", 1_700_000_000, "model")
