"""What a wire format is made of: endpoints that read a body and write an answer, and what a provider does around."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import (
    ChatReply,
    ChatRequest,
    Delta,
    EmbedReply,
    EmbedRequest,
    RerankReply,
    RerankRequest,
)

Request = ChatRequest | EmbedRequest | RerankRequest
Reply = ChatReply | EmbedReply | RerankReply
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """What every part of one answer carries: a seed for ids, the model that answers, seconds since 1970."""

    seed: str
    model: str
    created: int

    def id(self, prefix: str, *path: object) -> str:
        """Return an id with a provider's prefix; the same request at the same place in a session has the same id."""
        text = "/".join([self.seed, prefix, *map(str, path)])
        return prefix + hashlib.sha256(text.encode()).hexdigest()[:24]


class Encoder(Protocol):
    """Writes a stream piece by piece; `feed` takes every delta, `Total` last. Calls return bytes to send, or none."""

    def open(self) -> bytes:
        """Bytes that come before the first delta."""

    def feed(self, delta: Delta) -> bytes:
        """Bytes for one delta."""

    def error(self, error: ApiError) -> bytes:
        """Bytes that tell the client, in mid-stream, that no more will come."""


@dataclass(frozen=True)
class Provider:
    """What a provider does around every exchange: where the token stands, how errors look, which headers it sends."""

    name: str
    error_body: Callable[[ApiError, str], Json]
    request_id_header: str
    request_id_prefix: str
    stream_type: str = "text/event-stream; charset=utf-8"


@dataclass(frozen=True)
class Endpoint:
    """One path of a provider. `parse` gets the body, the request's headers and the path's parameters.

    `parse` raises `ApiError`; `render` writes a whole answer; `encoder` is absent where nothing streams.
    """

    provider: Provider
    path: str
    parse: Callable[[Json, Mapping[str, str], Mapping[str, str]], Request]
    render: Callable[[Any, Any, Head], Json]
    encoder: Callable[[ChatRequest, Head], Encoder] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
