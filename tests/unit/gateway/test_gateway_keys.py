"""A key changes with what can change an answer, and with nothing else."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import (
    Call,
    ChatRequest,
    Document,
    Format,
    Message,
    Result,
    Sampling,
    Text,
    Tool,
    ToolChoice,
)
from courseware.gateway.keys import canonical, exact_key, fold, normalised_key
from courseware.gateway.wire.openai.chat_request import parse

Ask = Callable[..., ChatRequest]
repeatable = settings(derandomize=True, deadline=None, max_examples=60, database=None)

WEATHER = Tool("weather", "The weather in a city.", {"type": "object", "properties": {"city": {"type": "string"}}})
CLOCK = Tool("clock", "The time.", {"type": "object"})
SCHEMA = Format("schema", {"type": "object", "properties": {"a": {"type": "integer"}}})
BASE: dict[str, Any] = {"tools": (WEATHER, CLOCK), "sampling": Sampling(temperature=0.0), "stop": ("END",)}

NO_CHANGE = {
    "streaming": {"stream": True},
    "the wire format": {"dialect": "anthropic.messages"},
    "the limit on the answer's length": {"max_tokens": 5},
    "the names of the body's fields": {"given": frozenset({"model", "user"})},
    "the wire format's notes": {"extras": {"include_usage": True}},
    "the order of tools": {"tools": (CLOCK, WEATHER)},
    "automatic choice said aloud": {"choice": ToolChoice("auto")},
}
CHANGE = {
    "model": {"model": "course-large"},
    "a tool's description": {"tools": (replace(WEATHER, description="the weather in a city."), CLOCK)},
    "a tool's name": {"tools": (replace(WEATHER, name="Weather"), CLOCK)},
    "a tool's schema": {"tools": (replace(WEATHER, schema={"type": "Object"}), CLOCK)},
    "fewer tools": {"tools": (WEATHER,)},
    "a forced tool": {"choice": ToolChoice("named", "clock")},
    "no tool": {"choice": ToolChoice("none")},
    "one call at a time": {"choice": ToolChoice(parallel=False)},
    "JSON": {"format": Format("json")},
    "a schema": {"format": SCHEMA},
    "temperature": {"sampling": Sampling(temperature=0.1)},
    "top_p": {"sampling": Sampling(temperature=0.0, top_p=0.9)},
    "top_k": {"sampling": Sampling(temperature=0.0, top_k=40)},
    "seed": {"sampling": Sampling(temperature=0.0, seed=0)},
    "presence": {"sampling": Sampling(temperature=0.0, presence_penalty=0.0)},
    "frequency": {"sampling": Sampling(temperature=0.0, frequency_penalty=1.0)},
    "logit bias": {"sampling": Sampling(temperature=0.0, logit_bias={"15": -100.0})},
    "case of a stop sequence": {"stop": ("end",)},
    "two answers": {"n": 2},
    "log probabilities": {"logprobs": 0},
    "effort": {"effort": "low"},
}


def keys(request: ChatRequest) -> tuple[str, str]:
    counts = canonical(request)
    return exact_key(counts), normalised_key(counts)


@pytest.mark.parametrize("change", NO_CHANGE.values(), ids=NO_CHANGE)
def test_what_cannot_change_an_answer_changes_no_key(ask: Ask, change: dict[str, Any]) -> None:
    assert keys(ask(**BASE | change)) == keys(ask(**BASE))


@pytest.mark.parametrize("change", CHANGE.values(), ids=CHANGE)
def test_what_can_change_an_answer_changes_both_keys(ask: Ask, change: dict[str, Any]) -> None:
    changed, before = keys(ask(**BASE | change)), keys(ask(**BASE))
    assert changed[0] != before[0]
    assert changed[1] != before[1]


def test_no_two_changes_have_one_key(ask: Ask) -> None:
    made = [keys(ask(**BASE | change)) for change in CHANGE.values()]
    assert len({key for pair in made for key in pair}) == 2 * len(made)


def test_the_order_of_a_bodys_fields_changes_no_key() -> None:
    body = {
        "model": "course-small",
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "title": "F"}}}],
        "temperature": 0,
    }
    turned = {**dict(reversed(body.items())), "user": "ada", "metadata": {"a": "b"}, "stream": True}
    turned["tools"] = [{"function": {"parameters": {"title": "F", "type": "object"}, "name": "f"}, "type": "function"}]
    assert keys(parse(body, {}, {})) == keys(parse(turned, {}, {}))


def turns(first: str, second: str, answered: tuple[str, str]) -> tuple[Message, ...]:
    """Two calls of one tool with these ids, and results for them in this order."""
    calls = (Call("weather", {"city": "Paris"}, first), Call("weather", {"city": "Rome"}, second))
    results = tuple(Result(call_id, text) for call_id, text in zip(answered, ("sun", "rain"), strict=True))
    return (Message("user", (Text("both?"),)), Message("assistant", calls), Message("user", results))


def test_ids_of_calls_change_no_key(ask: Ask) -> None:
    one, other = turns("a", "b", ("a", "b")), turns("toolu_2", "toolu_1", ("toolu_2", "toolu_1"))
    assert keys(ask(messages=one)) == keys(ask(messages=other))


def test_which_call_a_result_answers_changes_both_keys(ask: Ask) -> None:
    straight, crossed = keys(ask(messages=turns("a", "b", ("a", "b")))), keys(ask(messages=turns("a", "b", ("b", "a"))))
    assert not set(straight) & set(crossed)


def test_a_failed_result_has_keys_of_its_own(ask: Ask) -> None:
    made = turns("a", "b", ("a", "b"))
    failed = (*made[:2], Message("user", tuple(replace(part, is_error=True) for part in made[2].parts)))  # type: ignore[type-var]
    assert not set(keys(ask(messages=made))) & set(keys(ask(messages=failed)))


def test_a_documents_title_and_citations_count(ask: Ask) -> None:
    documents = [Document("Terms", "a"), Document("Terms", "b"), Document("Terms", "a", citations=True)]
    found = {keys(ask(messages=(Message("user", (document, Text("?"))),)))[0] for document in documents}
    assert len(found) == 3


def test_words_of_one_speaker_are_one_turn_however_they_are_cut(ask: Ask) -> None:
    one = (Message("user", (Text("a"), Text("b"))),)
    two = (Message("user", (Text("a"),)), Message("user", (Text("b"),)))
    assert keys(ask(messages=one)) == keys(ask(messages=two))


def test_who_speaks_changes_both_keys(ask: Ask) -> None:
    spoken = [(Message(speaker, (Text("hi"),)),) for speaker in ("system", "user", "assistant")]  # type: ignore[arg-type]
    exact, normalised = zip(*(keys(ask(messages=messages)) for messages in spoken), strict=True)
    assert len(set(exact)) == len(set(normalised)) == 3


def test_a_calls_name_and_arguments_count_to_the_letter(ask: Ask) -> None:
    calls = [Call("weather", {"city": "Rome"}), Call("Weather", {"city": "Rome"}), Call("weather", {"city": "rome"})]
    found = {keys(ask(messages=(Message("assistant", (call,)),)))[1] for call in calls}
    assert len(found) == 3


spaces = st.sampled_from([" ", "  ", "\n", "\t", "\r\n", "\u00a0", "\u3000", " \n "])
words = st.lists(
    st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=8), min_size=1, max_size=6
)


@repeatable
@given(words, st.data())
def test_case_and_white_space_of_the_conversation_leave_the_normalised_key(
    ask: Ask, said: list[str], data: st.DataObject
) -> None:
    gaps = data.draw(st.lists(spaces, min_size=len(said), max_size=len(said)))
    loud = "".join(itertools.chain.from_iterable(zip((word.casefold() for word in said), gaps, strict=True)))
    assert keys(ask(loud))[1] == keys(ask(" ".join(said)))[1]


@repeatable
@given(st.text(max_size=40), st.text(max_size=40))
def test_exact_keys_are_equal_only_for_equal_words(ask: Ask, one: str, other: str) -> None:
    assert (keys(ask(one))[0] == keys(ask(other))[0]) == (one == other)


@repeatable
@given(words, spaces)
def test_system_text_counts_to_the_letter_in_both_keys(ask: Ask, said: list[str], gap: str) -> None:
    one, other = keys(ask("hi", " ".join(said))), keys(ask("hi", gap.join(said) + gap))
    assert not set(one) & set(other)


def test_system_text_in_other_case_changes_both_keys(ask: Ask) -> None:
    assert not set(keys(ask("hi", "Be brief."))) & set(keys(ask("hi", "be brief.")))


@repeatable
@given(st.text(st.characters(exclude_categories=["Cs", "M"]), max_size=30))
def test_folding_is_the_same_for_every_equivalent_form_and_case(text: str) -> None:
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")]
    assert {fold(form) for form in (*forms, text.casefold(), text.lower(), fold(text), f" {text}\n")} == {fold(text)}


def test_letters_that_fold_to_several_are_met_in_any_case() -> None:
    assert fold("STRASSE ΐ ﬁ") == fold("Straße Ϊ́ FI")


@pytest.mark.parametrize(
    "value", ["\ud800", 2**64, {1: "a"}, object()], ids=["half a character", "wide", "number", "thing"]
)
def test_a_value_that_json_cannot_carry_is_the_clients_error(ask: Ask, value: Any) -> None:
    request = ask(messages=(Message("assistant", (Call("f", {"a": value}),)),))
    with pytest.raises(ApiError, match="not JSON") as caught:
        canonical(request)
    assert caught.value.status == 400
