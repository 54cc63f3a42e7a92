"""A body of any shape is read or refused, never a crash."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import ChatRequest
from courseware.gateway.keys import canonical, exact_key
from courseware.gateway.wire.ollama import chat, embed, generate, model_asked_for

BODIES = (chat.Body, generate.Body, embed.Body, embed.OneBody)
SCHEMAS = " ".join(json.dumps(body.model_json_schema()) for body in BODIES)
repeatable = settings(derandomize=True, deadline=None, max_examples=60, database=None)
PROPERTIES = sorted(set(re.findall(r'"(\w+)": \{', SCHEMAS)))
# What orjson reads: whole numbers of 64 bits, and no infinity.
INTEGERS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | INTEGERS | FLOATS | st.text(max_size=4)
WORDS = st.sampled_from(["json", "user", "assistant", "tool", "function", "f"])
JSON: Any = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PROPERTIES), inner, max_size=4),
)
FUNCTION = st.fixed_dictionaries({"name": WORDS, "arguments": st.dictionaries(WORDS, JSON, max_size=2)})
CALLS = st.lists(st.fixed_dictionaries({"function": FUNCTION}, optional={"id": WORDS}), max_size=2)
TURN = st.one_of(
    st.fixed_dictionaries({"role": st.sampled_from(["system", "user"]), "content": st.text(max_size=4)}),
    st.fixed_dictionaries({"role": st.just("assistant"), "content": st.text(max_size=4), "tool_calls": CALLS}),
    st.fixed_dictionaries({"role": st.just("tool")}, optional={"tool_name": WORDS, "tool_call_id": WORDS}),
)
RICH: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "user", "content": "x"},
        {"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": {"a": 1}}}]},
        {"role": "tool", "tool_name": "f", "content": "y"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}}}],
    "format": {"type": "object"},
    "options": {"temperature": 0.5, "top_k": 3, "seed": 1, "num_predict": 3, "stop": ["x"], "min_p": 0},
    "stream": False,
    "logprobs": True,
    "top_logprobs": 2,
}
PARSES = (chat.parse, generate.parse, embed.parse, embed.parse_one)


def read_by_all(body: Any) -> None:
    """Give the body to every endpoint; what is read has a key."""
    for parse in PARSES:
        with contextlib.suppress(ApiError):
            request = parse(body, {}, {})
            if isinstance(request, ChatRequest):
                exact_key(canonical(request))
    with contextlib.suppress(ApiError):
        model_asked_for(body)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside a value."""
    yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from places(inner, (*path, step))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The same value with `new` at that place."""
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


@repeatable
@given(JSON)
def test_any_json(body: Any) -> None:
    read_by_all(body)


@repeatable
@given(st.sampled_from(list(places(RICH))), JSON)
def test_a_right_body_with_one_strange_value(place: tuple[Any, ...], value: Any) -> None:
    read_by_all(changed(RICH, place, value))


@repeatable
@given(st.sampled_from(PROPERTIES), JSON)
def test_a_right_body_with_one_more_field(name: str, value: Any) -> None:
    read_by_all({**RICH, name: value})
    read_by_all({"model": "m", "prompt": "x", name: value})
    read_by_all({"model": "m", "prompt": "x", "options": {name: value}})
    read_by_all({"model": "m", "input": "x", name: value})


@repeatable
@given(st.lists(TURN, max_size=5))
def test_conversations(turns: list[Any]) -> None:
    read_by_all({"model": "m", "messages": turns})
