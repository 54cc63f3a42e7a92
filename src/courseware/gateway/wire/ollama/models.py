"""What Ollama's clients ask about models: GET /api/tags, POST /api/show, GET /api/version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from courseware.gateway.errors import ApiError
from courseware.gateway.wire.endpoint import Json
from courseware.gateway.wire.ollama.shape import rfc3339
from courseware.gateway.wire.reading import Field, Ignored, Strict, read


@dataclass(frozen=True, slots=True)
class Card:
    """A model as Ollama lists it. `digest` is the SHA-256 of its weights, `modified` seconds since 1970."""

    name: str
    size_bytes: int
    digest: str
    modified: int
    family: str = ""
    parameter_size: str = ""
    quantization: str = ""
    capabilities: tuple[str, ...] = ("completion", "tools")


class Body(Strict):
    """The body of POST /api/show; `name` is what older clients write for `model`."""

    model: Annotated[str, Field(min_length=1)] | None = None
    name: Annotated[str, Field(min_length=1)] | None = None
    verbose: Ignored = None


def model_asked_for(body: Any) -> str:
    """Return the name of the model that a body of /api/show asks about. Raises `ApiError`."""
    asked = read(body, Body)
    name = asked.model or asked.name
    if name is None:
        raise ApiError("invalid_request", "model is missing; name one of GET /api/tags", param="model")
    return name


def render_tags(cards: Sequence[Card]) -> Json:
    """The answer of GET /api/tags."""
    return {
        "models": [
            {
                "name": card.name,
                "model": card.name,
                "modified_at": rfc3339(card.modified),
                "size": card.size_bytes,
                "digest": card.digest,
                "details": _details(card),
            }
            for card in cards
        ]
    }


def render_show(card: Card) -> Json:
    """The answer of POST /api/show, without template and licence, which the gateway's models keep in their file."""
    return {
        "modified_at": rfc3339(card.modified),
        "details": _details(card),
        "model_info": {"general.architecture": card.family} if card.family else {},
        "capabilities": list(card.capabilities),
    }


def render_version(version: str) -> Json:
    """The answer of GET /api/version."""
    return {"version": version}


def _details(card: Card) -> Json:
    return {
        "parent_model": "",
        "format": "gguf",
        "family": card.family,
        "families": [card.family] if card.family else [],
        "parameter_size": card.parameter_size,
        "quantization_level": card.quantization,
    }
