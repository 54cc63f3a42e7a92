"""Asks the provider, under the cap, and gives its answer on in the gateway's words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import httpx

from courseware.gateway.deltas import deltas_of, stream
from courseware.gateway.errors import STATUS, ApiError, Kind
from courseware.gateway.exchange import ChatReply, ChatRequest, LiveReply, Origin
from courseware.gateway.provider import anthropic_side, openai_side
from courseware.gateway.provider.prices import cost_usd, dearest_usd, priced
from courseware.gateway.provider.settings import Settings
from courseware.gateway.provider.spending import Spending
from courseware.manifest import Course

_SIDES: Mapping[str, ModuleType] = {"openai": openai_side, "anthropic": anthropic_side}
_SECONDS = 120.0
# The longest answer that is paid for where the request sets no limit.
_MAX_TOKENS = 1_024
_KINDS: dict[int, Kind] = {status: kind for kind, status in STATUS.items()}


class ProviderTier:
    """A provider behind the gateway. Belongs to one event loop; `shutdown` closes its connections."""

    def __init__(self, settings: Settings, course: Course, spending: Spending) -> None:
        self._settings, self._course, self._spending = settings, course, spending
        self._side = _SIDES[settings.provider]
        self._client = httpx.AsyncClient(base_url=settings.url, timeout=_SECONDS)

    async def answer(self, request: ChatRequest, _weights: Sequence[str]) -> LiveReply:
        """Ask the provider once and wait for the whole answer. Raises ApiError, the provider's own among them."""
        name = self._real_name(request.model)
        model = priced(self._course, name)
        limit = request.max_tokens or _MAX_TOKENS
        content = json.dumps(self._body(request, name, limit)).encode()
        reserved = dearest_usd(model, len(content), limit * request.n)
        self._spending.reserve(reserved)
        answer = await self._ask(content, reserved)
        usage = self._side.usage(answer)
        self._spending.settle(reserved, cost_usd(model, usage))
        origin = Origin("provider", name, f"answered by {self._settings.provider} with your key")
        reply = ChatReply(str(answer.get("model", name)), (self._side.completion(answer),), usage, origin)
        return LiveReply(reply.model, origin, stream(deltas_of(reply)))

    async def shutdown(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _real_name(self, name: str) -> str:
        """The real model that a role stands for with this provider's key; a real name stands for itself."""
        for role in self._course.roles.values():
            if role.alias == name:
                if self._settings.provider in role.with_key:
                    return role.with_key[self._settings.provider]
                wrong = f"the role {name!r} names no model of {self._settings.provider} in course.toml; add it there"
                raise ApiError("not_found", wrong, param="model", code="model_not_found")
        return name

    def _body(self, request: ChatRequest, name: str, limit: int) -> dict[str, Any]:
        asked: dict[str, Any] = self._side.body(request, name)
        field = "max_output_tokens" if self._settings.provider == "openai" else "max_tokens"
        return {**asked, field: limit}

    async def _ask(self, content: bytes, reserved: float) -> dict[str, Any]:
        headers = {**self._side.headers(self._settings.key), "content-type": "application/json"}
        try:
            answer = await self._client.post(self._side.PATH, content=content, headers=headers)
        except httpx.ConnectError as error:  # nothing was sent, so nothing is paid
            self._spending.settle(reserved, 0.0)
            raise ApiError("server", f"{self._settings.provider} cannot be reached: {error}", status=502) from error
        except httpx.HTTPError as error:
            kind = type(error).__name__
            raise ApiError("server", f"{self._settings.provider} broke off: {kind}; ask again", status=502) from error
        if answer.is_error:
            self._spending.settle(reserved, 0.0)
            raise _passed_on(answer)
        found: dict[str, Any] = answer.json()
        return found


def _passed_on(answer: httpx.Response) -> ApiError:
    """The provider's refusal, in its own words and with its own status."""
    try:
        told = answer.json()["error"]
        message, param, code = told["message"], told.get("param"), told.get("code")
    except (ValueError, KeyError, TypeError):
        message, param, code = answer.text[:200], None, None
    kind = _KINDS.get(answer.status_code, "server" if answer.status_code >= 500 else "invalid_request")
    wait = answer.headers.get("retry-after", "")
    retry_after_s = float(wait) if wait.replace(".", "", 1).isdecimal() else None
    return ApiError(kind, message, param=param, code=code, status=answer.status_code, retry_after_s=retry_after_s)
