"""OpenAI's SDK, unmodified, gets what it asks for on both of its endpoints."""

from __future__ import annotations

import json
from collections.abc import Iterator

import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

from courseware.gateway import SessionHandle

MODEL = "course-small"
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CHAT_TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS}}
FLAT_TOOL = {"type": "function", "name": "get_weather", "parameters": PARAMETERS, "strict": False}
HELLO = "Hello from the script, word by word."


class City(BaseModel):
    """What the scripted model knows of a city."""

    city: str
    celsius: int


@pytest.fixture
def client(session: SessionHandle) -> Iterator[OpenAI]:
    with OpenAI(base_url=session.openai_url, api_key=session.token, max_retries=0) as made:
        yield made


def asked(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def test_chat_answers_and_says_who_did(client: OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=asked("Hello?"))
    assert (raw.headers["x-gateway-tier"], raw.headers["x-gateway-origin"]) == ("scenario", "weather")
    answer = raw.parse()
    assert (answer.choices[0].message.content, answer.model) == (HELLO, "scenario/weather")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


def test_chat_streams_the_same_words_with_usage_last(client: OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model=MODEL, messages=asked("Hello?"), stream=True, stream_options={"include_usage": True}
        )
    )
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == HELLO
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens > 0


def test_chat_calls_tools_in_parallel_and_answers_from_their_results(client: OpenAI) -> None:
    messages = asked("The weather in Oslo and Lima?")
    turn = client.chat.completions.create(model=MODEL, messages=messages, tools=[CHAT_TOOL]).choices[0].message
    assert [json.loads(call.function.arguments)["city"] for call in turn.tool_calls] == ["Oslo", "Lima"]
    results = [{"role": "tool", "tool_call_id": call.id, "content": "21"} for call in turn.tool_calls]
    answer = client.chat.completions.create(model=MODEL, messages=[*messages, turn, *results], tools=[CHAT_TOOL])
    assert answer.choices[0].message.content == "It is 21 degrees."


def test_chat_streams_a_tool_call(client: OpenAI) -> None:
    with client.chat.completions.stream(model=MODEL, messages=asked("Weather in Oslo?"), tools=[CHAT_TOOL]) as stream:
        call = stream.get_final_completion().choices[0].message.tool_calls[0]
    assert (call.function.name, json.loads(call.function.arguments)) == ("get_weather", {"city": "Oslo"})


def test_chat_parses_structured_output(client: OpenAI) -> None:
    answer = client.chat.completions.parse(model=MODEL, messages=asked("A city, please."), response_format=City)
    assert answer.choices[0].message.parsed == City(city="Oslo", celsius=21)


def test_responses_answer_stream_and_go_on_from_an_earlier_one(client: OpenAI) -> None:
    first = client.responses.create(model=MODEL, input="Hello?", instructions="Be brief.")
    assert first.output_text == HELLO
    events = list(client.responses.create(model=MODEL, input="Again?", previous_response_id=first.id, stream=True))
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == HELLO
    assert events[-1].type == "response.completed"


def test_responses_call_a_tool_and_take_its_result(client: OpenAI) -> None:
    first = client.responses.create(model=MODEL, input="Weather in Oslo?", tools=[FLAT_TOOL])
    call = first.output[0]
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "21"}
    second = client.responses.create(model=MODEL, previous_response_id=first.id, input=[result], tools=[FLAT_TOOL])
    assert second.output_text == "It is 21 degrees."


def test_responses_parse_structured_output(client: OpenAI) -> None:
    answer = client.responses.parse(model=MODEL, input="A city, please.", text_format=City)
    assert answer.output_parsed == City(city="Oslo", celsius=21)


def test_embeddings_come_back_as_floats(client: OpenAI) -> None:
    found = client.embeddings.create(model="course-embed", input=["one text", "another"])
    assert [len(item.embedding) for item in found.data] == [384, 384]


def test_an_earlier_response_nobody_knows_is_refused(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="not found"):
        client.responses.create(model=MODEL, input="Hello?", previous_response_id="resp_nothing")
