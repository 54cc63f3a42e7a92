"""Sixty-four clients stream at once and leave when they like; the others notice nothing and nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import httpx
import psutil
import pytest

from courseware.gateway.exchange import ChatRequest, Delta, LiveReply, Origin, Stop, TextDelta, Total, Usage

pytestmark = pytest.mark.needs_models  # the tokenizer's file

CLIENTS = 64
WORDS = " ".join(f"word{n}" for n in range(20))
SCENARIO = {"name": "words", "rules": [{"say": WORDS}]}
BODY = {"model": "course-small", "messages": [{"role": "user", "content": "Say words."}], "stream": True}


class Writer:
    """A model that writes the words with a pause after each, and counts how many writings are open."""

    def __init__(self) -> None:
        self.open = 0

    async def answer(self, request: ChatRequest, weights: Sequence[str]) -> LiveReply:
        return LiveReply("small", Origin("local", "small", "a test"), self._write())

    async def _write(self) -> AsyncIterator[Delta]:
        self.open += 1
        try:
            for number, word in enumerate(WORDS.split(" ")):
                yield TextDelta(f" {word}" if number else word)
                await asyncio.sleep(0.002)
            yield Stop("end")
            yield Total(Usage(3, 20))
        finally:
            await asyncio.sleep(0.001)
            self.open -= 1

    async def shutdown(self) -> None:
        pass


@pytest.fixture(scope="module")
def writer() -> Writer:
    return Writer()


@pytest.fixture(scope="module")
def busy(serve: Callable[..., Any], writer: Writer) -> Iterator[Any]:
    """A gateway with that model behind it."""
    with serve(local=writer) as found:
        yield found


async def read(client: httpx.AsyncClient, token: str, lines: int | None) -> int:
    """Read a stream to its end, or leave after so many lines; return how many whole streams were read."""
    heard = []
    async with client.stream(
        "POST", "/v1/chat/completions", json=BODY, headers={"authorization": f"Bearer {token}"}
    ) as answer:
        assert answer.status_code == 200
        if lines == 0:
            return 0
        async for line in answer.aiter_lines():
            heard.append(line)
            if len(heard) == lines:
                return 0
    said = "".join(part.split('"', 1)[0] for line in heard for part in line.split('"content":"')[1:])
    assert said == WORDS
    assert heard[-2] == "data: [DONE]"
    return 1


async def listen(url: str, token: str, draw: random.Random, goes_on: Callable[[int], bool]) -> int:
    """One client: streams one after the other, of which it leaves about half, some before their first byte."""
    whole = rounds = 0
    async with httpx.AsyncClient(base_url=url, timeout=60, verify=False) as client:
        while goes_on(rounds):
            rounds += 1
            way = draw.random()
            if way < 0.5:
                whole += await read(client, token, None)
            elif way < 0.9:
                await read(client, token, draw.randint(0, 30))
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(read(client, token, 30), draw.random() / 100)
    return whole


async def crowd(busy: Any, goes_on: Callable[[int], bool]) -> int:
    """All clients at once, half of them at a paced script and half at the model; return the whole streams read."""
    pace = [{"pace_s": 0.002}]
    tokens = [busy.session(scenario=SCENARIO, faults=pace).token, busy.session(strict=False).token]
    clients = (listen(busy.url, tokens[n % 2], random.Random(n), goes_on) for n in range(CLIENTS))
    return sum(await asyncio.gather(*clients))


def test_clients_that_leave_disturb_nobody_and_leave_nothing(
    busy: Any, writer: Writer, eventually: Callable[..., None]
) -> None:
    before = busy.tasks()
    assert asyncio.run(crowd(busy, lambda rounds: rounds < 3)) > CLIENTS
    eventually(lambda: busy.under_way() == 0)
    eventually(lambda: busy.tasks() <= before)
    assert writer.open == 0


@pytest.mark.slow
def test_a_minute_of_leaving_clients_costs_no_memory(
    busy: Any, writer: Writer, eventually: Callable[..., None]
) -> None:
    def resident(seconds: float) -> int:
        end = time.monotonic() + seconds
        asyncio.run(crowd(busy, lambda _: time.monotonic() < end))
        eventually(lambda: busy.under_way() == 0)
        gc.collect()
        return psutil.Process().memory_info().rss

    before, half = busy.tasks(), resident(30)
    assert resident(30) - half < 32_000_000
    eventually(lambda: busy.tasks() <= before)
    assert writer.open == 0
