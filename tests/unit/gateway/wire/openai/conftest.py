"""The real SDK, answered by the wire formats in the same process: no socket, no server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import openai
import orjson
import pytest

from courseware.gateway.deltas import deltas_of
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import ChatReply, ChatRequest, Completion, Origin, Text, TokenLogprob, Usage
from courseware.gateway.wire.endpoint import Endpoint, Head
from courseware.gateway.wire.openai import ENDPOINTS

Say = Callable[..., ChatReply]


@dataclass
class Wire:
    """Parses what the SDK sends and answers with the next of `replies`, or with the error that is next.

    `breaks` is an error that ends a stream after its first delta.
    """

    replies: list[Any] = field(default_factory=list)
    breaks: ApiError | None = None
    asked: list[Any] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)

    def handle(self, http: httpx.Request) -> httpx.Response:
        """Answer one request."""
        endpoint = next(endpoint for endpoint in ENDPOINTS if endpoint.path == http.url.path)
        self.bodies.append(orjson.loads(http.content))
        try:
            return self._answer(endpoint, endpoint.parse(self.bodies[-1], http.headers, {}))
        except ApiError as error:
            headers = {"x-request-id": "req_1", "x-should-retry": "false"}
            body = endpoint.provider.error_body(error, "req_1")
            return httpx.Response(endpoint.provider.status(error), headers=headers, json=body)

    def _answer(self, endpoint: Endpoint, request: Any) -> httpx.Response:
        self.asked.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, ApiError):
            raise reply
        head = Head(f"turn {len(self.asked)}", "scenario/test", 1_700_000_000)
        if isinstance(request, ChatRequest) and request.stream:
            headers = {"content-type": endpoint.provider.stream_type}
            return httpx.Response(200, headers=headers, content=self._stream(endpoint, request, reply, head))
        return httpx.Response(200, content=orjson.dumps(endpoint.render(request, reply, head)))

    def _stream(self, endpoint: Endpoint, request: ChatRequest, reply: ChatReply, head: Head) -> Iterator[bytes]:
        assert endpoint.encoder is not None
        encoder = endpoint.encoder(request, head)
        yield encoder.open()
        for delta in deltas_of(reply):
            yield encoder.feed(delta)
            if self.breaks:
                yield encoder.error(self.breaks)
                return


@pytest.fixture
def wire() -> Wire:
    """What answers the client."""
    return Wire()


@pytest.fixture(scope="session")
def say() -> Say:
    """A reply of these parts, in words or in the gateway's own terms."""

    def said(*parts: Any, stop: Any = "end", logprobs: tuple[TokenLogprob, ...] = ()) -> ChatReply:
        told = tuple(Text(part) if isinstance(part, str) else part for part in parts)
        completion = Completion(told, stop, logprobs=logprobs)
        return ChatReply("scenario/test", (completion,), Usage(20, 5, cached=8), Origin("scenario", "test", "authored"))

    return said


@pytest.fixture
def gpt(wire: Wire) -> Iterator[openai.OpenAI]:
    """The real client."""
    transport = httpx.MockTransport(wire.handle)
    with openai.OpenAI(
        base_url="http://gateway/v1", api_key="key", http_client=httpx.Client(transport=transport)
    ) as client:
        yield client
