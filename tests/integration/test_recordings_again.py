"""Recordings say what their model says: a sample of them is asked again, at temperature 0, on one slot."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from courseware.gateway.deltas import collect
from courseware.gateway.engine import LocalEngine
from courseware.gateway.exchange import ChatReply, ChatRequest, Message, Sampling, Speaker, Text
from courseware.gateway.keys import canonical, fold
from courseware.gateway.recordings import Recording, load
from courseware.models import Store, load_registry
from courseware.models.store import default_root

pytestmark = [pytest.mark.needs_models, pytest.mark.slow, pytest.mark.timeout(900)]
FOLDER = Path(__file__).parents[2] / "data" / "recordings"
SPEAKERS: dict[str, Speaker] = {"system": "system", "user": "user", "assistant": "assistant"}
SAMPLE = 4


def plain(recording: Recording) -> bool:
    """Whether it is words at temperature 0 by a local model, in a conversation without tools or a form."""
    request = recording.request
    only_words = all(turn[0] in SPEAKERS for turn in request["messages"])
    return (
        recording.provenance.weights is not None
        and only_words
        and request.get("sampling") == {"temperature": 0}
        and not request.keys() - {"model", "messages", "sampling"}
    )


def sample() -> list[Recording]:
    """The shortest, since a token takes its time; at most one of each conversation's length."""
    shortest = sorted(filter(plain, load(FOLDER)), key=lambda recording: recording.usage.output)
    return shortest[:SAMPLE]


def request_of(recording: Recording) -> ChatRequest:
    turns = recording.request["messages"]
    messages = tuple(Message(SPEAKERS[kind], (Text(text),)) for kind, text in turns)
    limit = recording.limit or recording.usage.output + 20
    fields = {"dialect": "openai.chat", "model": recording.request["model"]}
    return ChatRequest(**fields, messages=messages, sampling=Sampling(temperature=0), max_tokens=limit)


async def ask_again(recording: Recording) -> ChatReply:
    engine = LocalEngine()
    try:
        return await collect(await engine.answer(request_of(recording), [recording.provenance.model]))
    finally:
        await engine.shutdown()


@pytest.mark.parametrize("recording", sample(), ids=lambda recording: recording.id)
def test_the_model_says_it_again(recording: Recording) -> None:
    if Store(default_root()).state(load_registry()[recording.provenance.model]) != "present":
        pytest.skip(f"course models pull {recording.provenance.model}")
    assert canonical(request_of(recording)) == recording.request
    again, before = asyncio.run(ask_again(recording)).completions[0], recording.completions[0]
    words, kept = (set(fold(one.text).split()) for one in (again, before))
    assert again.stop == before.stop
    # Another CPU may round its way to another word now and then; most must be the same.
    assert len(words & kept) >= 0.5 * len(words | kept)


def test_there_is_something_to_ask_again() -> None:
    assert len(sample()) == SAMPLE
