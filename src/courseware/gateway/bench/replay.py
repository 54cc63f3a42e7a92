"""A well-known replay tool beside the gateway: vcrpy, which answers inside the client's own process.

vcrpy looks through its cassette from the start for each request. Both sides are asked by the same SDK for the same
conversations, and the CPU of the whole exchange counts: the client's, and for the gateway the server's too.
"""

from __future__ import annotations

import importlib.util
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from courseware.gateway.bench.conversations import body
from courseware.gateway.bench.load import Server, cpu_s, started

_RECORDINGS, _REQUESTS = 100, 100


def replay_tool() -> dict[str, float]:
    """CPU milliseconds of an exchange with each; nothing where vcrpy is not installed (extra dev)."""
    if importlib.util.find_spec("vcr") is None:
        return {}
    with started("gateway", _RECORDINGS) as server:
        ours = _cpu_ms(server)
        theirs = _vcr_ms(server)
    return {
        "sdk_exchange_cpu_ms": round(ours, 2),
        "vcrpy_exchange_cpu_ms": round(theirs, 2),
        "vcrpy_over_ours_cpu": round(theirs / ours, 2),
    }


def _ask(server: Server) -> None:
    from openai import OpenAI

    with OpenAI(base_url=f"http://127.0.0.1:{server.port}/v1", api_key=server.token, max_retries=0) as client:
        for number in range(_REQUESTS):
            client.chat.completions.create(**body(number % _RECORDINGS))


def _cpu_ms(server: Server) -> float:
    def spent() -> float:
        return time.process_time() + cpu_s(server.pid)

    _ask(server)
    before = spent()
    _ask(server)
    return (spent() - before) / _REQUESTS * 1e3


def _vcr_ms(server: Server) -> float:
    import vcr

    with tempfile.TemporaryDirectory() as folder:
        tool: Any = vcr.VCR(match_on=("method", "uri", "body"), record_mode="once", serializer="json")
        cassette = str(Path(folder) / "cassette.json")
        with tool.use_cassette(cassette):
            _ask(server)
        if len(json.loads(Path(cassette).read_text(encoding="utf-8"))["interactions"]) != _RECORDINGS:
            raise RuntimeError("vcrpy recorded another number of exchanges than were made")
        with tool.use_cassette(cassette, record_mode="none", allow_playback_repeats=True):
            before = time.process_time()
            _ask(server)
            return float((time.process_time() - before) / _REQUESTS * 1e3)
