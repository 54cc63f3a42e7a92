"""Whatever is sent to the real application, it is answered or refused; the gateway itself never fails, nor its log."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courseware.gateway.directory import Directory
from courseware.gateway.exchange import Completion, Text
from courseware.gateway.recordings import Recording, Recordings
from courseware.gateway.server import Gateway, application
from courseware.gateway.tiers import Tiers
from courseware.gateway.wire.openai.chat_body import Body
from courseware.gateway.wire.registry import ENDPOINTS
from courseware.manifest import Course

pytestmark = pytest.mark.needs_models  # the tokenizer's file


def examples(count: int) -> settings:
    """The same examples every time."""
    unhurried = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(derandomize=True, deadline=None, max_examples=count, database=None, suppress_health_check=unhurried)


CONTROL = {"authorization": "Bearer control"}
SCENARIO = {
    "name": "echo",
    "rules": [
        {"when": {"result": "(?P<all>.*)"}, "json": {"given": "${result.a}", "said": "${result.all}"}},
        {
            "when": {"tools": ["a"], "calls": [], "user": "(?P<x>.*)"},
            "call": [{"name": "a", "arguments": {"b": "${user.x}"}}] * 2,
        },
        {"when": {"calls": ["a"], "failed": False}, "call": [{"name": "a", "arguments": {"b": "${call.a}"}}]},
        {"when": {"format": "schema"}, "json": [1, None]},
        {"when": {"turn": 2}, "say": "a b end", "stop": "length"},
    ],
}  # fmt: skip

WORDS = [
    "",
    "a",
    "b",
    "object",
    "{}",
    '{"a": [1e400, 18446744073709551617]}',
    "\\ud800",
    "👩‍🔬 é\x00\u2028",
    "null",
    "a b\nc",
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(WORDS)
    | st.text(max_size=3)
)
JSON: Any = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3)
)


SCHEMA = Body.model_json_schema()


class Drawn:
    """Bodies of Chat Completions, every choice of which comes from one seed: as a strategy, a schema takes minutes."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def body(self) -> Any:
        """A body of the schema's types, with a conversation that has an order."""
        body = self._value(SCHEMA)
        body["model"] = self._random.choice(["course-small"] * 40 + ["gpt-6-sol", "gpt-99", ""])
        if self._random.random() < 0.95:
            body["messages"] = self._conversation()
        body["stream"] = self._random.choice([True, False, None])
        if self._random.random() < 0.5:
            body["tools"] = [{"type": "function", "function": {"name": "a", "parameters": {"type": "object"}}}]
        return body

    def spoiled(self, strange: Any) -> Any:
        """A body in which something strange stands, is missing, or stands twice."""
        body = self.body()
        for _ in range(self._random.randint(1, 3)):
            parent, key = self._random.choice(places(body))
            match self._random.randint(0, 2):
                case 0:
                    parent[key] = copy.deepcopy(strange)  # else it may come to contain itself
                case 1 if isinstance(parent, dict):
                    parent[self._random.choice(WORDS)] = parent[key]
                case _:
                    del parent[key]
            if not body:
                break
        return body

    def _conversation(self) -> list[Any]:
        turns: list[Any] = []
        for number in range(self._random.randint(1, 4)):
            turns.append({"role": self._random.choice(["user", "system", "developer"]), "content": self._word()})
            if self._random.random() < 0.6:
                ids = [f"call_{number}_{index}" for index in range(self._random.randint(1, 3))]
                calls = [
                    {"id": one, "type": "function", "function": {"name": "a", "arguments": self._object()}}
                    for one in ids
                ]
                turns.append({"role": "assistant", "content": self._random.choice([None, "a"]), "tool_calls": calls})
                turns += [{"role": "tool", "tool_call_id": one, "content": self._word()} for one in ids]
        return turns

    def _word(self) -> str:
        return self._random.choice(WORDS)

    def _object(self) -> str:
        value = {self._word(): self._random.choice([1, None, [self._word()], {"a": {}}, 2**70, 0.1])}
        return self._random.choice([json.dumps(value)] * 16 + ["{}", "", "[]", '{"a": NaN}', '{"a": "\\ud800"}'])

    def _value(self, schema: Any) -> Any:
        if "$ref" in schema:
            return self._value(SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]])
        if "anyOf" in schema:
            return self._value(self._random.choice(schema["anyOf"]))
        if "properties" in schema:
            names = [n for n in schema["properties"] if n in schema.get("required", ()) or self._random.random() < 0.04]
            return {name: self._value(schema["properties"][name]) for name in names}
        if schema.get("type") == "array":
            return [self._value(schema.get("items", {})) for _ in range(self._random.randint(0, 3))]
        if "enum" in schema or "const" in schema:
            return self._random.choice(schema.get("enum", [schema.get("const")]))
        kinds: dict[str, list[Any]] = {
            "string": WORDS, "integer": [0, 1, 2, 8, 40, 2**63], "number": [0, 0.5, 1, -2], "boolean": [True, False]
        }  # fmt: skip
        return self._random.choice(kinds.get(schema.get("type", ""), [None, {"type": "object"}, [1], "a", 1]))


