"""Roles take everything; real names keep their provider's restrictions and their last day; other names do not exist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from courseware.gateway.directory import Directory
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import ChatRequest, EmbedRequest, Sampling, Tool
from courseware.manifest import Course

Ask = Callable[..., ChatRequest]
TODAY = date(2026, 11, 22)
TOOLS = (Tool("weather", "", {"type": "object"}),)
DEMANDING: dict[str, Any] = {
    "given": frozenset({"temperature", "top_p", "max_tokens", "tools"}),
    "tools": TOOLS,
    "sampling": Sampling(temperature=1.0),
    "effort": "minimal",
}


@pytest.fixture(scope="module")
def directory(course: Course) -> Directory:
    return Directory.of(course)


def refusal(directory: Directory, request: Any, today: date = TODAY) -> ApiError:
    with pytest.raises(ApiError) as caught:
        directory.require(request, today)
    return caught.value


@pytest.mark.parametrize("role", ["course-small", "course-large", "course-judge", "course-local"])
def test_a_role_takes_everything(directory: Directory, ask: Ask, role: str) -> None:
    directory.require(ask(model=role, **DEMANDING), TODAY)


@pytest.mark.parametrize("name", ["", "gpt-99", "course-tiny", "GPT-6-SOL", "gpt-6-sol ", "gemini-1.5-*x"])
def test_an_unknown_name_does_not_exist(directory: Directory, ask: Ask, name: str) -> None:
    error = refusal(directory, ask(model=name))
    if name == "gemini-1.5-*x":
        assert "was shut down" in error.message
        return
    assert (error.status, error.code, error.param) == (404, "model_not_found", "model")
    assert "course-small, course-large" in error.message


@pytest.mark.parametrize("name", ["gpt-6-sol", "gpt-6.1-terra", "gpt-6-luna"])
@pytest.mark.parametrize("field", ["temperature", "top_p"])
def test_sampling_needs_effort_none(directory: Directory, ask: Ask, name: str, field: str) -> None:
    error = refusal(directory, ask(model=name, given=frozenset({field})))
    assert (error.status, error.param, error.code) == (400, field, "unsupported_value")
    directory.require(ask(model=name, given=frozenset({field}), effort="none"), TODAY)


@pytest.mark.parametrize("effort", [None, "none", "high"])
def test_max_tokens_goes_by_another_name(directory: Directory, ask: Ask, effort: str | None) -> None:
    error = refusal(directory, ask(model="gpt-6-sol", given=frozenset({"max_tokens"}), effort=effort))
    assert (error.status, error.param, error.code) == (400, "max_tokens", "unsupported_parameter")
    assert "max_completion_tokens" in error.message


@pytest.mark.parametrize(("effort", "dialect"), [("none", "openai.chat"), (None, "openai.responses")])
def test_tools_are_taken_with_effort_none_or_by_the_responses_api(
    directory: Directory, ask: Ask, effort: str | None, dialect: str
) -> None:
    directory.require(ask(model="gpt-6-sol", tools=TOOLS, effort=effort, dialect=dialect), TODAY)


def test_tools_with_another_effort_need_the_responses_api(directory: Directory, ask: Ask) -> None:
    error = refusal(directory, ask(model="gpt-6-sol", tools=TOOLS))
    assert (error.status, error.param) == (400, "tools")
    assert "Responses" in error.message


@pytest.mark.parametrize("effort", ["none", "minimal"])
def test_the_newest_refuse_low_efforts(directory: Directory, ask: Ask, effort: str) -> None:
    error = refusal(directory, ask(model="gpt-6.2-sol", effort=effort))
    assert (error.status, error.param) == (400, "reasoning_effort")
    directory.require(ask(model="gpt-6.2-sol", effort="high"), TODAY)


def test_the_newest_never_take_tools_on_chat_completions(directory: Directory, ask: Ask) -> None:
    assert refusal(directory, ask(model="gpt-6.2-sol", tools=TOOLS, effort="high")).param == "tools"


@pytest.mark.parametrize("field", ["temperature", "top_p", "top_k"])
def test_claude_takes_no_sampling(directory: Directory, ask: Ask, field: str) -> None:
    asked = ask(model="claude-opus-5-5", given=frozenset({field}), dialect="anthropic.messages")
    assert refusal(directory, asked).param == field


def test_a_real_model_without_rules_takes_everything(directory: Directory, ask: Ask) -> None:
    directory.require(ask(model="gpt-4o-mini", **DEMANDING), TODAY)


@pytest.mark.parametrize(
    ("name", "last", "instead"),
    [("gpt-4o", date(2027, 1, 13), "gpt-6-luna"), ("gpt-5", date(2026, 12, 10), ""), ("o1", date(2026, 10, 22), "")],
)
def test_a_real_model_answers_until_its_last_day(
    directory: Directory, ask: Ask, name: str, last: date, instead: str
) -> None:
    directory.require(ask(model=name), last)
    error = refusal(directory, ask(model=name), date.fromordinal(last.toordinal() + 1))
    assert (error.status, error.code) == (404, "model_not_found")
    assert "was shut down on" in error.message
    assert instead in error.message


def test_a_family_is_met_by_all_its_names(directory: Directory, ask: Ask) -> None:
    error = refusal(directory, ask(model="gemini-1.5-flash-8b"))
    assert "'gemini-1.5-*' was shut down" in error.message


def test_rules_hold_for_embeddings_too(directory: Directory) -> None:
    asked = EmbedRequest("openai.embeddings", "gpt-6-sol", ("a",), given=frozenset({"temperature"}))
    assert refusal(directory, asked).param == "temperature"


def test_the_list_shows_roles_first_and_nothing_that_is_gone(directory: Directory) -> None:
    shown = [card.id for card in directory.cards(date(2027, 2, 1))]
    assert shown[:2] == ["course-small", "course-large"]
    assert "gpt-6-sol" in shown
    assert not {"gpt-4o", "o1", "gemini-1.5-*"} & set(shown)


@pytest.mark.parametrize(
    ("name", "role"),
    [("course-large", "large"), ("gpt-6.1-sol", "large"), ("claude-haiku-5-5", "small"), ("gpt-6-astra", "small")],
)
def test_a_real_name_is_stood_in_for_by_the_role_it_has(
    directory: Directory, course: Course, name: str, role: str
) -> None:
    assert directory.weights(name) == course.roles[role].weights


def test_nothing_stands_in_for_a_name_that_does_not_exist(directory: Directory) -> None:
    assert directory.weights("gpt-99") == ()
