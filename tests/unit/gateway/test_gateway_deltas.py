"""A reply cut into deltas and put together again is the same reply."""

from __future__ import annotations

import asyncio
import json
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.gateway.deltas import Collector, collect, deltas_of, runs, stream
from courseware.gateway.exchange import (
    Call,
    CallStart,
    CallText,
    ChatReply,
    ChatRequest,
    Citation,
    Completion,
    Delta,
    LiveReply,
    Origin,
    Stop,
    Text,
    TextDelta,
    TokenLogprob,
    Total,
    Usage,
    Words,
)
from courseware.gateway.wire.endpoint import Head
from courseware.gateway.wire.openai.chat_answer import ChatEncoder

repeatable = settings(derandomize=True, deadline=None, max_examples=60, database=None)
ORIGIN = Origin("local", "small", "a test")

words = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" \n\t\u2028"), min_size=1, max_size=30)
citations = st.lists(st.builds(Citation, st.integers(0, 3), st.integers(0, 9), st.integers(0, 9)), max_size=2).map(
    tuple
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
calls = st.builds(Call, st.sampled_from(["f", "g"]), st.dictionaries(words, json_values, max_size=3))
parts = st.lists(st.builds(Text, words, citations) | calls, max_size=5).map(tuple)
stops = st.sampled_from(["end", "length", "stop_sequence", "tool_calls"])
plain = st.builds(Completion, parts, stops, st.none() | words)
tokens = st.lists(
    st.builds(
        TokenLogprob, words, st.floats(-9, 0), st.lists(st.tuples(words, st.floats(-9, 0)), max_size=2).map(tuple)
    ),
    min_size=1,
    max_size=5,
).map(tuple)
with_logprobs = tokens.map(lambda found: Completion((Text("".join(t.token for t in found)),), logprobs=found))
with_other_logprobs = st.builds(lambda text, found: Completion((Text(text),), logprobs=found), words, tokens)
usages = st.builds(Usage, st.integers(0, 99), st.integers(0, 99))
replies = st.builds(
    ChatReply,
    st.just("m"),
    st.lists(plain | with_logprobs | with_other_logprobs, min_size=1, max_size=3).map(tuple),
    usages,
    st.just(ORIGIN),
)


def gathered(deltas: list[Delta]) -> tuple[tuple[Completion, ...], Usage]:
    collector = Collector()
    for delta in deltas:
        collector.feed(delta)
    return collector.completions(), collector.usage


@repeatable
@given(replies)
def test_a_reply_in_pieces_amounts_to_itself(reply: ChatReply) -> None:
    assert gathered(list(deltas_of(reply))) == (reply.completions, reply.usage)


@repeatable
@given(replies)
def test_waiting_for_a_live_reply_gives_all_of_it(reply: ChatReply) -> None:
    assert asyncio.run(collect(LiveReply("m", ORIGIN, stream(deltas_of(reply))))) == reply


@repeatable
@given(replies, st.booleans())
def test_a_stream_written_in_one_go_is_the_bytes_of_its_pieces(reply: ChatReply, usage: bool) -> None:
    asked = ChatRequest("openai.chat", "m", (), n=len(reply.completions), extras={"include_usage": usage})
    encoder = ChatEncoder(asked, Head("seed", "m", 1))
    pieces = [encoder.open(), *map(encoder.feed, deltas_of(reply))]
    assert encoder.whole(runs(reply)) == b"".join(pieces)


@repeatable
@given(replies)
def test_words_in_a_row_are_one_run_and_nothing_else_is(reply: ChatReply) -> None:
    found = list(runs(reply))
    assert [type(run) for run in found if run == TextDelta(getattr(run, "text", ""))] == []
    assert not any(isinstance(one, Words) and isinstance(other, Words) for one, other in pairwise(found))


@repeatable
@given(replies)
def test_every_answer_ends_with_its_stop_and_all_with_the_total(reply: ChatReply) -> None:
    deltas = list(deltas_of(reply))
    assert [delta.choice for delta in deltas if isinstance(delta, Stop)] == list(range(len(reply.completions)))
    assert [index for index, delta in enumerate(deltas) if isinstance(delta, Total)] == [len(deltas) - 1]


def test_words_come_one_at_a_time_with_the_space_before_them() -> None:
    reply = ChatReply("m", (Completion((Text("It is  sunny.\n"),)),), Usage(1, 1), ORIGIN)
    assert [d.text for d in deltas_of(reply) if isinstance(d, TextDelta)] == ["It", " is", "  sunny.", "\n"]


def test_arguments_come_in_short_pieces_that_are_json_together() -> None:
    call = Call("f", {"city": "Zürich", "days": list(range(20))})
    deltas = list(deltas_of(ChatReply("m", (Completion((call,), "tool_calls"),), Usage(1, 1), ORIGIN)))
    pieces = [delta.json for delta in deltas if isinstance(delta, CallText)]
    assert deltas[0] == CallStart("f")
    assert len(pieces) > 3
    assert max(map(len, pieces)) <= 16
    assert json.loads("".join(pieces)) == call.arguments


def test_parallel_calls_are_numbered_in_order() -> None:
    both = (Call("f", {"a": 1}), Text("and"), Call("g", {}))
    deltas = deltas_of(ChatReply("m", (Completion(both),), Usage(1, 1), ORIGIN))
    assert [(d.name, d.index) for d in deltas if isinstance(d, CallStart)] == [("f", 0), ("g", 1)]


def test_pieces_of_several_calls_may_be_mixed() -> None:
    mixed = [
        CallStart("f", 0),
        CallStart("g", 1),
        CallText('{"a"', 0),
        CallText("{", 1),
        CallText(": 1}", 0),
        CallText("}", 1),
    ]
    (completion,), _ = gathered([*mixed, Stop("tool_calls"), Total(Usage(1, 1))])
    assert completion == Completion((Call("f", {"a": 1}), Call("g", {})), "tool_calls")


def test_a_call_without_arguments_takes_none() -> None:
    (completion,), _ = gathered([CallStart("f"), Stop("tool_calls")])
    assert completion.calls == (Call("f", {}),)


def test_a_call_cut_off_in_its_json_is_no_value() -> None:
    with pytest.raises(ValueError, match=re.escape("Unterminated string")):
        gathered([CallStart("f"), CallText('{"a": "b')])


def test_a_call_cut_off_by_the_limit_is_left_out() -> None:
    (completion,), _ = gathered([CallStart("f"), CallText("{}"), CallStart("g", 1), CallText('{"a', 1), Stop("length")])
    assert completion == Completion((Call("f", {}),), "length")


def test_what_came_so_far_is_an_answer_so_far() -> None:
    assert gathered([TextDelta("It"), TextDelta(" is")]) == ((Completion((Text("It is"),)),), Usage(0, 0))
