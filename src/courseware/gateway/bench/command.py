"""Runs the measurements one after the other and prints the figures."""

from __future__ import annotations

import json
import statistics
from typing import Any

from courseware.errors import DONE
from courseware.gateway.bench.load import Figures, Server, measure, started
from courseware.gateway.bench.replay import replay_tool
from courseware.machine import machine

_FEW, _MANY, _REQUESTS = 100, 10_000, 5_000
# Turn and turn about, so that noise of the machine meets both sides; the median is kept.
_ROUNDS = 5


def bench_command(*, as_json: bool) -> int:
    """Measure and print."""
    say = (lambda _: None) if as_json else print
    figures = _against_hello() | _clients(say) | _look_up() | replay_tool()
    report = {"bench": "gateway", "machine": machine(), "figures": figures}
    if as_json:
        print(json.dumps(report))
    else:
        for name, value in figures.items():
            print(f"{name}: {value}")
    return DONE


def _against_hello() -> dict[str, float]:
    """CPU of one answer over that of the same stack with the reply at hand, whole and as a stream."""
    with started("hello", 0) as hello, started("gateway", _FEW) as gateway:
        return {
            f"{name}_cpu_over_hello": _ratio(gateway, hello, _FEW, stream=stream)
            for name, stream in (("json", False), ("sse", True))
        }


def _look_up() -> dict[str, float]:
    """CPU of one answer among 10,000 recordings over one among 100."""
    with started("gateway", _FEW) as few, started("gateway", _MANY) as many:
        ratios = []
        for _ in range(_ROUNDS):
            among_many = measure(many, clients=8, requests=_REQUESTS, recordings=_MANY)
            among_few = measure(few, clients=8, requests=_REQUESTS, recordings=_FEW)
            ratios.append(among_many.cpu_us / among_few.cpu_us)
        return {"lookup_10000_over_100": round(statistics.median(ratios), 2)}


def _clients(say: Any) -> dict[str, float]:
    figures: dict[str, float] = {}
    for recordings in (_FEW, _MANY):
        with started("gateway", recordings) as server:
            for clients in (1, 8, 64):
                found = measure(server, clients=clients, requests=_REQUESTS, recordings=recordings)
                say(f"{recordings} recordings, {clients} clients: {found}")
                figures |= _named(found, recordings, clients)
    return figures


def _named(found: Figures, recordings: int, clients: int) -> dict[str, float]:
    suffix = f"c{clients}" if recordings == _FEW else f"c{clients}_{recordings}"
    return {f"p50_ms_{suffix}": found.p50_ms, f"p99_ms_{suffix}": found.p99_ms, f"cpu_us_{suffix}": found.cpu_us}


def _ratio(one: Server, other: Server, recordings: int, *, stream: bool) -> float:
    ratios = []
    for _ in range(_ROUNDS):
        upper = measure(one, clients=8, requests=_REQUESTS, recordings=recordings, stream=stream)
        lower = measure(other, clients=8, requests=_REQUESTS, recordings=recordings, stream=stream)
        ratios.append(upper.cpu_us / lower.cpu_us)
    return round(statistics.median(ratios), 2)
