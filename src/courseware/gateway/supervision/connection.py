"""Talking to a running gateway's control side: sessions, logs, owners, the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from courseware.gateway.supervision.state import State

_SECONDS = 10.0


class GatewayError(Exception):
    """The gateway cannot be reached, started or used; one line that says what to do."""


@dataclass(frozen=True)
class SessionHandle:
    """A session that is open: the key and address a client needs, and its log."""

    connection: Connection
    id: str
    token: str

    @property
    def openai_url(self) -> str:
        """For OPENAI_BASE_URL."""
        return f"{self.connection.url}/v1"

    @property
    def anthropic_url(self) -> str:
        """For ANTHROPIC_BASE_URL."""
        return self.connection.url

    def log(self) -> list[dict[str, Any]]:
        """Its exchanges so far, oldest first: see `courseware.gateway.sessions.Exchange`."""
        exchanges: list[dict[str, Any]] = self.connection.ask("GET", f"/control/sessions/{self.id}/log")["exchanges"]
        return exchanges


@dataclass(frozen=True)
class Connection:
    """A way to a gateway. Every method raises GatewayError."""

    url: str
    token: str
    control_token: str

    @classmethod
    def of(cls, state: State) -> Connection:
        """The way to the gateway that left this state."""
        return cls(state.url, state.token, state.control_token)

    @property
    def port(self) -> int:
        """Its TCP port on loopback."""
        return int(self.url.rpartition(":")[2])

    def open_session(self, **settings: Any) -> SessionHandle:
        """Open a session: name, strict, recordings, scenario, reader, embedder, faults, opens."""
        opened = self.ask("POST", "/control/sessions", settings)
        return SessionHandle(self, opened["id"], opened["token"])

    @contextmanager
    def session(self, **settings: Any) -> Iterator[SessionHandle]:
        """The same for as long as a `with` block lasts."""
        handle = self.open_session(**settings)
        try:
            yield handle
        finally:
            self.ask("DELETE", f"/control/sessions/{handle.id}")

    def status(self) -> dict[str, Any]:
        """Its tiers and counts."""
        return self.ask("GET", "/control/status")

    def own(self, pid: int) -> None:
        """Keep it alive while the process `pid` is."""
        self.ask("POST", "/control/owners", {"pid": pid})

    def stop(self) -> None:
        """Ask it to end; streams under way are finished first."""
        self.ask("POST", "/control/stop")

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Send a request to the control side and return what it answers."""
        headers = {"authorization": f"Bearer {self.control_token}"}
        try:
            answer = httpx.request(
                method,
                self.url + path,
                json=body,
                headers=headers,
                timeout=_SECONDS,
                trust_env=False,
                verify=False,  # noqa: S501 - plain HTTP on loopback; loading certificates would be most of its time
            )
        except httpx.HTTPError as error:
            reason = f"the gateway at {self.url} does not answer ({type(error).__name__})"
            raise GatewayError(f"{reason}; run setup() again, or `course serve` to see why") from error
        if answer.is_error:
            said = answer.json().get("error", answer.text) if answer.content else ""
            raise GatewayError(f"the gateway refused {method} {path}: {said}")
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found
