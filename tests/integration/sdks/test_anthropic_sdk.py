"""Anthropic's SDK, unmodified, gets what it asks for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from anthropic import Anthropic
from pydantic import BaseModel

from courseware.gateway import SessionHandle

MODEL = "course-small"
TOOL = {
    "name": "get_weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
HELLO = "Hello from the script, word by word."


class City(BaseModel):
    """What the scripted model knows of a city."""

    city: str
    celsius: int


@pytest.fixture
def client(session: SessionHandle) -> Iterator[Anthropic]:
    with Anthropic(base_url=session.anthropic_url, api_key=session.token, max_retries=0) as made:
        yield made


def asked(text: str) -> dict[str, object]:
    return {"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": text}]}


def test_messages_answer_and_say_who_did(client: Anthropic) -> None:
    answer = client.messages.create(**asked("Hello?"), system="Be brief.")
    assert (answer.content[0].text, answer.stop_reason, answer.model) == (HELLO, "end_turn", "scenario/weather")
    assert answer.usage.input_tokens > 0


def test_messages_stream_the_same_words(client: Anthropic) -> None:
    with client.messages.stream(**asked("Hello?")) as stream:
        assert "".join(stream.text_stream) == HELLO
        assert stream.get_final_message().stop_reason == "end_turn"


def test_messages_call_tools_in_parallel_and_answer_from_their_results(client: Anthropic) -> None:
    request = asked("The weather in Oslo and Lima?")
    turn = client.messages.create(**request, tools=[TOOL])
    assert [block.input["city"] for block in turn.content] == ["Oslo", "Lima"]
    results = [{"type": "tool_result", "tool_use_id": block.id, "content": "21"} for block in turn.content]
    request["messages"] += [turn.to_param(), {"role": "user", "content": results}]
    assert client.messages.create(**request, tools=[TOOL]).content[0].text == "It is 21 degrees."


def test_messages_parse_structured_output(client: Anthropic) -> None:
    answer = client.messages.parse(**asked("A city, please."), output_format=City)
    assert answer.parsed_output == City(city="Oslo", celsius=21)


def test_tokens_are_counted_before_they_are_sent(client: Anthropic) -> None:
    request = asked("Hello?")
    del request["max_tokens"]
    assert client.messages.count_tokens(**request).input_tokens > 0


def test_a_long_marked_prefix_is_written_to_the_cache_once_and_then_read(client: Anthropic) -> None:
    system = [{"type": "text", "text": "A long rule. " * 500, "cache_control": {"type": "ephemeral"}}]
    first, second = (client.messages.create(**asked("Hello?"), system=system).usage for _ in range(2))
    assert (first.cache_read_input_tokens, second.cache_creation_input_tokens) == (0, 0)
    assert first.cache_creation_input_tokens == second.cache_read_input_tokens > 1_024
