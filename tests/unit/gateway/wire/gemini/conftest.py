"""The real SDK, answered by this wire format in the same process: no socket, no server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from google import genai
from google.genai import types
from starlette.routing import Match, Route

from courseware.gateway.deltas import deltas_of
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import ChatRequest
from courseware.gateway.wire.endpoint import Endpoint, Head
from courseware.gateway.wire.gemini import ENDPOINTS

HEAD = Head("seed", "small", 1_700_000_000)


@dataclass
class Wire:
    """Parses what the SDK sends and writes `reply`, or raises it if it is an error.

    `breaks` is an error that ends a stream after its first words.
    """

    reply: Any = None
    breaks: ApiError | None = None
    asked: list[Any] = field(default_factory=list)

    def handle(self, http: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        endpoint, path = _found(http)
        try:
            return self._answer(endpoint, json.loads(http.content), path)
        except ApiError as error:
            body = endpoint.provider.error_body(error, "request-1")
            return httpx2.Response(endpoint.provider.status(error), json=body)

    def _answer(self, endpoint: Endpoint, body: Any, path: dict[str, str]) -> httpx2.Response:
        request = endpoint.parse(body, {}, path)
        self.asked.append(request)
        if isinstance(self.reply, ApiError):
            raise self.reply
        if isinstance(request, ChatRequest) and request.stream:
            return httpx2.Response(200, content=self._stream(endpoint, request))
        return httpx2.Response(200, json=endpoint.render(request, self.reply, HEAD))

    def _stream(self, endpoint: Endpoint, request: ChatRequest) -> Iterator[bytes]:
        assert endpoint.encoder is not None
        encoder = endpoint.encoder(request, HEAD)
        yield encoder.open()
        for delta in deltas_of(self.reply):
            yield encoder.feed(delta)
            if self.breaks:
                yield encoder.error(self.breaks)
                return


def _found(http: httpx2.Request) -> tuple[Endpoint, dict[str, str]]:
    """The endpoint, by the routes of the real router, and the parameters of its path and query."""
    scope = {"type": "http", "method": "POST", "path": http.url.path}
    for endpoint in ENDPOINTS:
        match, child = Route(endpoint.path, lambda: None, methods=["POST"]).matches(scope)
        if match is Match.FULL:
            return endpoint, {**http.url.params, **child["path_params"]}
    raise AssertionError(f"no route for {http.url}")


@pytest.fixture(scope="session")
def shared_wire() -> Wire:
    """What answers the client; `wire` is the same, made empty for a test."""
    return Wire()


@pytest.fixture(scope="session")
def shared_client(shared_wire: Wire) -> genai.Client:
    """The real SDK, made once, since reading the certificates takes longer than a test."""
    http = httpx2.Client(transport=httpx2.MockTransport(shared_wire.handle))
    options = types.HttpOptions(base_url="http://gateway", httpx_client=http)
    return genai.Client(api_key="key", http_options=options)


@pytest.fixture
def wire(shared_wire: Wire) -> Wire:
    """What answers the client."""
    shared_wire.reply = None
    shared_wire.breaks = None
    shared_wire.asked = []
    return shared_wire


@pytest.fixture
def client(shared_client: genai.Client, wire: Wire) -> genai.Client:
    """The real SDK."""
    return shared_client
