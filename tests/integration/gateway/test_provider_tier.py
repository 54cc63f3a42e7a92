"""The user's own provider, played by a second gateway on loopback: asked for once, paid for once, capped."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from courseware.gateway.deltas import collect
from courseware.gateway.directory import Directory
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import Call, ChatReply, ChatRequest, Message, Result, Sampling, Text, Tool
from courseware.gateway.faults import faults_of
from courseware.gateway.provider import ProviderTier, Settings, SettingsError
from courseware.gateway.provider.spending import Spending
from courseware.gateway.recordings import Recordings
from courseware.gateway.scenarios import Scenario
from courseware.gateway.server import Gateway, application
from courseware.gateway.sessions import Session, Sessions
from courseware.gateway.tiers import Tiers
from courseware.manifest import load

KEY = "the-users-own-key"
SAYS = {"name": "provider", "rules": [{"when": {"result": "21"}, "say": "It is 21."}, {"say": "Hello from afar."}]}
TOOL = Tool("get_weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}})
DAY = date(2026, 11, 22)


@pytest.fixture
def stand_in() -> Iterator[tuple[str, Session]]:
    """Something that speaks both providers' formats and takes the user's key."""
    sessions = Sessions()
    session = sessions.open("stand-in", KEY, strict=True, scenario=Scenario.of(SAYS))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    app = application(Gateway(Tiers(Directory.of(load()), Recordings()), "control", sessions))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", session
    server.should_exit = True
    thread.join()


Ask = Callable[..., ChatReply]


@pytest.fixture
def ask(stand_in: tuple[str, Session], tmp_path: Path) -> Ask:
    """Ask the provider tier: `provider`, `cap_usd`, and fields of the request."""

    def asked(provider: str = "openai", cap_usd: float = 1.0, **fields: Any) -> ChatReply:
        environment = {"COURSE_PROVIDER": provider, "COURSE_PROVIDER_KEY": KEY, "COURSE_PROVIDER_URL": stand_in[0]}
        settings = Settings.of({**environment, "COURSE_SPEND_USD_PER_DAY": str(cap_usd)})
        spending = Spending(tmp_path / "spending.json", cap_usd, lambda: DAY)
        return asyncio.run(_asked(ProviderTier(settings, load(), spending), fields))

    return asked


async def _asked(tier: ProviderTier, fields: dict[str, Any]) -> ChatReply:
    fields.setdefault("messages", (Message("user", (Text("Hello?"),)),))
    request = ChatRequest(**{"dialect": "openai.chat", "model": "course-small", "max_tokens": 50, **fields})
    try:
        return await collect(await tier.answer(request, ()))
    finally:
        await tier.shutdown()


def spent(folder: Path) -> float:
    return float(json.loads((folder / "spending.json").read_bytes())["usd"])


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_the_provider_answers_under_the_real_models_name(ask: Ask, provider: str, stand_in: Any) -> None:
    reply = ask(provider)
    assert (reply.completions[0].text, reply.origin.tier) == ("Hello from afar.", "provider")
    assert reply.origin.id == load().roles["small"].with_key[provider] == stand_in[1].log[-1].asked["model"]


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_conversation_with_tools_arrives_whole(ask: Ask, provider: str, stand_in: Any) -> None:
    call = Call("get_weather", {"city": "Oslo"}, "call_1")
    messages = (
        Message("system", (Text("Be brief."),)),
        Message("user", (Text("Weather in Oslo?"),)),
        Message("assistant", (call,)),
        Message("user", (Result("call_1", "21"),)),
    )
    assert ask(provider, messages=messages, tools=(TOOL,)).completions[0].text == "It is 21."
    turns = stand_in[1].log[-1].request["messages"]
    assert turns == [
        ["system", "Be brief."],
        ["user", "Weather in Oslo?"],
        ["call", "get_weather", {"city": "Oslo"}, 0],
        ["result", "21", 0],
    ]


def test_what_a_call_cost_is_written_down(ask: Ask, tmp_path: Path) -> None:
    reply = ask()
    model = next(model for model in load().models if model.name == reply.origin.id)
    paid = (reply.usage.input * model.input_usd + reply.usage.output * model.output_usd) / 1e6
    assert spent(tmp_path) == pytest.approx(paid)


def test_a_call_that_could_pass_the_cap_is_not_sent(ask: Ask, stand_in: Any) -> None:
    with pytest.raises(ApiError, match="COURSE_SPEND_USD_PER_DAY"):
        ask(cap_usd=0.000001)
    assert list(stand_in[1].log) == []


def test_a_refusal_costs_nothing_and_comes_in_the_providers_words(ask: Ask, stand_in: Any, tmp_path: Path) -> None:
    with pytest.raises(ApiError, match="not supported with this model") as refused:
        ask(sampling=Sampling(temperature=0.5))
    assert (refused.value.status, spent(tmp_path)) == (400, 0.0)


def test_a_rate_limit_is_passed_on_with_its_wait(ask: Ask, stand_in: Any) -> None:
    stand_in[1].faults = faults_of([{"on": 1, "status": 429, "retry_after_s": 2}])
    with pytest.raises(ApiError) as refused:
        ask()
    assert (refused.value.status, refused.value.retry_after_s) == (429, 2.0)


def test_an_answer_that_broke_off_stays_charged_at_its_dearest(ask: Ask, stand_in: Any, tmp_path: Path) -> None:
    stand_in[1].faults = faults_of([{"on": 1, "cut_after": 1}])
    with pytest.raises(ApiError, match="broke off"):
        ask()
    assert spent(tmp_path) > 0


def test_a_new_day_starts_at_nothing(tmp_path: Path) -> None:
    today = [DAY]
    spending = Spending(tmp_path / "spending.json", 1.0, lambda: today[0])
    spending.reserve(0.9)
    assert spending.spent_usd() == 0.9
    today[0] += timedelta(days=1)
    assert spending.spent_usd() == 0.0


def test_a_ledger_that_cannot_be_read_stops_spending(tmp_path: Path) -> None:
    (tmp_path / "spending.json").write_text("{", encoding="utf-8")
    with pytest.raises(ApiError, match="look at your provider's bill"):
        Spending(tmp_path / "spending.json", 1.0).reserve(0.01)


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"COURSE_PROVIDER": "gemini"}, "write openai or anthropic"),
        ({"COURSE_PROVIDER": "openai"}, "COURSE_PROVIDER_KEY is not set"),
        ({"COURSE_PROVIDER": "openai", "COURSE_PROVIDER_KEY": "k", "COURSE_SPEND_USD_PER_DAY": "much"}, "'much'"),
        ({"COURSE_PROVIDER": "openai", "COURSE_PROVIDER_KEY": "k", "COURSE_SPEND_USD_PER_DAY": "-1"}, "'-1'"),
    ],
)
def test_settings_that_cannot_be_used_are_named(environment: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        Settings.of(environment)


def test_nothing_is_used_unless_it_is_asked_for() -> None:
    assert Settings.of({"OPENAI_API_KEY": "sk-some-key", "ANTHROPIC_API_KEY": "another"}) is None


def test_a_key_is_not_shown() -> None:
    settings = Settings.of({"COURSE_PROVIDER": "openai", "COURSE_PROVIDER_KEY": "sk-secret"})
    assert "sk-secret" not in repr(settings)
