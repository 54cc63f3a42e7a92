"""The gateway's process: a socket on loopback, a state file to be found by, an orderly end."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import secrets
import signal
import socket
from pathlib import Path

import psutil
import uvicorn

from courseware.gateway.assembling import assemble
from courseware.gateway.server import Gateway, application
from courseware.gateway.supervision.lifetime import Lifetime, watch
from courseware.gateway.supervision.state import State, fingerprint, read_state, state_path, write_state
from courseware.manifest import course_root

# An answer cut off on purpose ends without its last byte, which uvicorn reports as an application's fault.
_CUT = "ASGI callable returned without completing response."


def serve(lifetime: Lifetime | None = None, *, say: bool = False) -> None:
    """Run a gateway for the course until it is stopped; `say` prints its address. Call it holding no state."""
    root = course_root()
    path = state_path(root)
    before = read_state(path)
    listening = _listen(before.port if before else 0)
    token = before.token if before else f"course-{secrets.token_urlsafe(24)}"
    lifetime = lifetime or Lifetime()
    gateway = assemble(root, token, secrets.token_urlsafe(24), lifetime)
    state = _state(listening, gateway, token, root)
    if say:
        print(f"gateway at {state.url}; exchanges: {state.url}/?token={state.control_token}", flush=True)
    gc.freeze()  # recordings stay to the end; the collector need not look through them again and again
    asyncio.run(_run(gateway, listening, state, path))


def _listen(port: int) -> socket.socket:
    """A loopback socket: at the port of the gateway before, whose clients then find this one, else at a free one."""
    for wanted in (port, 0):
        # With the protocol named, asyncio sends small pieces at once; otherwise each answer waits 40 ms for its second.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if os.name != "nt":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", wanted))
        except OSError:
            listening.close()
            if wanted == 0:
                raise
            continue
        return listening
    raise AssertionError("a free port was refused")


def _state(listening: socket.socket, gateway: Gateway, token: str, root: Path) -> State:
    port, started = listening.getsockname()[1], psutil.Process().create_time()
    return State(os.getpid(), started, port, token, gateway.control_token, fingerprint(root))


async def _run(gateway: Gateway, listening: socket.socket, state: State, path: Path) -> None:
    logging.getLogger("uvicorn.error").addFilter(lambda record: record.getMessage() != _CUT)
    config = uvicorn.Config(application(gateway), log_level="warning", access_log=False, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)

    def end(*_: object) -> None:
        server.should_exit = True

    gateway.end = end
    watching = asyncio.create_task(watch(gateway.lifetime, end))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    write_state(path, state)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    await serving
    watching.cancel()
    await gateway.close()
