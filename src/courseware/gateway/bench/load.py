"""Asks a server many times over and measures: CPU of the server for each answer, and how long answers take."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from courseware.gateway.bench.conversations import body


@dataclass(frozen=True)
class Figures:
    """CPU microseconds of the server for each request, and milliseconds a client waits."""

    cpu_us: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Server:
    """A server under measurement."""

    pid: int
    port: int
    token: str


@contextmanager
def started(kind: str, recordings: int) -> Iterator[Server]:
    """A server in a process of its own, for the length of a block."""
    command = [sys.executable, "-m", "courseware.gateway.bench.server", kind, str(recordings)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        try:
            yield Server(process.pid, told["port"], told["token"])
        finally:
            process.stdin.close()
            process.wait(10)


def measure(server: Server, *, clients: int, requests: int, recordings: int, stream: bool = False) -> Figures:
    """Ask `requests` times over `clients` connections that stay open."""
    asyncio.run(_ask_all(server, clients, min(requests, 200), recordings, stream))  # connections, caches, first imports
    before = cpu_s(server.pid)
    waits = asyncio.run(_ask_all(server, clients, requests, recordings, stream))
    cpu_us = (cpu_s(server.pid) - before) / len(waits) * 1e6
    cuts = statistics.quantiles(waits, n=100)
    return Figures(round(cpu_us, 1), round(cuts[49] * 1e3, 2), round(cuts[98] * 1e3, 2))


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has used: to the nanosecond on Linux, elsewhere as fine as the system counts."""
    if psutil.LINUX:
        return time.clock_gettime((~pid << 3) | 2)  # MAKE_PROCESS_CPUCLOCK of the kernel's posix-timers_types.h
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


async def _ask_all(server: Server, clients: int, requests: int, recordings: int, stream: bool) -> list[float]:
    numbers = iter(range(requests))
    bodies = [
        json.dumps(body(number % recordings, stream=stream)).encode() for number in range(min(requests, recordings))
    ]
    lists = await asyncio.gather(*(_client(server, numbers, bodies) for _ in range(clients)))
    return [wait for waits in lists for wait in waits]


async def _client(server: Server, numbers: Iterator[int], bodies: list[bytes]) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    waits = []
    for number in numbers:
        content = bodies[number % len(bodies)]
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {server.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        begun = time.perf_counter()
        writer.write(head.encode() + content)
        await _answer(reader)
        waits.append(time.perf_counter() - begun)
    writer.close()
    await writer.wait_closed()
    return waits


async def _answer(reader: asyncio.StreamReader) -> None:
    """Read one answer of known length. Raises ValueError where it is an error."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    content = await reader.readexactly(length)
    if " 200 " not in head.partition("\r\n")[0]:
        raise ValueError(f"the server answered {head.splitlines()[0]}: {content[:200].decode(errors='replace')}")
