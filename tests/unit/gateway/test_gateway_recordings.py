"""The right recording is found, as fast among ten thousand as among ten; a miss says what was near and what differs."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from typing import Any

import pytest

from courseware.gateway.exchange import (
    ChatRequest,
    Completion,
    Format,
    Message,
    Result,
    Sampling,
    StopReason,
    Text,
    Tool,
    Usage,
)
from courseware.gateway.recordings import Recording, Recordings

Ask = Callable[..., ChatRequest]
Record = Callable[..., Recording]


def answers(*stops: StopReason) -> tuple[Completion, ...]:
    return tuple(Completion((Text("A piece"),), stop) for stop in stops)


def test_the_recorded_request_is_found_exactly(ask: Ask, record: Record) -> None:
    found = Recordings.of([record(ask())]).find(ask())
    assert found is not None
    assert (found.tier, found.reply.origin.tier, found.reply.origin.id) == ("exact", "exact", "week_03/token")


def test_other_case_and_space_are_found_on_the_normalised_tier(ask: Ask, record: Record) -> None:
    found = Recordings.of([record(ask())]).find(ask("  what IS\n a token? "))
    assert found is not None
    assert (found.tier, found.reply.origin.tier) == ("normalised", "normalised")


def test_the_exact_recording_comes_before_a_normalised_one(ask: Ask, record: Record) -> None:
    store = Recordings.of([record(ask("WHAT IS A TOKEN?"), id="loud"), record(ask(), id="plain")])
    found = store.find(ask())
    assert found is not None
    assert found.recording.id == "plain"


@pytest.mark.parametrize(
    "change",
    [{"system": "Be brief."}, {"sampling": Sampling(temperature=0.5)}, {"format": Format("json")}, {"n": 2}],
    ids=lambda change: next(iter(change)),
)
def test_a_request_that_differs_in_more_is_not_found(ask: Ask, record: Record, change: dict[str, Any]) -> None:
    assert Recordings.of([record(ask())]).find(ask(**change)) is None


@pytest.mark.parametrize(("max_tokens", "fits"), [(None, True), (6, True), (5, True), (4, False), (1, False)])
def test_a_whole_answer_fits_every_limit_it_stays_within(
    ask: Ask, record: Record, max_tokens: int | None, fits: bool
) -> None:
    assert record(ask()).fits(ask(max_tokens=max_tokens)) is fits


@pytest.mark.parametrize(("max_tokens", "fits"), [(None, False), (6, False), (5, True), (4, False)])
def test_an_answer_that_was_cut_off_fits_its_own_limit_alone(
    ask: Ask, record: Record, max_tokens: int | None, fits: bool
) -> None:
    recording = record(ask(), completions=answers("length"), limit=5)
    assert recording.fits(ask(max_tokens=max_tokens)) is fits


def test_one_of_several_answers_cut_off_binds_them_all(ask: Ask, record: Record) -> None:
    recording = record(ask(n=2), completions=answers("end", "length"), limit=5, usage=Usage(12, 8))
    assert [recording.fits(ask(n=2, max_tokens=limit)) for limit in (None, 5, 9)] == [False, True, False]


@pytest.mark.parametrize(("max_tokens", "name"), [(5, "short"), (20, "long"), (None, "whole"), (100, "whole")])
def test_of_several_recordings_of_a_request_the_limit_decides(
    ask: Ask, record: Record, max_tokens: int | None, name: str
) -> None:
    cut = [record(ask(), id=name, completions=answers("length"), limit=n) for name, n in (("short", 5), ("long", 20))]
    store = Recordings.of([*cut, record(ask(), id="whole", usage=Usage(12, 60))])
    found = store.find(ask(max_tokens=max_tokens))
    assert found is not None
    assert found.recording.id == name


def test_the_exact_keys_limit_does_not_hide_a_normalised_recording(ask: Ask, record: Record) -> None:
    long, short = record(ask(), id="long", usage=Usage(12, 60)), record(ask("what is a token?"), id="short")
    found = Recordings.of([long, short]).find(ask(max_tokens=10))
    assert found is not None
    assert (found.recording.id, found.tier) == ("short", "normalised")


def steps(work: Callable[[], object]) -> int:
    """How many instructions of Python are executed: a measure of work that no clock has a part in."""
    done = 0

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal done
        frame.f_trace_opcodes = True
        done += event == "opcode"
        return trace

    before = sys.gettrace()
    gc.disable()  # a collection in between would count the finalisers of what other tests left
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
        gc.enable()
    return done


@pytest.mark.parametrize("words", ["Question 3?", "question 3?", "Who knows?"], ids=["exact", "normalised", "miss"])
def test_a_look_up_takes_as_many_steps_among_ten_thousand_as_among_ten(ask: Ask, record: Record, words: str) -> None:
    one = record(ask())
    made = [
        replace(one, id=str(n), request={**one.request, "messages": [["user", f"Question {n}?"]]})
        for n in range(10_000)
    ]
    few, many = Recordings.of(made[:10]), Recordings.of(made)
    assert steps(lambda: many.find(ask(words))) == steps(lambda: few.find(ask(words))) > 0


TOOL = Tool("weather", "The weather.", {"type": "object"})
DIFFERENCES: dict[str, tuple[dict[str, Any], str]] = {
    "system": ({"system": "Be brief."}, "system"),
    "tools": ({"tools": (TOOL,)}, "tools"),
    "sampling": ({"sampling": Sampling(temperature=1.0)}, "sampling"),
    "format": ({"format": Format("json")}, "format"),
    "model": ({"model": "course-large"}, "model"),
    "words": ({"user": "What is a token really?"}, "messages"),
    "limit": ({"max_tokens": 1}, "the limit on its length"),
    "several": ({"system": "Be brief.", "tools": (TOOL,), "stop": ("END",)}, "system, tools, stop"),
    "system and words": ({"system": "Be brief.", "user": "What is a token really?"}, "system, messages"),
}


@pytest.mark.parametrize(("change", "named"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_the_nearest_recording_names_what_differs(ask: Ask, record: Record, change: dict[str, Any], named: str) -> None:
    ((nearest, difference),) = Recordings.of([record(ask())]).nearest(ask(**change))
    assert (nearest.id, difference) == ("week_03/token", named)


def test_the_likeliest_recordings_come_first_and_unlikely_ones_not_at_all(ask: Ask, record: Record) -> None:
    said = ["What is a word?", "What is a token, please?", "What is a token", "Sing!"]
    store = Recordings.of(record(ask(words), id=words) for words in said)
    assert [recording.id for recording, _ in store.nearest(ask())] == [
        "What is a token",
        "What is a word?",
        "What is a token, please?",
    ]


def test_at_most_three_are_named(ask: Ask, record: Record) -> None:
    store = Recordings.of(record(ask(f"What is a token? {n}"), id=f"{n}") for n in range(9))
    assert [recording.id for recording, _ in store.nearest(ask())] == ["0", "1", "2"]


def test_a_request_without_words_is_near_to_nothing(ask: Ask, record: Record) -> None:
    store = Recordings.of([record(ask())])
    assert store.nearest(ask(messages=(Message("assistant", (Text("Hello."),)),))) == []


def test_a_tools_result_is_what_was_said_last(ask: Ask, record: Record) -> None:
    result = (Message("user", (Text("weather?"),)), Message("user", (Result("a", "21 degrees and sunny"),)))
    store = Recordings.of([record(ask("21 degrees and rain"), id="a"), record(ask("weather?"), id="b")])
    assert [recording.id for recording, _ in store.nearest(ask(messages=result))] == ["a"]


def test_the_measure_of_steps_tells_a_search_of_all_recordings(ask: Ask, record: Record) -> None:
    made = [record(ask(f"Question {n}?"), id=str(n)) for n in range(20)]
    few, many = Recordings.of(made[:10]), Recordings.of(made)
    assert steps(lambda: many.nearest(ask())) > steps(lambda: few.nearest(ask()))
