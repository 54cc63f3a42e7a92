"""Answers on their way out: whole, as a stream that is ready, as a stream that is being written, and cut off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
from starlette.requests import Request as Http
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from courseware.gateway.deltas import Collector, collect, deltas_of
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import ChatReply, ChatRequest, Delta, LiveReply, Origin, Total
from courseware.gateway.server.context import Context
from courseware.gateway.server.record import finished
from courseware.gateway.wire.endpoint import Encoder, Head


def json_response(body: Any, status: int, headers: Mapping[str, str]) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), status, dict(headers), "application/json")


def headers_of(origin: Origin, context: Context) -> dict[str, str]:
    """Where the answer came from, and the provider's request id."""
    return {
        "x-gateway-tier": origin.tier,
        "x-gateway-origin": _header(origin.id),
        "x-gateway-provenance": _header(origin.provenance),
        "x-gateway-exchange": str(context.exchange.number),
        context.endpoint.provider.request_id_header: context.request_id,
    }


def _header(text: str) -> str:
    return text.encode("ascii", "replace").decode().replace("\n", " ")


async def collected(http: Http, reply: LiveReply) -> ChatReply:
    """All of a live reply, unless the client goes away first: then the writing stops, with ApiError."""
    writing, gone = asyncio.ensure_future(collect(reply)), asyncio.ensure_future(_gone(http))
    try:
        await asyncio.wait((writing, gone), return_when=asyncio.FIRST_COMPLETED)
        if writing.done():
            return writing.result()
        raise ApiError("invalid_request", "the client left before its answer", status=499)
    finally:
        for task in (writing, gone):
            task.cancel()
        await asyncio.gather(writing, gone, return_exceptions=True)
        await _close(reply.deltas)


async def _gone(http: Http) -> None:
    while (await http.receive())["type"] != "http.disconnect":
        pass


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
    request = replace(request, extras={**request.extras, "usage": reply.usage})
    encoder = _encoder(request, head, context)
    pieces = [encoder.open(), *(encoder.feed(delta) for delta in deltas_of(reply))]
    pieces = [piece for piece in pieces if piece]
    headers, media_type = headers_of(reply.origin, context), context.endpoint.provider.stream_type
    headers["cache-control"] = "no-cache"
    if context.cut_after is not None:
        context.finish(200)
        return CutResponse(pieces[: context.cut_after], headers, media_type, context.pace_s)
    if context.pace_s:
        return StreamingResponse(_paced(pieces, context), 200, headers, media_type)
    context.finish(200)
    return Response(b"".join(pieces), 200, headers, media_type)


async def _paced(pieces: list[bytes], context: Context) -> AsyncIterator[bytes]:
    context.exchange.left_early = True
    try:
        for piece in pieces:
            yield piece
            await asyncio.sleep(context.pace_s)
        context.exchange.left_early = False
    finally:
        context.finish(200)


async def live_stream(request: ChatRequest, reply: LiveReply, head: Head, context: Context) -> Response:
    """A stream that is being written. What fails before the first delta is an ordinary error: ApiError."""
    deltas = aiter(reply.deltas)
    try:
        first = await anext(deltas)
    except StopAsyncIteration:
        raise ApiError("server", "the local model gave no answer; ask again") from None
    headers, media_type = headers_of(reply.origin, context), context.endpoint.provider.stream_type
    headers["cache-control"] = "no-cache"
    body = _Live(request, reply, head, context).pieces(first, deltas)
    return StreamingResponse(body, 200, headers, media_type)


class _Live:
    """Writes deltas as they come, and the log at the end, however it ends."""

    def __init__(self, request: ChatRequest, reply: LiveReply, head: Head, context: Context) -> None:
        self._request, self._reply, self._head, self._context = request, reply, head, context
        self._encoder, self._collector = _encoder(request, head, context), Collector()

    async def pieces(self, first: Delta, deltas: AsyncIterator[Delta]) -> AsyncIterator[bytes]:
        """Yield bytes; a client that goes away closes this generator, which closes the engine's."""
        self._context.exchange.left_early = True
        try:
            yield self._encoder.open() + self._write(first)
            async for delta in deltas:
                piece = self._write(delta)
                if piece:
                    yield piece
            self._context.exchange.left_early = False
        except ApiError as error:
            self._context.exchange.left_early, self._context.exchange.error = False, error.message
            yield self._encoder.error(error)
        finally:
            await _close(deltas)
            self._context.finish(200)

    def _write(self, delta: Delta) -> bytes:
        self._collector.feed(delta)
        if isinstance(delta, Total):
            delta = Total(self._whole().usage)
        return self._encoder.feed(delta)

    def _whole(self) -> ChatReply:
        completions, usage = self._collector.completions(), self._collector.usage
        reply = ChatReply(self._reply.model, completions, usage, self._reply.origin)
        return finished(self._request, reply, self._head, self._context)


async def _close(deltas: AsyncIterator[Delta]) -> None:
    close = getattr(deltas, "aclose", None)
    if close is not None:
        await close()


def _encoder(request: ChatRequest, head: Head, context: Context) -> Encoder:
    if context.endpoint.encoder is None:
        raise ApiError("invalid_request", "this endpoint does not stream; leave stream out", param="stream")
    return context.endpoint.encoder(request, head)
