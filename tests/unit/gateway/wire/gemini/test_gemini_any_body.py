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
from courseware.gateway.wire.gemini import chat_body, chat_request, count, embed
from courseware.gateway.wire.reading import MOST_LEVELS

BODIES = (chat_body.Body, embed.One, embed.Batch)
SCHEMAS = " ".join(json.dumps(body.model_json_schema()) for body in BODIES)
repeatable = settings(derandomize=True, deadline=None, max_examples=60, database=None)
PROPERTIES = sorted(set(re.findall(r'"(\w+)": \{', SCHEMAS)))
# What orjson reads: whole numbers of 64 bits, and no infinity.
INTEGERS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | INTEGERS | FLOATS | st.text(max_size=4)
WORDS = st.sampled_from(["OBJECT", "string", "INTEGER", "user", "model", "ANY", "application/json", "f"])
JSON: Any = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PROPERTIES), inner, max_size=4),
)
NAME = st.sampled_from(["f", "g"])
PART = st.one_of(
    st.fixed_dictionaries({"text": st.text(max_size=3)}, optional={"thought": st.booleans()}),
    st.fixed_dictionaries({"functionCall": st.fixed_dictionaries({"name": NAME}, optional={"id": NAME})}),
    st.fixed_dictionaries(
        {
            "functionResponse": st.fixed_dictionaries(
                {
                    "name": NAME,
                    "response": st.dictionaries(st.sampled_from(["result", "error", "x"]), JSON, max_size=2),
                },
                optional={"id": NAME},
            )
        }
    ),
)
CONTENT = st.fixed_dictionaries(
    {"parts": st.lists(PART, min_size=1, max_size=3)}, optional={"role": st.sampled_from(["user", "model", "tool"])}
)
TYPES = st.sampled_from(["STRING", "integer", "OBJECT", "ARRAY", "NUMBER", "NULL"])
SCHEMA: Any = st.recursive(
    st.fixed_dictionaries({"type": TYPES}, optional={"enum": st.lists(SCALARS, max_size=2), "nullable": st.booleans()}),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES,
            "items": inner,
            "properties": st.dictionaries(NAME, inner, max_size=2),
            "anyOf": st.lists(inner, max_size=2),
            "nullable": st.booleans(),
            "propertyOrdering": st.lists(NAME, max_size=3),
            "default": JSON,
        },
    ),
)
PARSES = (chat_request.parse, chat_request.parse_stream, count.parse, embed.parse, embed.parse_batch)
PATH = {"model": "m", "alt": "sse"}
HELLO = {"parts": [{"text": "Hi"}]}
SCHEMA_OF_ALL = {"type": "OBJECT", "properties": {"a": {"type": "STRING", "enum": ["x"], "nullable": True}}}
RICH: dict[str, Any] = {
    "systemInstruction": HELLO,
    "contents": [
        HELLO,
        {"role": "model", "parts": [{"functionCall": {"id": "1", "name": "f", "args": {"a": 1}}}]},
        {"role": "user", "parts": [{"functionResponse": {"id": "1", "name": "f", "response": {"result": 1}}}]},
    ],
    "tools": [{"functionDeclarations": [{"name": "f", "description": "d", "parameters": SCHEMA_OF_ALL}]}],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
    "generationConfig": {
        "topK": 3,
        "seed": 1,
        "stopSequences": ["x"],
        "responseMimeType": "application/json",
        "responseSchema": SCHEMA_OF_ALL,
        "responseLogprobs": True,
        "logprobs": 2,
        "thinkingConfig": {"thinkingLevel": "LOW"},
    },
}
RICH_BATCH = {"requests": [{"model": "models/m", "content": HELLO, "taskType": "CLUSTERING"}]}


def read_by_all(body: Any) -> None:
    """Give the body to every endpoint; what is read has a key."""
    for parse in PARSES:
        with contextlib.suppress(ApiError):
            request = parse(body, {}, PATH)
            if isinstance(request, ChatRequest):
                exact_key(canonical(request))


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
@given(st.sampled_from(list(places(RICH_BATCH))), JSON)
def test_a_right_batch_with_one_strange_value(place: tuple[Any, ...], value: Any) -> None:
    read_by_all(changed(RICH_BATCH, place, value))


@repeatable
@given(st.sampled_from(PROPERTIES), JSON)
def test_a_right_body_with_one_more_field(name: str, value: Any) -> None:
    read_by_all({**RICH, name: value})
    read_by_all(changed(RICH, ("generationConfig",), {name: value}))
    read_by_all(changed(RICH, ("tools", 0, "functionDeclarations"), [{"name": "f", name: value}]))
    read_by_all({"content": HELLO, name: value})


@repeatable
@given(st.lists(CONTENT, min_size=1, max_size=4))
def test_conversations(contents: list[Any]) -> None:
    read_by_all({"contents": contents})


@repeatable
@given(SCHEMA)
def test_schemas(schema: Any) -> None:
    config = {"responseMimeType": "application/json", "responseSchema": schema}
    read_by_all({"contents": [HELLO], "generationConfig": config})


def nested(depth: int) -> Any:
    """An object in an object in an object."""
    value: Any = {}
    for _ in range(depth):
        value = {"items": value}
    return value


def test_bodies_nested_as_deep_as_the_server_lets_in() -> None:
    for depth in (30, MOST_LEVELS):
        deep = nested(depth)
        read_by_all(deep)
        read_by_all({"contents": deep})
        read_by_all({"contents": [HELLO], "generationConfig": {"responseSchema": deep}})
        read_by_all({"contents": [HELLO], "generationConfig": {"responseJsonSchema": deep}})
        call = {"role": "model", "parts": [{"functionCall": {"name": "f", "args": deep}}]}
        result = {"parts": [{"functionResponse": {"name": "f", "response": {"result": deep}}}]}
        read_by_all({"contents": [HELLO, call, result]})
