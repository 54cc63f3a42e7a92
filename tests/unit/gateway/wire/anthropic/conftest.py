"""The real SDKs, answered by the wire formats in the same process: no socket, no server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import anthropic
import httpx
import httpx2
import openai
import orjson
import pytest

from courseware.gateway.deltas import deltas_of
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import ChatReply, ChatRequest, Completion, Origin, Text, Usage
from courseware.gateway.wire.anthropic import ENDPOINTS as ANTHROPIC_ENDPOINTS
from courseware.gateway.wire.endpoint import Endpoint, Head
from courseware.gateway.wire.openai import ENDPOINTS as OPENAI_ENDPOINTS

ENDPOINTS = {endpoint.path: endpoint for endpoint in (*ANTHROPIC_ENDPOINTS, *OPENAI_ENDPOINTS)}
Answer = tuple[int, dict[str, str], bytes]
Say = Callable[..., ChatReply]


@dataclass
class Wire:
    """Parses what an SDK sends and answers with the next of `replies`, or with the error that is next.

    `breaks` is an error that ends a stream after its first delta; `deltas` are streamed in place of the reply's own.
    """

    replies: list[Any] = field(default_factory=list)
    breaks: ApiError | None = None
    deltas: list[Any] | None = None
    asked: list[Any] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def answer(self, path: str, headers: dict[str, str], content: bytes) -> Answer:
        """Answer one request: status, headers, body."""
        endpoint = ENDPOINTS[path]
        self.bodies.append(orjson.loads(content))
        self.headers.append(headers)
        try:
            return self._written(endpoint, endpoint.parse(self.bodies[-1], headers, {}))
        except ApiError as error:
            provider = endpoint.provider
            sent = {provider.request_id_header: "req_1", "x-should-retry": "false"}
            return provider.status(error), sent, orjson.dumps(provider.error_body(error, "req_1"))

    def _written(self, endpoint: Endpoint, request: Any) -> Answer:
        self.asked.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, ApiError):
            raise reply
        head = Head(f"turn {len(self.asked)}", "scenario/test", 1_700_000_000)
        if isinstance(request, ChatRequest) and request.stream:
            sent = {"content-type": endpoint.provider.stream_type}
            return 200, sent, b"".join(self._streamed(endpoint, request, reply, head))
        return 200, {"content-type": "application/json"}, orjson.dumps(endpoint.render(request, reply, head))

    def _streamed(self, endpoint: Endpoint, request: ChatRequest, reply: ChatReply, head: Head) -> Iterator[bytes]:
        assert endpoint.encoder is not None
        encoder = endpoint.encoder(request, head)
        yield encoder.open()
        for delta in self.deltas or deltas_of(reply):
            yield encoder.feed(delta)
            if self.breaks:
                yield encoder.error(self.breaks)
                return


@pytest.fixture
def wire() -> Wire:
    """What answers the clients."""
    return Wire()


@pytest.fixture(scope="session")
def say() -> Say:
    """A reply of these parts, in words or in the gateway's own terms."""

    def said(*parts: Any, stop: Any = "end", stop_sequence: str | None = None, usage: Usage | None = None) -> ChatReply:
        told = tuple(Text(part) if isinstance(part, str) else part for part in parts)
        completion = Completion(told, stop, stop_sequence)
        return ChatReply("scenario/test", (completion,), usage or Usage(20, 5), Origin("scenario", "test", "authored"))

    return said


@pytest.fixture
def claude(wire: Wire) -> Iterator[anthropic.Anthropic]:
    """Anthropic's client."""

    def handle(http: httpx2.Request) -> httpx2.Response:
        status, headers, content = wire.answer(http.url.path, dict(http.headers), http.content)
        return httpx2.Response(status, headers=headers, content=content)

    transport = httpx2.MockTransport(handle)
    with anthropic.Anthropic(
        base_url="http://gateway", api_key="key", http_client=anthropic.DefaultHttpxClient(transport=transport)
    ) as client:
        yield client


@pytest.fixture
def gpt(wire: Wire) -> Iterator[openai.OpenAI]:
    """OpenAI's client."""

    def handle(http: httpx.Request) -> httpx.Response:
        status, headers, content = wire.answer(http.url.path, dict(http.headers), http.content)
        return httpx.Response(status, headers=headers, content=content)

    with openai.OpenAI(
        base_url="http://gateway/v1", api_key="key", http_client=httpx.Client(transport=httpx.MockTransport(handle))
    ) as client:
        yield client
