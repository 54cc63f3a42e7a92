"""The servers that are measured, each a process of its own: the gateway, and the same stack answering an equal reply.

`python -m courseware.gateway.bench.server KIND RECORDINGS` prints {"port", "token"} and serves until its input ends.
"""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import sys

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from courseware.gateway.bench.conversations import body, recordings
from courseware.gateway.deltas import deltas_of
from courseware.gateway.directory import Directory
from courseware.gateway.server import Gateway, application
from courseware.gateway.sessions import Sessions
from courseware.gateway.tiers import Tiers
from courseware.gateway.wire.endpoint import Head
from courseware.gateway.wire.openai import chat_answer
from courseware.gateway.wire.openai.chat_request import parse
from courseware.manifest import load

TOKEN = "course-bench"  # noqa: S105 - of a server that lives for a measurement


def gateway(count: int) -> Starlette:
    """The gateway with so many recordings and nothing else."""
    tiers = Tiers(Directory.of(load()), recordings(count))
    return application(Gateway(tiers, "bench-control", Sessions(TOKEN)))


def hello() -> Starlette:
    """Parses the same body, checks the same token, and writes an equal reply that it has at hand."""
    request = parse(body(0), {}, {})
    found = recordings(1).find(request)
    assert found is not None
    reply, head = found.reply, Head("seed", found.reply.model, 0)
    whole = chat_answer.render(request, reply, head)
    encoder = chat_answer.ChatEncoder(request, head)
    stream = encoder.open() + b"".join(encoder.feed(delta) for delta in deltas_of(reply))

    async def answer(http: Request) -> Response:
        asked = orjson.loads(await http.body())
        if http.headers.get("authorization") != f"Bearer {TOKEN}":
            return Response(status_code=401)
        if asked.get("stream"):
            return Response(stream, media_type="text/event-stream")
        return Response(orjson.dumps(whole), media_type="application/json")

    return Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])


async def _serve(app: Starlette) -> None:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    print(json.dumps({"port": listening.getsockname()[1], "token": TOKEN}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    kind, count = sys.argv[1], int(sys.argv[2])
    served = hello() if kind == "hello" else gateway(count)
    gc.freeze()  # as the gateway does
    asyncio.run(_serve(served))
