"""What a wire format is made of: endpoints that read a body and write an answer, and what a provider does around."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from courseware.gateway.errors import STATUS, ApiError, Kind
from courseware.gateway.exchange import (
    Call,
    CallStart,
    CallText,
    ChatReply,
    ChatRequest,
    Delta,
    EmbedReply,
    EmbedRequest,
    RerankReply,
    RerankRequest,
    Usage,
    Words,
)

Request = ChatRequest | EmbedRequest | RerankRequest
Reply = ChatReply | EmbedReply | RerankReply
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """What every part of one answer carries: a seed for ids, the model that answers, seconds since 1970.

    `usage` is there where the tokens are known before a stream begins.
    """

    seed: str
    model: str
    created: int
    usage: Usage | None = None

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


class WholeEncoder(Encoder, Protocol):
    """An encoder that writes a reply that is known whole at once, which is much cheaper than piece by piece."""

    def whole(self, runs: Iterable[Delta | Words]) -> bytes:
        """The same bytes as `open` and `feed` for every delta, those of words among them."""


class WholeCalls:
    """An answer's calls, gathered until they are whole, for wire formats that send a call in one piece."""

    def __init__(self) -> None:
        self._calls: dict[int, tuple[str, list[str]]] = {}

    def feed(self, delta: CallStart | CallText) -> None:
        """Add one delta."""
        if isinstance(delta, CallStart):
            self._calls[delta.index] = (delta.name, [])
        else:
            self._calls[delta.index][1].append(delta.json)

    def take(self) -> dict[int, Call]:
        """Return the calls by their index, and forget them; one that was cut off in its JSON is left out."""
        whole = {}
        for index, (name, pieces) in self._calls.items():
            try:
                whole[index] = Call(name, json.loads("".join(pieces) or "{}"))
            except ValueError:
                continue
        self._calls = {}
        return whole


@dataclass(frozen=True)
class Provider:
    """What a provider does around every exchange: where the token stands, how errors look, which headers it sends.

    `statuses` holds the kinds of error that it answers with another status than `errors.STATUS` says.
    """

    name: str
    error_body: Callable[[ApiError, str], Json]
    request_id_header: str
    request_id_prefix: str
    stream_type: str = "text/event-stream; charset=utf-8"
    statuses: Mapping[Kind, int] = field(default_factory=dict, hash=False)

    def status(self, error: ApiError) -> int:
        """The HTTP status of an error: the one it was given, else the provider's own for its kind."""
        usual = error.status == STATUS[error.kind]
        return self.statuses.get(error.kind, error.status) if usual else error.status


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
