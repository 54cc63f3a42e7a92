"""What clients ask about models: lists and single ones, as OpenAI, Anthropic and Ollama show them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import ModelCard
from courseware.gateway.server.bodies import read_json
from courseware.gateway.server.providers import provider_of
from courseware.gateway.server.responses import json_response
from courseware.gateway.server.tokens import api_key
from courseware.gateway.wire import ollama
from courseware.gateway.wire.anthropic.models import model_json as anthropic_model
from courseware.gateway.wire.anthropic.models import models_json as anthropic_models
from courseware.gateway.wire.anthropic.shape import ANTHROPIC
from courseware.gateway.wire.openai.models import model_json, models_json

if TYPE_CHECKING:
    from courseware.gateway.server.app import Gateway

_Action = Callable[["Gateway", Request], Awaitable[Any]]


def model_routes(gateway: Gateway) -> list[BaseRoute]:
    """Return the routes; they need a learner's key like every other."""
    return [
        Route("/v1/models", _answered(gateway, _list)),
        Route("/v1/models/{model}", _answered(gateway, _one)),
        Route("/api/tags", _answered(gateway, _tags)),
        Route("/api/show", _answered(gateway, _show), methods=["POST"]),
        Route("/api/version", _answered(gateway, _version)),
    ]


def _answered(gateway: Gateway, action: _Action) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        try:
            gateway.sessions.of_token(api_key(request))
            return json_response(await action(gateway, request), 200, {})
        except ApiError as error:
            provider = provider_of(request)
            return Response(orjson.dumps(provider.error_body(error, "")), provider.status(error))

    return answered


async def _list(gateway: Gateway, request: Request) -> Any:
    cards = gateway.tiers.directory.cards(date.today())
    return anthropic_models(cards) if provider_of(request) is ANTHROPIC else models_json(cards)


async def _one(gateway: Gateway, request: Request) -> Any:
    card = _card(gateway, request.path_params["model"])
    return anthropic_model(card) if provider_of(request) is ANTHROPIC else model_json(card)


def _card(gateway: Gateway, name: str) -> ModelCard:
    for card in gateway.tiers.directory.cards(date.today()):
        if card.id == name:
            return card
    raise ApiError("not_found", f"the model {name!r} does not exist here; GET /v1/models lists those that do")


async def _tags(gateway: Gateway, _request: Request) -> Any:
    return ollama.render_tags([_ollama_card(card) for card in gateway.tiers.directory.cards(date.today())])


async def _show(gateway: Gateway, request: Request) -> Any:
    return ollama.render_show(_ollama_card(_card(gateway, ollama.model_asked_for(await read_json(request)))))


async def _version(_gateway: Gateway, _request: Request) -> Any:
    return ollama.render_version("0.0.0-courseware")


def _ollama_card(card: ModelCard) -> ollama.Card:
    """A role has no weights of its own, so size and digest are those of nothing."""
    return ollama.Card(card.id, 0, "", card.created)
