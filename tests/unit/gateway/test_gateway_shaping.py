"""A scripted answer keeps the request's limits: stop sequences, length in tokens, number of answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.gateway.counting import count, count_completion, count_request, cut
from courseware.gateway.exchange import (
    Call,
    ChatReply,
    ChatRequest,
    Citation,
    Completion,
    Document,
    Message,
    Origin,
    Result,
    StopReason,
    Text,
    Tool,
)
from courseware.gateway.shaping import shape

pytestmark = pytest.mark.needs_models  # the tokenizer's file

Ask = Callable[..., ChatRequest]
repeatable = settings(derandomize=True, deadline=None, max_examples=50, database=None)
WEATHER, CLOCK = Call("weather", {"city": "Paris"}), Call("clock", {"zone": "Europe/Paris", "style": "long " * 9})


def shaped(request: ChatRequest, *parts: Text | Call, stop: StopReason = "end") -> ChatReply:
    return shape(request, Completion(parts, stop), Origin("scenario", "test", "a test"))


def only(reply: ChatReply) -> Completion:
    (completion,) = reply.completions
    return completion


def test_without_limits_the_answer_is_the_script(ask: Ask) -> None:
    said = (Text("Hello.", (Citation(0, 1, 2),)), WEATHER)
    assert only(shaped(ask(), *said, stop="tool_calls")) == Completion(said, "tool_calls")


@pytest.mark.parametrize(
    ("stop", "text", "sequence"),
    [
        (("three",), "one two ", "three"),
        (("three", "two"), "one ", "two"),
        (("two three", "two"), "one ", "two"),
        (("ONE",), "one two three", None),
        (("", "two"), "one ", "two"),
        (("",), "one two three", None),
    ],
)
def test_the_answer_ends_before_the_first_stop_sequence(
    ask: Ask, stop: tuple[str, ...], text: str, sequence: str | None
) -> None:
    completion = only(shaped(ask(stop=stop), Text("one two three")))
    reason = "end" if sequence is None else "stop_sequence"
    assert completion == Completion((Text(text),), reason, sequence)


def test_calls_after_a_stop_sequence_are_not_made(ask: Ask) -> None:
    completion = only(shaped(ask(stop=("two",)), Text("one"), Text("and two"), WEATHER, stop="tool_calls"))
    assert completion == Completion((Text("one"), Text("and ")), "stop_sequence", "two")


texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("👩‍🔬é日本 \n"), max_size=40)


@repeatable
@given(texts, st.integers(1, 30))
def test_a_cut_is_a_beginning_of_whole_characters_within_the_limit(text: str, tokens: int) -> None:
    kept = cut(text, tokens)
    assert text.startswith(kept)
    assert count(kept) <= tokens
    assert (kept == text) is (count(text) <= tokens)


@repeatable
@given(texts, st.integers(1, 30))
def test_the_limit_cuts_and_says_so(ask: Ask, text: str, limit: int) -> None:
    reply = shaped(ask(max_tokens=limit), Text(text))
    assert only(reply).stop == ("length" if count(text) > limit else "end")
    assert only(reply).text == cut(text, limit)
    assert reply.usage.output <= limit


def test_half_of_an_emoji_is_left_out() -> None:
    family = "👩‍👩‍👧‍👦"
    kept = [cut(family, tokens) for tokens in range(1, count(family) + 1)]
    assert all(family.startswith(part) and "\ufffd" not in part for part in kept)
    assert kept[-1] == family


def test_a_stop_sequence_beyond_the_limit_is_not_reached(ask: Ask) -> None:
    completion = only(shaped(ask(stop=("four",), max_tokens=2), Text("one two three four")))
    assert completion == Completion((Text("one two"),), "length")


def test_a_call_that_does_not_fit_whole_is_left_out(ask: Ask) -> None:
    completion = only(shaped(ask(max_tokens=count("Look.") + 3), Text("Look."), WEATHER, stop="tool_calls"))
    assert completion == Completion((Text("Look."),), "length")


def test_a_call_that_fits_is_made_and_nothing_follows_what_was_cut(ask: Ask) -> None:
    limit = count_completion(Completion((WEATHER,))) + 5
    completion = only(shaped(ask(max_tokens=limit), WEATHER, CLOCK, Text("Hi"), stop="tool_calls"))
    assert completion == Completion((WEATHER,), "length")


def test_words_before_the_cut_keep_their_citations(ask: Ask) -> None:
    cited = Text("Thirty days.", (Citation(0, 0, 12),))
    completion = only(shaped(ask(max_tokens=count(cited.text) + 1), cited, Text("More of it.", (Citation(0, 1, 5),))))
    assert completion.parts[0] == cited
    assert completion.parts[1] == Text(cut("More of it.", 1))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_every_answer_is_limited_and_counted(ask: Ask, n: int) -> None:
    reply = shaped(ask(n=n, max_tokens=3), Text("one two three four"))
    assert [(c.text, c.stop) for c in reply.completions] == [("one two three", "length")] * n
    assert reply.usage.output == 3 * n


def test_the_model_is_named_for_what_answered(ask: Ask) -> None:
    assert shaped(ask(), Text("a")).model == "scenario/test"


PARTS: list[Any] = [Text("two words"), Document("two words", "title"), WEATHER, Result("a", "two words")]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: type(part).__name__)
def test_every_part_of_a_request_is_counted(ask: Ask, part: Any) -> None:
    with_it, without = (ask(messages=(Message("user", parts),)) for parts in ((part,), ()))
    assert count_request(with_it) >= count_request(without) + 2


def test_tools_are_counted(ask: Ask) -> None:
    tool = Tool("weather", "The weather in a city.", {"type": "object"})
    assert count_request(ask(tools=(tool,))) > count_request(ask()) + 10


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("Hello, world!", 4), ("<|endoftext|>", 7), ("日本語のテキスト", 6)]
)
def test_tokens_are_those_of_o200k_base(text: str, tokens: int) -> None:
    assert count(text) == tokens
