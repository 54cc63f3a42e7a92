"""The application: every wire format's endpoints, the control side, health."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from courseware.gateway.errors import ApiError
from courseware.gateway.server.control import control_routes
from courseware.gateway.server.handler import Handler
from courseware.gateway.server.metrics import Metrics
from courseware.gateway.server.models import model_routes
from courseware.gateway.server.providers import provider_of
from courseware.gateway.sessions import Sessions
from courseware.gateway.supervision.lifetime import Lifetime
from courseware.gateway.tiers import Tiers
from courseware.gateway.wire.endpoint import Endpoint
from courseware.gateway.wire.registry import ENDPOINTS


@dataclass
class Gateway:
    """A running gateway's parts. `control_token` opens the control side and the log, `folder` keeps recordings."""

    tiers: Tiers
    control_token: str
    sessions: Sessions = field(default_factory=Sessions)
    metrics: Metrics = field(default_factory=Metrics)
    folder: Path | None = None
    lifetime: Lifetime = field(default_factory=Lifetime)
    end: Callable[[], None] = lambda: None

    async def close(self) -> None:
        """End the engines' processes."""
        for engine in (self.tiers.local, self.tiers.vectors, self.tiers.provider):
            if engine is not None:
                await engine.shutdown()

    def status(self) -> dict[str, Any]:
        """What a person wants to know: which tiers there are, and counts."""
        tiers = ["recordings", "scenarios", *(["local"] if self.tiers.local else [])]
        return {
            "tiers": [*tiers, *(["provider"] if self.tiers.provider else [])],
            "recordings": len(self.tiers.recordings),
            "sessions": len(self.sessions),
            "exchanges": sum(session.count for session in self.sessions.all()),
        }


def application(gateway: Gateway, endpoints: Sequence[Endpoint] = ENDPOINTS) -> Starlette:
    """Return the ASGI application of a gateway."""
    routes: list[BaseRoute] = [
        Route(endpoint.path, Handler(gateway, endpoint).serve, methods=["POST"]) for endpoint in endpoints
    ]
    routes += [*model_routes(gateway), *control_routes(gateway), Route("/health", _health)]
    return Starlette(routes=routes, exception_handlers={404: _no_route, 405: _no_route})


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _no_route(request: Request, _error: Exception) -> Response:
    """A path that this gateway does not have: said so, in the shape its client reads."""
    said = f"this gateway has no {request.method} {request.url.path}; docs/concepts/gateway.md lists what it answers"
    body = provider_of(request).error_body(ApiError("not_found", said, code="unknown_url"), "req_none")
    return JSONResponse(body, 404)
