"""A check's way to the gateway: sessions with their own scenario and faults, and the log of what went over the wire.

The package of checks knows no gateway. Whoever runs checks hands one in with `provide_gateway`: `setup()` in a
notebook, the examiner in grading.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from courseware.checks.errors import CheckError


class Session(Protocol):
    """An open session: what a client needs to reach it, and what it logged."""

    @property
    def token(self) -> str:
        """The API key that selects it."""

    @property
    def openai_url(self) -> str:
        """OpenAI's base URL, with /v1."""

    @property
    def anthropic_url(self) -> str:
        """Anthropic's base URL."""

    def log(self) -> list[dict[str, Any]]:
        """Its exchanges so far, oldest first, as JSON."""


class Gateway(Protocol):
    """Opens sessions."""

    def session(self, **settings: Any) -> AbstractContextManager[Session]:
        """A session for as long as a `with` block lasts."""


_connect: list[Callable[[], Gateway]] = []


def provide_gateway(connect: Callable[[], Gateway]) -> None:
    """Have checks reach the gateway that `connect` returns; it is called when a check first needs one."""
    _connect[:] = [connect]


def gateway() -> Gateway:
    """The gateway that was provided. Raises CheckError where none was."""
    if not _connect:
        raise CheckError("this check needs the gateway; run the notebook's first cell, setup(...)")
    return _connect[0]()
