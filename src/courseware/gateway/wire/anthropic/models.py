"""Anthropic's list of models: GET /v1/models and /v1/models/{id}, for clients that send `anthropic-version`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from courseware.gateway.exchange import ModelCard
from courseware.gateway.wire.endpoint import Json


def models_json(models: Sequence[ModelCard]) -> Json:
    """All models on one page."""
    return {
        "data": [model_json(model) for model in models],
        "has_more": False,
        "first_id": models[0].id if models else None,
        "last_id": models[-1].id if models else None,
    }


def model_json(model: ModelCard) -> Json:
    """A `model` object."""
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.display_name,
        "created_at": datetime.fromtimestamp(model.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lifecycle": "active",
        "capabilities": None,
        "max_input_tokens": None,
        "max_tokens": None,
    }
