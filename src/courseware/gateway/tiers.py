"""Who answers: a recording, else the session's script, else the user's own provider if asked for, else the local model.

Every answer says which in its origin. A strict session stops before the local model. What nothing answers is an error
that names the nearest recordings and the next tier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from courseware.gateway.directory import Directory
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import (
    ChatReply,
    ChatRequest,
    EmbedReply,
    EmbedRequest,
    LiveReply,
    RerankReply,
    RerankRequest,
)
from courseware.gateway.keys import Identity
from courseware.gateway.recordings import Recordings
from courseware.gateway.sessions import Session
from courseware.gateway.shaping import shape
from courseware.gateway.simulators import HashingEmbedder


class ChatModel(Protocol):
    """Generates text on this machine, or asks a provider to."""

    async def answer(self, request: ChatRequest, weights: Sequence[str]) -> LiveReply:
        """Begin an answer. Raises ApiError."""

    async def shutdown(self) -> None:
        """End its processes."""


class VectorModel(Protocol):
    """Turns text into vectors on this machine."""

    async def answer(self, request: EmbedRequest) -> EmbedReply:
        """Return one vector for each text. Raises ApiError."""

    async def rank(self, request: RerankRequest) -> RerankReply:
        """Order documents. Raises ApiError."""

    async def shutdown(self) -> None:
        """End its processes."""


@dataclass(frozen=True)
class Tiers:
    """Everything that can answer; None where this gateway runs without it."""

    directory: Directory
    recordings: Recordings
    local: ChatModel | None = None
    vectors: VectorModel | None = None
    provider: ChatModel | None = None

    async def chat(
        self, request: ChatRequest, session: Session, identity: Identity | None = None
    ) -> ChatReply | LiveReply:
        """Return the first tier's answer. Raises ApiError where there is none."""
        reply = self.scripted(request, session, identity)
        if reply is not None:
            return reply
        if session.strict:
            raise self._miss(request, session)
        if self.provider is not None and (session.source != "local" or request.model not in _LOCAL_ONLY):
            return await self.provider.answer(request, ())
        if self.local is None:
            raise self._miss(request, session)
        return await self.local.answer(request, self.directory.weights(request.model))

    def scripted(self, request: ChatRequest, session: Session, identity: Identity | None = None) -> ChatReply | None:
        """What a recording, a scenario or a simulator says."""
        found = self.recordings.find(request, identity) if session.recordings else None
        if found is not None:
            return found.reply
        said = session.scenario.answer(request) if session.scenario else None
        if said is None and session.reader is not None:
            said = session.reader.answer(request)
        return shape(request, *said) if said else None

    async def embed(self, request: EmbedRequest, session: Session) -> EmbedReply:
        """Return the vectors: the session's simulator, else the local model."""
        if session.embedder == "hashing":
            return HashingEmbedder().embed(request)
        return await self._vectors(session).answer(request)

    async def rerank(self, request: RerankRequest, session: Session) -> RerankReply:
        """Return the order: the session's simulator's, else the local model's."""
        if session.embedder == "hashing":
            return HashingEmbedder().rank(request)
        return await self._vectors(session).rank(request)

    def _vectors(self, session: Session) -> VectorModel:
        if session.strict or self.vectors is None:
            why = "this session is strict" if session.strict else "this gateway runs without local models"
            message = f"nothing here makes vectors: {why}; give the session embedder 'hashing', or open one not strict"
            raise ApiError("not_found", message, code="no_recording")
        return self.vectors

    def _miss(self, request: ChatRequest, session: Session) -> ApiError:
        near = [f"{recording.id} (differs in {what})" for recording, what in self.recordings.nearest(request)]
        nearest = f"nearest recordings: {'; '.join(near)}" if near and session.recordings else "no recording is near"
        script = f"; no rule of scenario {session.scenario.name} fits the conversation" if session.scenario else ""
        following = "open a session that is not strict" if session.strict else "start it with `course serve`"
        message = f"no recording answers this request; {nearest}{script}; next tier: the local model, {following}"
        return ApiError("not_found", message, code="no_recording")


# Answered on this machine even where a key is at hand: sampling, logits and measurements.
_LOCAL_ONLY = frozenset({"course-local"})
