"""The gateway as an ASGI application."""

from courseware.gateway.server.app import Gateway, application

__all__ = ["Gateway", "application"]
