"""One gateway for each user and course: found, started, kept alive, ended when nobody needs it."""

from courseware.gateway.supervision.connection import Connection, GatewayError, SessionHandle
from courseware.gateway.supervision.ensuring import ensure, running
from courseware.gateway.supervision.state import State, state_path

__all__ = ["Connection", "GatewayError", "SessionHandle", "State", "ensure", "running", "state_path"]
