"""Gateways on loopback, each in a thread of its own, and the providers' own clients to ask them."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import openai
import pytest
import uvicorn

from courseware.gateway.directory import Directory
from courseware.gateway.exchange import Completion, Text, Usage
from courseware.gateway.keys import canonical
from courseware.gateway.recordings import Provenance, Recording, Recordings
from courseware.gateway.server import Gateway, application
from courseware.gateway.tiers import Tiers
from courseware.gateway.wire.openai.chat_request import parse
from courseware.manifest import Course

CONTROL_TOKEN = "control-of-the-tests"
PATIENCE_S = 20.0

HELLO = {"model": "course-small", "messages": [{"role": "user", "content": "Hello?"}]}


@dataclass(frozen=True)
class Opened:
    """A session: its id, its token, and its log so far."""

    id: str
    token: str
    control: httpx.Client

    def log(self, since: int = 0) -> list[dict[str, Any]]:
        answer = self.control.get(f"/control/sessions/{self.id}/log", params={"since": since})
        found: list[dict[str, Any]] = answer.raise_for_status().json()["exchanges"]
        return found


@dataclass(frozen=True)
class Running:
    """A gateway that serves. `control` is a client with the control token."""

    gateway: Gateway
    url: str
    control: httpx.Client
    loop: asyncio.AbstractEventLoop

    def session(self, **settings: Any) -> Opened:
        """Open a session; strict and without recordings unless said otherwise."""
        settings = {"strict": True, "recordings": False, **settings}
        opened = self.control.post("/control/sessions", json=settings).raise_for_status().json()
        return Opened(opened["id"], opened["token"], self.control)

    def ask(self, token: str, path: str = "/v1/chat/completions", **request: Any) -> httpx.Response:
        """Send a request as bytes on a wire, not as an SDK would."""
        request = {"json": HELLO} | request if "content" not in request else request
        return self.control.post(path, headers={"authorization": f"Bearer {token}"}, **request)

    def tasks(self) -> int:
        """How many tasks the server's loop has."""

        async def count() -> int:
            return len(asyncio.all_tasks()) - 1

        return asyncio.run_coroutine_threadsafe(count(), self.loop).result(PATIENCE_S)

    def under_way(self) -> float:
        """Exchanges being answered, as the metrics say."""
        return float(self.figure("gateway_under_way"))

    def figure(self, name: str) -> str:
        """One of the metrics, or 0."""
        lines = (line.rpartition(" ") for line in self.control.get("/metrics").text.split("\n"))
        return next((value for start, _, value in lines if start == name), "0")


@contextmanager
def running(gateway: Gateway) -> Iterator[Running]:
    """Serve a gateway on a free port until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(application(gateway), log_level="critical", access_log=False, timeout_graceful_shutdown=5)
    server, loop = uvicorn.Server(config), asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(server.serve(sockets=[listening])))
    thread.start()
    try:
        wait_until(lambda: server.started)
        with httpx.Client(
            base_url=url, headers={"authorization": f"Bearer {CONTROL_TOKEN}"}, timeout=PATIENCE_S
        ) as control:
            yield Running(gateway, url, control, loop)
    finally:
        server.should_exit = True
        thread.join()
        loop.close()
        listening.close()


def wait_until(holds: Callable[[], Any]) -> None:
    """Wait for something that will come; how long it takes is no part of any test."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > end:
            raise AssertionError("it did not come about")
        time.sleep(0.01)


@pytest.fixture(autouse=True, scope="module")
def _straight() -> Iterator[None]:
    """No proxy stands between a client and the loopback."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NO_PROXY", "no_proxy"):
            patch.setenv(name, "127.0.0.1")
        yield


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], Any]], None]:
    """Wait until something holds."""
    return wait_until


@pytest.fixture(scope="session")
def serve(course: Course) -> Callable[..., Any]:
    """Serve a gateway with these recordings and engines: a context manager."""

    def served(*recordings: Recording, **engines: Any) -> Any:
        return running(Gateway(Tiers(Directory.of(course), Recordings.of(recordings), **engines), CONTROL_TOKEN))

    return served


@pytest.fixture(scope="session")
def recorded() -> Callable[..., Recording]:
    """A recording of a Chat Completions body."""

    def made(body: dict[str, Any], text: str, **fields: Any) -> Recording:
        said = Provenance("recorded", "qwen2.5-coder-1.5b", date(2026, 11, 22))
        known = {"id": "week_03/hello", "completions": (Completion((Text(text),)),), "usage": Usage(9, 3), **fields}
        return Recording(provenance=said, request=canonical(parse(body, {}, {})), **known)

    return made


@pytest.fixture(scope="module")
def gateway(serve: Callable[..., Any], recorded: Callable[..., Recording]) -> Iterator[Running]:
    """A gateway with one recording and no engine."""
    with serve(recorded(HELLO, "Hello from a recording.")) as found:
        yield found


@pytest.fixture
def client_of() -> Iterator[Callable[..., openai.OpenAI]]:
    """OpenAI's client for a session of a gateway; it does not retry unless told to."""
    with ExitStack() as stack:

        def made(gateway: Running, token: str, **options: Any) -> openai.OpenAI:
            options = {"max_retries": 0, "timeout": PATIENCE_S, **options}
            return stack.enter_context(openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=token, **options))

        yield made
