"""A body of any shape is answered or refused with an `ApiError`, never with another exception."""

from __future__ import annotations

from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from courseware.gateway.deltas import deltas_of
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import Call, ChatReply, ChatRequest, Completion, Origin, Text, Usage
from courseware.gateway.keys import canonical, exact_key, normalised_key
from courseware.gateway.wire.anthropic import ENDPOINTS
from courseware.gateway.wire.anthropic.messages_body import Body, Prompt
from courseware.gateway.wire.endpoint import Head

COMPLETION = Completion((Text("Yes."), Call("a", {"b": 1})), "tool_calls")
REPLY = ChatReply("m", (COMPLETION,), Usage(3, 2), Origin("scenario", "s", "authored"))
HEAD = Head("seed", "m", 1)
MESSAGES, COUNT = ENDPOINTS
VERSIONS = st.sampled_from(["2023-06-01", "2026-10-21"])

WORDS = ("", " ", "a", "b", "text", "object", "tool_use", "type", "role", "content", "course-small")
SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 2**64 - 1) | st.floats() | st.sampled_from(WORDS) | st.text(max_size=3)
)
JSON: Any = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
)


class Bodies:
    """Makes bodies that fit a JSON Schema as pydantic writes it, as far as types go; half of them are spoiled.

    Every choice comes from one seed: as a strategy of its own, a schema of this size takes minutes.
    """

    def __init__(self, kind: type[BaseModel]) -> None:
        self._schema = kind.model_json_schema()

    def one(self, seed: int, strange: Any) -> Any:
        """The body of this seed; `strange` stands somewhere in a spoiled one."""
        random = Random(seed)
        body = self._value(self._schema, random)
        if random.random() < 0.5:
            parent, key = random.choice(_places(body))
            parent[key] = strange
        return orjson.loads(orjson.dumps(body))

    def _value(self, schema: Any, random: Random) -> Any:
        if "$ref" in schema:
            return self._value(self._schema["$defs"][schema["$ref"].rsplit("/", 1)[1]], random)
        for name in ("anyOf", "oneOf"):
            if name in schema:
                return self._value(random.choice(schema[name]), random)
        if "properties" in schema:
            wanted = {name for name in schema["properties"] if random.random() < 0.2} | {*schema.get("required", ())}
            return {name: self._value(schema["properties"][name], random) for name in sorted(wanted)}
        if schema.get("type") == "array":
            return [self._value(schema.get("items", {}), random) for _ in range(random.randint(0, 3))]
        return self._scalar(schema, random)

    def _scalar(self, schema: Any, random: Random) -> Any:
        if "const" in schema or "enum" in schema:
            return random.choice(schema.get("enum", [schema.get("const")]))
        plain = {"string": WORDS, "integer": range(41), "number": [0, 0.5, 1], "boolean": [True, False]}
        return random.choice(plain.get(schema.get("type"), [None, {"type": "object"}, [1], "a", 1]))


def _places(body: Any) -> list[tuple[Any, Any]]:
    """Every place in a body where a value stands."""
    places = [(body, key) for key in body]
    for parent, key in places:
        inner = parent[key]
        keys = list(inner) if isinstance(inner, dict) else range(len(inner)) if isinstance(inner, list) else ()
        places += [(inner, one) for one in keys]
    return places


BODIES, PROMPTS = Bodies(Body), Bodies(Prompt)
SEEDS = st.integers(0, 2**32)
repeatable = settings(derandomize=True, deadline=None, max_examples=150, database=None)


def serve(body: Any, headers: dict[str, str]) -> str:
    """Answer a body as a server does, whole and streamed; say what became of it."""
    try:
        request = MESSAGES.parse(body, headers, {})
    except ApiError:
        return "refused"
    assert isinstance(request, ChatRequest)
    assert exact_key(canonical(request)) != normalised_key({**canonical(request), "n": 2})
    orjson.dumps(MESSAGES.render(request, REPLY, HEAD))
    assert MESSAGES.encoder is not None
    encoder = MESSAGES.encoder(request, HEAD)
    assert b"".join([encoder.open(), *map(encoder.feed, deltas_of(REPLY))])
    return "answered"


@repeatable
@given(JSON, VERSIONS)
def test_any_json(body: Any, version: str) -> None:
    serve(body, {"anthropic-version": version})


@repeatable
@given(SEEDS, JSON, VERSIONS)
def test_bodies_that_nearly_fit(seed: int, strange: Any, version: str) -> None:
    serve(BODIES.one(seed, strange), {"anthropic-version": version})


@repeatable
@given(SEEDS, JSON, VERSIONS)
def test_prompts_to_count(seed: int, strange: Any, version: str) -> None:
    try:
        request = COUNT.parse(PROMPTS.one(seed, strange), {"anthropic-version": version}, {})
    except ApiError:
        return
    assert isinstance(request, ChatRequest)
    exact_key(canonical(request))


BLOCK = st.sampled_from(
    [
        {"type": "text", "text": "Hi"},
        {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}},
        {"type": "tool_use", "id": "a", "name": "f", "input": {}},
        {"type": "tool_use", "id": "b", "name": "f", "input": {"x": [1]}},
        {"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "Hi"}]},
        {"type": "tool_result", "tool_use_id": "b"},
        {"type": "document", "source": {"type": "text", "data": "Sky"}, "citations": {"enabled": True}},
        {"type": "thinking", "thinking": "hm", "signature": "x"},
    ]
)
TURN = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "user", "assistant", "system"])},
    optional={"content": st.just("Hi") | st.lists(BLOCK, min_size=1, max_size=3)},
)


@repeatable
@given(st.lists(TURN, max_size=6), VERSIONS)
def test_conversations_of_any_order(turns: list[Any], version: str) -> None:
    serve({"model": "m", "max_tokens": 9, "messages": turns}, {"anthropic-version": version})


@pytest.mark.parametrize("body", [None, [], "x", 3, True])
def test_a_body_that_is_no_object(body: Any) -> None:
    assert serve(body, {"anthropic-version": "2026-10-21"}) == "refused"


def test_some_generated_bodies_are_answered() -> None:
    """Refusals alone would prove little."""
    found = {serve(BODIES.one(seed, None), {"anthropic-version": "2023-06-01"}) for seed in range(400)}
    assert found == {"answered", "refused"}
