"""One exchange, from the client's bytes to the answer's last."""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from starlette.requests import Request as Http
from starlette.responses import Response

from courseware.gateway.counting import count_request
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import ChatReply, ChatRequest, EmbedRequest, LiveReply, Origin
from courseware.gateway.keys import Identity, identify
from courseware.gateway.recorder import record
from courseware.gateway.server.bodies import parsed, read_body
from courseware.gateway.server.context import Context
from courseware.gateway.server.endings import LEFT_STATUS, ClientLeft, own_fault
from courseware.gateway.server.record import finished, note_vectors
from courseware.gateway.server.responses import collected, cut, json_response, live_stream, scripted_stream, whole_json
from courseware.gateway.server.tokens import api_key
from courseware.gateway.sessions import Exchange, Session
from courseware.gateway.wire.endpoint import Endpoint, Head, Request
from courseware.gateway.wire.openai.responses_items import require_paired

if TYPE_CHECKING:
    from courseware.gateway.server.app import Gateway


@dataclass(frozen=True)
class Handler:
    """Answers one endpoint."""

    gateway: Gateway
    endpoint: Endpoint

    async def serve(self, http: Http) -> Response:
        """Answer a request; whatever goes wrong, in the provider's shape."""
        request_id = f"{self.endpoint.provider.request_id_prefix}{secrets.token_hex(12)}"
        try:
            session = self.gateway.sessions.of_token(api_key(http))
        except ApiError as error:
            return self._error(error, request_id)
        self.gateway.lifetime.touch()
        exchange = session.open_exchange(http.scope["path"])
        context = Context(self.gateway, self.endpoint, session, exchange, request_id, time.monotonic())
        self.gateway.metrics.under_way += 1
        try:
            return await self._answer(http, context)
        except ApiError as error:
            exchange.error, exchange.left_early = error.message, isinstance(error, ClientLeft)
            context.finish(self.endpoint.provider.status(error))
            return self._error(error, request_id)
        except Exception:
            fault = own_fault(http.scope["path"])
            exchange.error = fault.message
            context.finish(fault.status)
            return self._error(fault, request_id)
        except asyncio.CancelledError:
            exchange.left_early = True
            context.finish(LEFT_STATUS)
            raise

    async def _answer(self, http: Http, context: Context) -> Response:
        raw = await read_body(http)
        body = parsed(raw)
        context.session.note_asked(context.exchange, body, len(raw))
        await _suffer(context)
        request = self.endpoint.parse(body, http.headers, _parameters(http))
        self.gateway.tiers.directory.require(request, date.today())
        if not isinstance(request, ChatRequest):
            return await self._vectors(request, context)
        if request.extras.get("count_only"):
            return self._count(request, context)
        request = _continued(request, context.session)
        identity = identify(request)
        context.exchange.request, context.exchange.stream = identity.counts, request.stream
        return await self._chat(http, request, identity, context)

    async def _chat(self, http: Http, request: ChatRequest, identity: Identity, context: Context) -> Response:
        reply = await self.gateway.tiers.chat(request, context.session, identity)
        head = Head(_seed(context.exchange, identity.exact), reply.model, int(time.time()))
        if isinstance(reply, LiveReply) and request.stream and not context.session.record:
            return await live_stream(http, request, reply, head, context)
        whole = await collected(http, reply) if isinstance(reply, LiveReply) else reply
        if isinstance(reply, LiveReply) and context.session.record:
            self._write_down(request, whole, http, context)
        whole = finished(request, whole, head, context)
        if request.stream:
            return scripted_stream(request, whole, head, context)
        return self._json(self.endpoint.render(request, whole, head), whole.origin, context)

    def _write_down(self, request: ChatRequest, reply: ChatReply, http: Http, context: Context) -> None:
        if self.gateway.folder is None or context.session.record is None:
            raise ApiError("server", "this gateway has no folder for recordings; start it in the course's folder")
        client = http.headers.get("user-agent", "")
        record(request, reply, context.session.record, client, self.gateway.folder, self.gateway.tiers.recordings)

    async def _vectors(self, request: Request, context: Context) -> Response:
        tiers = self.gateway.tiers
        reply: Any
        if isinstance(request, EmbedRequest):
            reply = await tiers.embed(request, context.session)
        else:
            reply = await tiers.rerank(request, context.session)  # type: ignore[arg-type]
        note_vectors(context.exchange, reply)
        head = Head(_seed(context.exchange), reply.model, int(time.time()))
        return self._json(self.endpoint.render(request, reply, head), reply.origin, context)

    def _count(self, request: ChatRequest, context: Context) -> Response:
        """Tokens of the input, by the gateway's declared counter."""
        head = Head(_seed(context.exchange), request.model, int(time.time()))
        body = self.endpoint.render(request, count_request(request), head)
        return self._json(body, Origin("simulator", "o200k_base", "counted with o200k_base"), context)

    def _json(self, body: Any, origin: Origin, context: Context) -> Response:
        context.exchange.tier, context.exchange.origin = origin.tier, origin.id
        response = whole_json(body, origin, context)
        context.finish(200)
        return response if context.cut_after is None else cut(response)

    def _error(self, error: ApiError, request_id: str) -> Response:
        provider = self.endpoint.provider
        headers = {provider.request_id_header: request_id}
        if error.retry_after_s is not None:
            headers |= {
                "retry-after": f"{error.retry_after_s:g}",
                "retry-after-ms": str(math.ceil(error.retry_after_s * 1000)),
            }
        return json_response(provider.error_body(error, request_id), provider.status(error), headers)


def _parameters(http: Http) -> dict[str, str]:
    """Of the path and of the query; most requests have no query, and parsing none takes as long as any."""
    return {**(http.query_params if http.scope["query_string"] else {}), **http.path_params}


async def _suffer(context: Context) -> None:
    """Let the session's faults strike this exchange: wait, then fail. Raises ApiError."""
    faults = context.session.faults_for(context.exchange.number)
    context.exchange.fault = "; ".join([fault.model_dump_json(exclude_defaults=True) for fault in faults]) or None
    for fault in faults:
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        error = fault.error()
        if error is not None:
            raise error


def _continued(request: ChatRequest, session: Session) -> ChatRequest:
    """Put the conversation that the request goes on with before its own turns. Raises ApiError."""
    earlier_id = request.extras.get("continues")
    if not earlier_id:
        return request
    own = request.extras.get("instruction_turns", 0)
    turns = (*request.messages[:own], *session.earlier(earlier_id), *request.messages[own:])
    require_paired(turns)
    return replace(request, messages=turns)


def _seed(exchange: Exchange, key: str = "") -> str:
    """The same request at the same place of a session gets the same ids, so that a lesson shows the same output."""
    return f"{key}/{exchange.number}"