def places(body: Any) -> list[tuple[Any, Any]]:
    """Every place in a body where a value stands."""
    found = [(body, key) for key in body]
    for parent, key in found:
        inner = parent[key]
        found += [
            (inner, k)
            for k in (inner if isinstance(inner, dict) else range(len(inner)) if isinstance(inner, list) else ())
        ]
    return found


Post = Callable[[str, Any], httpx.Response]


@pytest.fixture(scope="module")
def post(course: Course, recorded: Callable[..., Recording]) -> Iterator[Post]:
    """Post a body to the application, in whose log the exchange must then be readable."""
    asked = {"model": "course-small", "messages": [{"role": "user", "content": "a"}]}
    recording = recorded(asked, "", completions=(Completion((Text("b 👩‍🔬"),)),))
    gateway = Gateway(Tiers(Directory.of(course), Recordings.of([recording])), "control")
    transport = httpx.ASGITransport(application(gateway))
    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(transport=transport, base_url="http://gateway")
        opened = runner.run(
            client.post(
                "/control/sessions", json={"scenario": SCENARIO, "strict": True, "embedder": "hashing"}, headers=CONTROL
            )
        ).json()
        headers = {"authorization": f"Bearer {opened['token']}", "anthropic-version": "2023-06-01"}

        async def send(path: str, content: bytes) -> httpx.Response:
            answer = await client.post(path, content=content, headers=headers)
            number = max((exchange.number for exchange in gateway.sessions.of_token(opened["token"]).log), default=0)
            log = await client.get(
                f"/control/sessions/{opened['id']}/log", params={"since": number - 1}, headers=CONTROL
            )
            assert log.json()["exchanges"][-1]["status"] == answer.status_code
            return answer

        def posted(path: str, value: Any) -> httpx.Response:
            return runner.run(send(path, value if isinstance(value, bytes) else json.dumps(value).encode()))

        yield posted
        page = runner.run(client.get("/", headers=CONTROL))
        assert page.status_code == 200
        figures = runner.run(client.get("/metrics", headers=CONTROL))
        assert "gateway_under_way 0.0" in figures.text
        runner.run(client.aclose())


CHAT = "/v1/chat/completions"


def check(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.json()["error"]


@examples(120)
@given(st.integers(0, 2**32))
def test_a_body_of_the_right_types_is_answered_or_refused(post: Post, seed: int) -> None:
    check(post(CHAT, Drawn(seed).body()))


@examples(120)
@given(st.integers(0, 2**32), JSON)
def test_a_spoiled_body_is_answered_or_refused(post: Post, seed: int, strange: Any) -> None:
    check(post(CHAT, Drawn(seed).spoiled(strange)))


@pytest.mark.parametrize("path", [endpoint.path for endpoint in ENDPOINTS])
@examples(15)
@given(JSON | st.binary(max_size=20))
def test_no_endpoint_fails_over_anything(post: Post, path: str, body: Any) -> None:
    answer = post(path.replace("{model}", "course-small"), body)
    assert answer.status_code < 500, answer.text


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@examples(8_000)
@given(st.integers(0, 2**32), JSON)
def test_many_spoiled_bodies_are_answered_or_refused(post: Post, seed: int, strange: Any) -> None:
    check(post(CHAT, Drawn(seed).spoiled(strange)))


def test_the_drawn_bodies_reach_every_way_to_answer(post: Post) -> None:
    answers = [post(CHAT, Drawn(seed).body()) for seed in range(120)]
    tiers = {answer.headers.get("x-gateway-tier") for answer in answers}
    assert {answer.status_code for answer in answers} == {200, 400, 404}
    assert tiers >= {"scenario", None}
    assert any(answer.headers["content-type"].startswith("text/event-stream") for answer in answers)
    assert any("tool_calls" in answer.text for answer in answers)
