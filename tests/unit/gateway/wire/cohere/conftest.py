"""The real SDK, answered by this wire format in the same process: no socket, no server."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import cohere
import httpx
import pytest

from courseware.gateway.errors import ApiError
from courseware.gateway.wire.cohere import ENDPOINTS
from courseware.gateway.wire.endpoint import Head

HEAD = Head("seed", "small", 1_700_000_000)


@dataclass
class Wire:
    """Parses what the SDK sends and writes `reply`, or raises it if it is an error."""

    reply: Any = None
    asked: list[Any] = field(default_factory=list)

    def handle(self, http: httpx.Request) -> httpx.Response:
        """Answer one request."""
        endpoint = next(endpoint for endpoint in ENDPOINTS if endpoint.path == http.url.path)
        try:
            request = endpoint.parse(json.loads(http.content), {}, {})
            self.asked.append(request)
            if isinstance(self.reply, ApiError):
                raise self.reply
            return httpx.Response(200, json=endpoint.render(request, self.reply, HEAD))
        except ApiError as error:
            body = endpoint.provider.error_body(error, "request-1")
            return httpx.Response(endpoint.provider.status(error), json=body)


@pytest.fixture(scope="session")
def shared_wire() -> Wire:
    """What answers the client; `wire` is the same, made empty for a test."""
    return Wire()


@pytest.fixture(scope="session")
def shared_client(shared_wire: Wire) -> cohere.ClientV2:
    """The real SDK, made once, since reading the certificates takes longer than a test."""
    transport = httpx.MockTransport(shared_wire.handle)
    return cohere.ClientV2("key", base_url="http://gateway", httpx_client=httpx.Client(transport=transport))


@pytest.fixture
def wire(shared_wire: Wire) -> Wire:
    """What answers the client."""
    shared_wire.reply = None
    shared_wire.asked = []
    return shared_wire


@pytest.fixture
def client(shared_client: cohere.ClientV2, wire: Wire) -> cohere.ClientV2:
    """The real SDK."""
    return shared_client
