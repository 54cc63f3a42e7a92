"""OpenAI's list of models: GET /v1/models and /v1/models/{id}."""

from __future__ import annotations

from collections.abc import Sequence

from courseware.gateway.exchange import ModelCard
from courseware.gateway.wire.endpoint import Json


def models_json(models: Sequence[ModelCard]) -> Json:
    """All models."""
    return {"object": "list", "data": [model_json(model) for model in models]}


def model_json(model: ModelCard) -> Json:
    """A `model` object."""
    return {"id": model.id, "object": "model", "created": model.created, "owned_by": model.owner}


__all__ = ["ModelCard", "model_json", "models_json"]
