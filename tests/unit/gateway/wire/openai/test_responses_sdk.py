"""OpenAI's own SDK reads every answer of the Responses endpoint."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from pydantic import BaseModel

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import Call, Result, TokenLogprob

ASK: dict[str, Any] = {"model": "course-small", "input": "What is a token?"}
WEATHER: Any = {
    "type": "function",
    "name": "weather",
    "description": "The weather in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": True,
}
CALLS = (Call("weather", {"city": "Zürich"}), Call("weather", {"city": "Bern"}))


class City(BaseModel):
    name: str
    people: int


def test_plain(gpt: openai.OpenAI, wire: Any, say: Any) -> None:
    wire.replies = [say("A piece of text.")]
    response = gpt.responses.create(**ASK, instructions="Be kind.", metadata={"lesson": "03"}, temperature=0)
    assert (response.output_text, response.status, response.model) == ("A piece of text.", "completed", "scenario/test")
    assert (response.instructions, response.metadata, response.temperature) == ("Be kind.", {"lesson": "03"}, 0)
    assert response.id.startswith("resp_")
    assert response.output[0].id is not None
    assert response.output[0].id.startswith("msg_")
    assert response.usage is not None
    assert response.usage.to_dict() == {
        "input_tokens": 20,
        "input_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 0},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 25,
    }


TEXT_EVENTS = [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
]
CALL_EVENTS = [
    "response.output_item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.output_item.done",
]


def test_events_of_text_and_calls_in_order(gpt: openai.OpenAI, wire: Any, say: Any) -> None:
    wire.replies = [say("Looking.", CALLS[0], CALLS[0], stop="tool_calls")]
    events = list(gpt.responses.create(**ASK, tools=[WEATHER], stream=True))
    assert [event.type for event in events] == [
        *TEXT_EVENTS,
        *CALL_EVENTS,
        *CALL_EVENTS,
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    places = [event.output_index for event in events if event.type == "response.output_item.done"]
    assert places == [0, 1, 2]


def test_streamed_and_whole_are_the_same_response(gpt: openai.OpenAI, wire: Any, say: Any) -> None:
    reply = say("Looking up ", "both.", *CALLS, "Wait.", Call("weather", {}), stop="tool_calls")
    wire.replies = [reply, reply]
    with gpt.responses.stream(**ASK, tools=[WEATHER]) as stream:
        streamed = stream.get_final_response().to_dict()
    whole = gpt.responses.create(**ASK, tools=[WEATHER]).to_dict()
    assert _without_ids(streamed) == _without_ids(whole)


def _without_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_ids(one) for one in value]
    if isinstance(value, dict):
        ids = ("id", "call_id", "parsed", "parsed_arguments")
        return {name: _without_ids(one) for name, one in value.items() if name not in ids}
    return value


def test_stream_of_text(gpt: openai.OpenAI, wire: Any, say: Any) -> None:
    wire.replies = [say("A piece of text.")]
    with gpt.responses.stream(**ASK) as stream:
        pieces = [event.delta for event in stream if event.type == "response.output_text.delta"]
    assert pieces == ["A", " piece", " of", " text."]


def test_parallel_functions_over_two_turns(gpt: openai.OpenAI, wire: Any, say: Any) -> None:
    wire.replies = [say("Looking.", *CALLS, stop="tool_calls"), say("Rain in both.")]
    first = gpt.responses.create(**ASK, tools=[WEATHER])
    calls = [item for item in first.output if item.type == "function_call"]
    outputs: Any = [{"type": "function_call_output", "call_id": call.call_id, "output": "rain"} for call in calls]
    items: Any = [{"role": "user", "content": ASK["input"]}, *first.output, *outputs]
    second = gpt.responses.create(model="course-small", input=items, tools=[WEATHER])
    assert second.output_text == "Rain in both."
    assert [part for message in wire.asked[1].messages[2:] for part in message.parts] == [
        Result(call.call_id, "rain") for call in calls
    ]
    assert [call.arguments for call in wire.asked[1].messages[1].parts[1:]] == [{"city": "Zürich"}, {"city": "Bern"}]


def test_the_ids_are_those_the_server_keeps(gpt: openai.OpenAI, wire: Any, say: Any) -> None:
    from courseware.gateway.wire.endpoint import Head

    wire.replies = [say("Looking.", *CALLS, stop="tool_calls")]
    response = gpt.responses.create(**ASK, tools=[WEATHER])
    head = Head("turn 1", "scenario/test", 1_700_000_000)
    assert response.id == head.id("resp_")
    assert [item.call_id for item in response.output if item.type == "function_call"] == [
        head.id("call_", 0, 0),
        head.id("call_", 0, 1),
    ]


def test_going_on_from_an_answer(gpt: openai.OpenAI, wire: Any, say: Any) -> None:
    wire.replies = [say("One."), say("Two.")]
    first = gpt.responses.create(**ASK, instructions="Be kind.")
    second = gpt.responses.create(**ASK, previous_response_id=first.id, store=False)
    assert second.previous_response_id == first.id
    notes = [{name: value for name, value in asked.extras.items() if name != "echo"} for asked in wire.asked]
    assert notes == [
        {"keeps": True, "instruction_turns": 1},
        {"continues": first.id, "keeps": False, "instruction_turns": 0},
    ]


def test_parse_into_a_class(gpt: openai.OpenAI, wire: Any, say: Any) -> None:
    wire.replies = [say('{"name": "Bern", "people": 137000}')]
    response = gpt.responses.parse(**ASK, text_format=City)
    assert response.output_parsed == City(name="Bern", people=137000)
    assert wire.asked[0].format.schema["required"] == ["name", "people"]


def test_stream_into_a_class(gpt: openai.OpenAI, wire: Any, say: Any) -> None:
    wire.replies = [say('{"name": "Bern", "people": 137000}')]
    with gpt.responses.stream(**ASK, text_format=City) as stream:
        assert stream.get_final_response().output_parsed == City(name="Bern", people=137000)


def test_parsed_tools(gpt: openai.OpenAI, wire: Any, say: Any) -> None:
    wire.replies = [say(Call("City", {"name": "Bern", "people": 1}), stop="tool_calls")]
    item = gpt.responses.parse(**ASK, tools=[openai.pydantic_function_tool(City)["function"] | {"type": "function"}])  # type: ignore[list-item,operator,unused-ignore]
    call = item.output[0]
    assert call.type == "function_call"
    assert call.arguments == '{"name": "Bern", "people": 1}'


def test_an_answer_cut_at_its_limit(gpt: openai.OpenAI, wire: Any, say: Any) -> None:
    wire.replies = [say("A piece", stop="length")] * 2
    response = gpt.responses.create(**ASK, max_output_tokens=16)
    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"
    assert response.output[0].status == "incomplete"  # type: ignore[union-attr,unused-ignore]
    assert response.completed_at is None
    last = list(gpt.responses.create(**ASK, max_output_tokens=16, stream=True))[-1]
    assert last.type == "response.incomplete"
    assert last.response.output[0].status == "incomplete"  # type: ignore[union-attr,unused-ignore]


@pytest.mark.parametrize("streamed", [False, True])
def test_an_answer_without_anything(gpt: openai.OpenAI, wire: Any, say: Any, streamed: bool) -> None:
    wire.replies = [say()]
    if streamed:
        with gpt.responses.stream(**ASK) as stream:
            response: Any = stream.get_final_response()
    else:
        response = gpt.responses.create(**ASK)
    assert (len(response.output), response.output_text) == (1, "")


def test_token_probabilities(gpt: openai.OpenAI, wire: Any, say: Any) -> None:
    tokens = (TokenLogprob("Yes", -0.1, (("Yes", -0.1), ("No", -2.0))), TokenLogprob(".", -0.2))
    wire.replies = [say("Yes.", logprobs=tokens)] * 2
    wanted: Any = {**ASK, "include": ["message.output_text.logprobs"], "top_logprobs": 2}
    content: Any = gpt.responses.create(**wanted).output[0]
    assert [(token.token, token.logprob) for token in content.content[0].logprobs] == [("Yes", -0.1), (".", -0.2)]
    assert [other.token for other in content.content[0].logprobs[0].top_logprobs] == ["Yes", "No"]
    assert wire.asked[0].logprobs == 2
    deltas = [e for e in gpt.responses.create(**wanted, stream=True) if e.type == "response.output_text.delta"]
    assert [delta.logprobs[0].token for delta in deltas] == ["Yes", "."]


ERRORS = [
    ("invalid_request", openai.BadRequestError),
    ("authentication", openai.AuthenticationError),
    ("permission", openai.PermissionDeniedError),
    ("not_found", openai.NotFoundError),
    ("rate_limit", openai.RateLimitError),
    ("server", openai.InternalServerError),
    ("overloaded", openai.InternalServerError),
]


@pytest.mark.parametrize(("kind", "raised"), ERRORS)
def test_errors(gpt: openai.OpenAI, wire: Any, kind: Any, raised: Any) -> None:
    wire.replies = [ApiError(kind, "no more", param="input")]
    with pytest.raises(raised) as caught:
        gpt.responses.create(**ASK)
    assert (caught.value.request_id, caught.value.body["message"], caught.value.param) == ("req_1", "no more", "input")


def test_an_error_in_mid_stream_is_raised(gpt: openai.OpenAI, wire: Any, say: Any) -> None:
    wire.replies, wire.breaks = [say("A piece of text.")], ApiError("server", "too busy")
    with pytest.raises(openai.APIError, match="too busy"):
        list(gpt.responses.create(**ASK, stream=True))
