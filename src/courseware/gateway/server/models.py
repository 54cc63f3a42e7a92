"""The list of models a client may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

if TYPE_CHECKING:
    from courseware.gateway.server.app import Gateway


def model_routes(gateway: Gateway) -> list[BaseRoute]:
    """Return the routes of model lists."""
    return []
