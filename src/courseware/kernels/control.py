"""The way to one kernel's supervisor, from its owner: requests one after the other, each with its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.kernels.errors import TemplateFailed
from courseware.kernels.protocol import Channel, ChannelClosed, MalformedMessage, Message

_PATIENCE_S = 60.0


class Control:
    """Tells and asks a supervisor. Where that is gone, so is its kernel, and everything here raises TemplateFailed."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def tell(self, header: Mapping[str, Any]) -> None:
        """Send what has no answer."""
        try:
            self._channel.send(header, seconds=_PATIENCE_S)
        except (ChannelClosed, TimeoutError):
            raise _gone() from None

    def ask(self, header: Mapping[str, Any], most: int = 0) -> Message:
        """Send a request and return its answer, which carries at most `most` bytes."""
        self.tell(header)
        return self.answer(most)

    def answer(self, most: int = 0) -> Message:
        """Return the next message that comes."""
        try:
            return self._channel.receive(most=most, seconds=_PATIENCE_S)
        except (ChannelClosed, MalformedMessage, TimeoutError):
            raise _gone() from None

    def close(self) -> None:
        """Let go of it; the supervisor ends the kernel then."""
        self._channel.close()


def _gone() -> TemplateFailed:
    return TemplateFailed("a kernel's supervisor is gone, as when its template was killed. Start another template")
