"""Recordings come before scripts, scripts before models; a strict session stops there; a miss says what would help."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from courseware.gateway.deltas import stream
from courseware.gateway.directory import Directory
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import (
    ChatReply,
    ChatRequest,
    Document,
    EmbedReply,
    EmbedRequest,
    LiveReply,
    Message,
    Origin,
    RerankReply,
    RerankRequest,
    Text,
)
from courseware.gateway.recordings import Recording, Recordings
from courseware.gateway.scenarios import Scenario
from courseware.gateway.sessions import Session
from courseware.gateway.simulators import Reader
from courseware.gateway.tiers import Tiers
from courseware.manifest import Course

pytestmark = pytest.mark.needs_models  # the tokenizer's file

Ask = Callable[..., ChatRequest]
Record = Callable[..., Recording]
SCENARIO = Scenario.of({"name": "weather", "rules": [{"when": {"user": "weather"}, "say": "Sunny."}]})
READER = Reader.of({"known": [{"question": "refund", "spans": ["30 days"]}]})


class Model:
    """A model that says nothing and remembers what it was asked."""

    def __init__(self, tier: Any = "local") -> None:
        self.tier, self.asked = tier, list[tuple[str, Sequence[str]]]()

    async def answer(self, request: ChatRequest, weights: Sequence[str]) -> LiveReply:
        self.asked.append((request.model, weights))
        return LiveReply("small", Origin(self.tier, "small", "a test"), stream(()))

    async def shutdown(self) -> None:
        pass


class Vectors:
    """Vectors of nothing."""

    async def answer(self, request: EmbedRequest) -> EmbedReply:
        return EmbedReply("small", ((1.0,),), 1, Origin("local", "small", "a test"))

    async def rank(self, request: RerankRequest) -> RerankReply:
        return RerankReply("small", ((0, 1.0),), Origin("local", "small", "a test"))

    async def shutdown(self) -> None:
        pass


@pytest.fixture
def tiers(course: Course, ask: Ask, record: Record) -> Tiers:
    """One recording and a local model."""
    return Tiers(Directory.of(course), Recordings.of([record(ask("What is the weather?"))]), Model())


def answered(tiers: Tiers, request: ChatRequest, **settings: Any) -> ChatReply | LiveReply:
    return asyncio.run(tiers.chat(request, Session("a", "t", **settings)))


def missed(tiers: Tiers, request: ChatRequest, **settings: Any) -> str:
    with pytest.raises(ApiError) as caught:
        answered(tiers, request, **settings)
    assert (caught.value.status, caught.value.code) == (404, "no_recording")
    return caught.value.message


@pytest.mark.parametrize(
    ("words", "tier"),
    [
        ("What is the weather?", "exact"),
        ("what is  the WEATHER?", "normalised"),
        ("Tell me the weather.", "scenario"),
        ("Tell me a joke.", "local"),
    ],
)
def test_the_first_tier_that_can_answers(tiers: Tiers, ask: Ask, words: str, tier: str) -> None:
    assert answered(tiers, ask(words), scenario=SCENARIO).origin.tier == tier


def test_without_recordings_the_scenario_answers_first(tiers: Tiers, ask: Ask) -> None:
    reply = answered(tiers, ask("What is the weather?"), scenario=SCENARIO, recordings=False)
    assert (reply.origin.tier, reply.origin.id, reply.model) == ("scenario", "weather", "scenario/weather")


def test_the_reader_answers_what_the_scenario_does_not(tiers: Tiers, ask: Ask) -> None:
    asked = ask(messages=(Message("user", (Document("In 30 days."), Text("refund"))),))
    reply = answered(tiers, asked, scenario=SCENARIO, reader=READER, strict=True)
    assert isinstance(reply, ChatReply)
    assert (reply.model, reply.completions[0].text) == ("simulator/reader", "In 30 days.")


def test_the_model_field_names_what_really_answered(tiers: Tiers, ask: Ask) -> None:
    asked = ask("What is the weather?")
    assert answered(tiers, asked).model == "qwen2.5-coder-1.5b"
    assert answered(tiers, ask("A joke?")).model == "small"


@pytest.mark.parametrize("words", ["Tell me a joke.", "What is the weather like?"])
def test_a_strict_session_stops_before_the_local_model(tiers: Tiers, ask: Ask, words: str) -> None:
    missed(tiers, ask(words), strict=True)
    assert isinstance(tiers.local, Model)
    assert tiers.local.asked == []


def test_the_local_model_gets_the_roles_weights(tiers: Tiers, ask: Ask, course: Course) -> None:
    answered(tiers, ask("A joke?", model="course-large"))
    assert isinstance(tiers.local, Model)
    assert tiers.local.asked == [("course-large", course.roles["large"].weights)]


def test_a_provider_is_asked_for_all_but_the_local_role(tiers: Tiers, ask: Ask) -> None:
    both = replace(tiers, provider=Model("provider"))
    assert answered(both, ask("A joke?")).origin.tier == "provider"
    assert answered(both, ask("A joke?", model="course-local")).origin.tier == "local"
    assert answered(both, ask("What is the weather?")).origin.tier == "exact"


def test_a_strict_session_never_asks_a_provider(tiers: Tiers, ask: Ask) -> None:
    provider = Model("provider")
    missed(replace(tiers, provider=provider), ask("A joke?"), strict=True)
    assert provider.asked == []


def test_a_miss_names_the_nearest_recording_and_what_differs(tiers: Tiers, ask: Ask) -> None:
    said = missed(tiers, ask("What is the weather?", "Be brief."), strict=True)
    assert "nearest recordings: week_03/token (differs in system)" in said
    assert "next tier: the local model, open a session that is not strict" in said


def test_a_miss_names_the_scenario_that_had_no_rule(tiers: Tiers, ask: Ask) -> None:
    assert "no rule of scenario weather fits" in missed(tiers, ask("A joke?"), strict=True, scenario=SCENARIO)


def test_a_miss_without_a_local_model_says_how_to_get_one(tiers: Tiers, ask: Ask) -> None:
    assert "start it with `course serve`" in missed(replace(tiers, local=None), ask("A joke?"))


def test_a_session_without_recordings_is_told_of_none(tiers: Tiers, ask: Ask) -> None:
    said = missed(tiers, ask("What is the weather?", "Be brief."), strict=True, recordings=False)
    assert "no recording is near" in said


EMBED = EmbedRequest("openai.embeddings", "course-embed", ("a cat",))
RANK = RerankRequest("cohere.rerank", "course-embed", "a", ("b",))


def test_a_session_with_the_hashing_embedder_gets_its_vectors(tiers: Tiers) -> None:
    strict = Session("a", "t", strict=True, embedder="hashing")
    assert asyncio.run(replace(tiers, vectors=Vectors()).embed(EMBED, strict)).model == "simulator/hashing"


def test_the_local_model_makes_vectors_and_orders(tiers: Tiers) -> None:
    both, session = replace(tiers, vectors=Vectors()), Session("a", "t")
    assert asyncio.run(both.embed(EMBED, session)).model == "small"
    assert asyncio.run(both.rerank(RANK, session)).model == "small"


@pytest.mark.parametrize("strict", [True, False])
def test_without_an_embedder_there_are_no_vectors(tiers: Tiers, strict: bool) -> None:
    vectors, session = (Vectors() if strict else None), Session("a", "t", strict=strict)
    with pytest.raises(ApiError, match="embedder 'hashing'") as caught:
        asyncio.run(replace(tiers, vectors=vectors).embed(EMBED, session))
    assert (caught.value.status, caught.value.code) == (404, "no_recording")
