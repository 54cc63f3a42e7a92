"""A real gateway on loopback, and a strict session of it for each test: one scenario for every client."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from courseware.gateway import Connection, SessionHandle
from courseware.gateway.directory import Directory
from courseware.gateway.recordings import Recordings
from courseware.gateway.server import Gateway, application
from courseware.gateway.tiers import Tiers
from courseware.manifest import load

CITY = {"city": "Oslo", "celsius": 21}
SCENARIO = {
    "name": "weather",
    "rules": [
        {
            "when": {"tools": ["get_weather"], "calls": [], "user": r"weather in (?P<one>\w+) and (?P<two>\w+)"},
            "call": [
                {"name": "get_weather", "arguments": {"city": "${user.one}"}},
                {"name": "get_weather", "arguments": {"city": "${user.two}"}},
            ],
        },
        {
            "when": {"tools": ["get_weather"], "calls": [], "user": r"weather in (?P<city>\w+)"},
            "call": [{"name": "get_weather", "arguments": {"city": "${user.city}"}}],
        },
        {"when": {"result": "21"}, "say": "It is 21 degrees."},
        {"when": {"tools": ["City"]}, "call": [{"name": "City", "arguments": CITY}]},
        {"when": {"format": "schema"}, "json": CITY},
        {"when": {"format": "json"}, "json": CITY},
        {"say": "Hello from the script, word by word."},
    ],
}
HELLO = "Hello from the script, word by word."


@pytest.fixture(scope="session")
def gateway() -> Iterator[Connection]:
    """A gateway without local models: nothing but scripts can answer."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    app = application(Gateway(Tiers(Directory.of(load()), Recordings()), "control"))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Connection(f"http://127.0.0.1:{listening.getsockname()[1]}", "", "control")
    server.should_exit = True
    thread.join()


@pytest.fixture
def session(gateway: Connection) -> Iterator[SessionHandle]:
    """A strict session that answers by the scenario."""
    with gateway.session(name="sdk", strict=True, scenario=SCENARIO, embedder="hashing") as opened:
        yield opened
