"""Answers on their way out: whole, as a stream that is ready, as a stream that is being written, and cut off."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import orjson
from starlette.requests import Request as Http
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from courseware.gateway.deltas import Collector, collect, deltas_of, runs
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import ChatReply, ChatRequest, Delta, LiveReply, Origin, Total, Words
from courseware.gateway.server.context import Context
from courseware.gateway.server.endings import ClientLeft, own_fault, unless_client_leaves
from courseware.gateway.server.record import finished
from courseware.gateway.wire.endpoint import Encoder, Head, WholeEncoder

Header = tuple[bytes, bytes]
_NOT_IN_HEADERS = re.compile(r"[^ -~]")
_NOT_KEPT = (b"cache-control", b"no-cache")


def json_response(body: Any, status: int, headers: Mapping[str, str]) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), status, dict(headers), "application/json")


class WholeResponse(Response):
    """An answer that is known whole, with headers as they go out: to encode them anew each time costs as much as it."""

    def __init__(self, body: bytes, headers: list[Header], media_type: bytes) -> None:
        self.status_code, self.body, self.background = 200, body, None
        self.raw_headers = [*headers, (b"content-length", b"%d" % len(body)), (b"content-type", media_type)]


def whole_json(body: Any, origin: Origin, context: Context) -> Response:
    """A JSON answer that says where it came from."""
    return WholeResponse(orjson.dumps(body), headers_of(origin, context), b"application/json")


def headers_of(origin: Origin, context: Context) -> list[Header]:
    """Where the answer came from, and the provider's request id."""
    name = context.endpoint.provider.request_id_header
    own = (b"x-gateway-exchange", b"%d" % context.exchange.number), (name.encode(), context.request_id.encode())
    return [*_origin_headers(origin), *own]


@lru_cache
def _origin_headers(origin: Origin) -> tuple[Header, ...]:
    told = {"tier": origin.tier, "origin": origin.id, "provenance": origin.provenance}
    return tuple((f"x-gateway-{name}".encode(), _NOT_IN_HEADERS.sub("?", text).encode()) for name, text in told.items())


def _as_text(headers: list[Header]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in headers}


async def collected(http: Http, reply: LiveReply) -> ChatReply:
    """All of a live reply, unless the client goes away first: then the writing stops, with ClientLeft."""
    try:
        return await unless_client_leaves(http.receive, collect(reply), "its answer was whole")
    finally:
        await _close(reply.deltas)


class CutResponse(Response):
    """Promises more than it sends: the server then closes the connection, as a network that breaks would."""

    def __init__(self, pieces: list[bytes], headers: Mapping[str, str], media_type: str, pace_s: float = 0) -> None:
        super().__init__(None, 200, dict(headers), media_type)
        del self.headers["content-length"]
        self._pieces, self._pace_s = pieces, pace_s

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send what there is and never the end."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(self._pace_s)


