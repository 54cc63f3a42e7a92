"""One recording: a request that counts, the reply, and where the reply came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

from courseware.gateway.deltas import runs_of
from courseware.gateway.exchange import ChatReply, ChatRequest, Completion, Delta, Origin, Tier, Usage, Words
from courseware.gateway.keys import exact_key, normalised_key


class RecordingError(Exception):
    """A recording that cannot be used; the message names its file and what to do."""


@dataclass(frozen=True)
class Provenance:
    """Who said it. `source`: a model (`recorded`), or a person following the documented wire format (`authored`).

    `model` is the model's own name, `weights` the SHA-256 of a local model's file, `sdk` the client used.
    """

    source: Literal["recorded", "authored"]
    model: str
    day: date
    weights: str | None = None
    sdk: str | None = None
    note: str | None = None

    def sentence(self) -> str:
        """One line for a header or a page."""
        if self.source == "authored":
            return f"authored on {self.day} to follow the documented wire format; no model said this"
        weights = f", weights sha256 {self.weights[:12]}" if self.weights else ""
        return f"recorded from {self.model} on {self.day}{weights}"


@dataclass(frozen=True)
class Recording:
    """A reply to the request whose canonical form is `request`. `id` is its file's path below data/recordings."""

    id: str
    provenance: Provenance
    request: dict[str, Any]
    completions: tuple[Completion, ...]
    usage: Usage
    limit: int | None = None

    @property
    def exact(self) -> str:
        """Its key to the letter."""
        return exact_key(self.request)

    @property
    def normalised(self) -> str:
        """Its key without case and white space of the conversation."""
        return normalised_key(self.request)

    def fits(self, request: ChatRequest) -> bool:
        """Whether the reply is what this limit on its length would have given.

        An answer that was cut off belongs to the limit that cut it; any other to every limit it stays within.
        """
        if any(completion.stop == "length" for completion in self.completions):
            return request.max_tokens == self.limit
        return request.max_tokens is None or self.usage.output <= request.max_tokens * len(self.completions)

    def reply(self, tier: Tier) -> ChatReply:
        """The reply, under the name of the model that gave it."""
        reply = self._replies.get(tier)
        if reply is None:
            model = self.provenance.model if self.provenance.source == "recorded" else "authored"
            origin = Origin(tier, self.id, self.provenance.sentence())
            reply = ChatReply(model, self.completions, self.usage, origin, lambda: self._runs)
            self._replies[tier] = reply
        return reply

    # Kept: a class asks for the same answers again and again.

    @cached_property
    def _replies(self) -> dict[Tier, ChatReply]:
        return {}

    @cached_property
    def _runs(self) -> tuple[Delta | Words, ...]:
        return tuple(runs_of(self.completions))
