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
from courseware.gateway.keys import canonical, exact_key
from courseware.gateway.wire.endpoint import Endpoint, Head
from courseware.gateway.wire.openai import ENDPOINTS, chat_body, embeddings, responses_body

COMPLETION = Completion((Text("Yes."), Call("a", {"b": 1})), "tool_calls")
REPLY = ChatReply("m", (COMPLETION,), Usage(3, 2), Origin("scenario", "s", "authored"))
HEAD = Head("seed", "m", 1)
CHAT, RESPONSES, EMBEDDINGS = ENDPOINTS

WORDS = ("", "a", "b", "object", "{}", '{"a": [1e400, 18446744073709551617]}', "\\ud800", "type", "content")
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


BODIES = {
    CHAT.path: Bodies(chat_body.Body),
    RESPONSES.path: Bodies(responses_body.Body),
    EMBEDDINGS.path: Bodies(embeddings.Body),
}
SEEDS = st.integers(0, 2**32)
repeatable = settings(derandomize=True, deadline=None, max_examples=150, database=None)


def serve(endpoint: Endpoint, body: Any) -> str:
    """Answer a body as a server does, whole and streamed; say what became of it."""
    try:
        request = endpoint.parse(body, {}, {})
    except ApiError:
        return "refused"
    if isinstance(request, ChatRequest):
        exact_key(canonical(request))
        orjson.dumps(endpoint.render(request, REPLY, HEAD))
        assert endpoint.encoder is not None
        encoder = endpoint.encoder(request, HEAD)
        assert b"".join([encoder.open(), *map(encoder.feed, deltas_of(REPLY))])
    return "answered"


@repeatable
@given(st.sampled_from(ENDPOINTS), JSON)
def test_any_json(endpoint: Endpoint, body: Any) -> None:
    serve(endpoint, body)


@repeatable
@given(SEEDS, JSON)
def test_responses_that_nearly_fit(seed: int, strange: Any) -> None:
    serve(RESPONSES, BODIES[RESPONSES.path].one(seed, strange))


@repeatable
@given(SEEDS, JSON)
def test_chats_that_nearly_fit(seed: int, strange: Any) -> None:
    serve(CHAT, BODIES[CHAT.path].one(seed, strange))


@repeatable
@given(SEEDS, JSON)
def test_embeddings_that_nearly_fit(seed: int, strange: Any) -> None:
    serve(EMBEDDINGS, BODIES[EMBEDDINGS.path].one(seed, strange))


ITEM = st.sampled_from(
    [
        {"role": "user", "content": "Hi"},
        {"role": "developer", "content": [{"type": "input_text", "text": "Hi"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": ""}]},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
        {"type": "function_call", "call_id": "b", "name": "f", "arguments": '{"x": [1, {"y": null}]}'},
        {"type": "function_call_output", "call_id": "a", "output": "rain"},
        {"type": "function_call_output", "call_id": "b", "output": [{"type": "input_text", "text": "sun"}]},
        {"type": "reasoning", "id": "rs_1", "summary": []},
    ]
)


@repeatable
@given(st.lists(ITEM, max_size=7), st.none() | st.just("resp_1"))
def test_items_in_any_order(items: list[Any], earlier: str | None) -> None:
    serve(RESPONSES, {"model": "m", "input": items, "previous_response_id": earlier})


@pytest.mark.parametrize("body", [None, [], "x", 3, True])
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.path)
def test_a_body_that_is_no_object(endpoint: Endpoint, body: Any) -> None:
    assert serve(endpoint, body) == "refused"


@pytest.mark.parametrize("text", ['{"a": 1e400}', '{"a": NaN}', '{"a": "\\ud800"}', '{"a":' * 99 + "1" + "}" * 99])
def test_arguments_that_no_json_reader_takes_are_refused(text: str) -> None:
    item = {"type": "function_call", "call_id": "a", "name": "f", "arguments": text}
    assert serve(RESPONSES, {"model": "m", "input": [item], "previous_response_id": "resp_1"}) == "refused"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.path)
def test_some_generated_bodies_are_answered(endpoint: Endpoint) -> None:
    """Refusals alone would prove little."""
    found = {serve(endpoint, BODIES[endpoint.path].one(seed, None)) for seed in range(400)}
    assert found == {"answered", "refused"}
