"""Anthropic's list of models, as its SDK reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import anthropic
import httpx2
import orjson

from courseware.gateway.exchange import ModelCard
from courseware.gateway.wire.anthropic.models import model_json, models_json

CARDS = [ModelCard("course-small", 1_700_000_000, "course", "Small"), ModelCard("course-large", 0, "course", "Large")]


def client(body: Any) -> anthropic.Anthropic:
    """A client that gets this body."""
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, content=orjson.dumps(body)))
    return anthropic.Anthropic(
        base_url="http://gateway", api_key="key", http_client=anthropic.DefaultHttpxClient(transport=transport)
    )


def test_list() -> None:
    with client(models_json(CARDS)) as claude:
        page = claude.models.list()
        assert [model.id for model in page] == ["course-small", "course-large"]
        assert (page.first_id, page.last_id, page.has_more) == ("course-small", "course-large", False)


def test_one() -> None:
    with client(model_json(CARDS[0])) as claude:
        model = claude.models.retrieve("course-small")
    assert model.created_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (model.display_name, model.lifecycle, model.type) == ("Small", "active", "model")


def test_an_empty_list() -> None:
    assert models_json([]) == {"data": [], "has_more": False, "first_id": None, "last_id": None}