def cut(response: Response) -> Response:
    """The first half of a whole answer."""
    body = bytes(response.body)
    kept = {name: value for name, value in response.headers.items() if name not in ("content-length", "content-type")}
    return CutResponse([body[: len(body) // 2]], kept, "application/json")


def scripted_stream(request: ChatRequest, reply: ChatReply, head: Head, context: Context) -> Response:
    """A stream of a reply that is known whole: at once, or at the pace that a fault sets."""
    encoder = _encoder(request, replace(head, usage=reply.usage), context)
    headers, media_type = [*headers_of(reply.origin, context), _NOT_KEPT], context.endpoint.provider.stream_type
    if context.cut_after is None and not context.pace_s:
        context.finish(200)
        return WholeResponse(_at_once(encoder, reply), headers, media_type.encode())
    pieces = [piece for piece in (encoder.open(), *map(encoder.feed, deltas_of(reply))) if piece]
    if context.cut_after is not None:
        context.finish(200)
        return CutResponse(pieces[: context.cut_after], _as_text(headers), media_type, context.pace_s)
    return StreamedResponse(_paced(pieces, context.pace_s), _as_text(headers), media_type, context)


def _at_once(encoder: Encoder | WholeEncoder, reply: ChatReply) -> bytes:
    whole: Callable[[Iterable[Delta | Words]], bytes] | None = getattr(encoder, "whole", None)
    if whole is None:
        return b"".join((encoder.open(), *map(encoder.feed, deltas_of(reply))))
    return whole(runs(reply))


async def _paced(pieces: list[bytes], pace_s: float) -> AsyncIterator[bytes]:
    for piece in pieces[:-1]:
        yield piece
        await asyncio.sleep(pace_s)
    yield pieces[-1]


class StreamedResponse(Response):
    """Sends pieces as they come until the last, or until the client goes away; then ends the exchange, in any case."""

    def __init__(
        self,
        pieces: AsyncIterator[bytes],
        headers: Mapping[str, str],
        media_type: str,
        context: Context,
        deltas: AsyncIterator[Delta] | None = None,
    ) -> None:
        super().__init__(None, 200, dict(headers), media_type)
        del self.headers["content-length"]
        self._pieces, self._context, self._deltas = pieces, context, deltas

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything there is."""
        try:
            await unless_client_leaves(receive, self._send(send), "its stream ended")
        except (ClientLeft, asyncio.CancelledError) as left:
            self._context.exchange.left_early = True
            if not isinstance(left, ClientLeft):
                raise
        finally:
            # Ends first what others wait for: an engine may take its time.
            self._context.finish(200)
            for writing in (self._pieces, self._deltas):
                await _close(writing)

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def live_stream(http: Http, request: ChatRequest, reply: LiveReply, head: Head, context: Context) -> Response:
    """A stream that is being written. What fails before the first delta is an ordinary error: ApiError."""
    try:
        live = _Live(request, reply, head, context)
        first = await unless_client_leaves(http.receive, _first(reply.deltas), "the first word")
        if first is None:
            raise ApiError("server", "the local model gave no answer; ask again")
    except BaseException:
        await _close(reply.deltas)
        raise
    headers, media_type = [*headers_of(reply.origin, context), _NOT_KEPT], context.endpoint.provider.stream_type
    return StreamedResponse(live.pieces(first), _as_text(headers), media_type, context, reply.deltas)


async def _first(deltas: AsyncIterator[Delta]) -> Delta | None:
    return await anext(deltas, None)


class _Live:
    """Writes deltas as they come, and the log when they are all there."""

    def __init__(self, request: ChatRequest, reply: LiveReply, head: Head, context: Context) -> None:
        self._request, self._reply, self._head, self._context = request, reply, head, context
        self._encoder, self._collector = _encoder(request, head, context), Collector()

    async def pieces(self, first: Delta) -> AsyncIterator[bytes]:
        """Yield bytes, from the first delta to the total; a failure is the last of them, as an error event."""
        try:
            yield self._encoder.open() + self._write(first)
            delta = first
            while not isinstance(delta, Total):
                delta = await anext(self._reply.deltas)
                piece = self._write(delta)
                if piece:
                    yield piece
        except ApiError as error:
            yield self._failed(error)
        except Exception:
            yield self._failed(own_fault(self._context.exchange.path))

    def _failed(self, error: ApiError) -> bytes:
        self._context.exchange.error = error.message
        return self._encoder.error(error)

    def _write(self, delta: Delta) -> bytes:
        self._collector.feed(delta)
        if isinstance(delta, Total):
            delta = Total(self._whole().usage)
        return self._encoder.feed(delta)

    def _whole(self) -> ChatReply:
        completions, usage = self._collector.completions(), self._collector.usage
        reply = ChatReply(self._reply.model, completions, usage, self._reply.origin)
        return finished(self._request, reply, self._head, self._context)


async def _close(writing: AsyncIterator[Any] | None) -> None:
    close = getattr(writing, "aclose", None)
    if close is not None:
        await close()


def _encoder(request: ChatRequest, head: Head, context: Context) -> Encoder:
    if context.endpoint.encoder is None:
        raise ApiError("invalid_request", "this endpoint does not stream; leave stream out", param="stream")
    return context.endpoint.encoder(request, head)
