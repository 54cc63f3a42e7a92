"""The gateway: answers the real SDKs from recordings, scenarios or a local model, and always says which."""

from courseware.gateway.supervision import Connection, GatewayError, SessionHandle, ensure, running

__all__ = ["Connection", "GatewayError", "SessionHandle", "ensure", "running"]
