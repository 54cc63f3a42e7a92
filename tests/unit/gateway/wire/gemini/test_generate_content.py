"""The real google-genai SDK against generateContent and streamGenerateContent."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import (
    Call,
    CallStart,
    CallText,
    ChatReply,
    ChatRequest,
    Completion,
    Format,
    Message,
    Origin,
    Result,
    Sampling,
    Stop,
    Text,
    TokenLogprob,
    ToolChoice,
    Total,
    Usage,
)
from courseware.gateway.wire.endpoint import Head
from courseware.gateway.wire.gemini.chat_answer import ChatEncoder

ORIGIN = Origin("exact", "recording", "")
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
DECLARED = types.FunctionDeclaration(name="weather", description="Of a city", parameters_json_schema=CITY)
MANUAL = types.AutomaticFunctionCallingConfig(disable=True)
CALLS = (Call("weather", {"city": "Paris"}), Call("weather", {"city": "Rome"}))


class Place(BaseModel):
    """A city and, if known, its country."""

    city: str
    country: str | None = None


def reply(*parts: Text | Call, **more: Any) -> ChatReply:
    """An answer of one completion."""
    return ChatReply("small", (Completion(parts, **more),), Usage(11, 5, cached=3), ORIGIN)


def config(**given: Any) -> types.GenerateContentConfig:
    """Settings under which the SDK calls no functions by itself."""
    return types.GenerateContentConfig(automatic_function_calling=MANUAL, **given)


def choice_of(mode: str, *names: str) -> types.ToolConfig:
    """Whether functions must be called."""
    allowed = list(names) or None
    calling = types.FunctionCallingConfig(mode=mode, allowed_function_names=allowed)
    return types.ToolConfig(function_calling_config=calling)


def test_plain(client: genai.Client, wire: Any) -> None:
    wire.reply = reply(Text("Hello there"))
    answer = client.models.generate_content(model="small", contents="Hi", config=config(system_instruction="Be kind"))
    assert answer.text == "Hello there"
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    assert (answer.model_version, bool(answer.response_id)) == ("small", True)
    assert wire.asked[0].model == "small"
    assert wire.asked[0].messages == (Message("system", (Text("Be kind"),)), Message("user", (Text("Hi"),)))


def test_usage(client: genai.Client, wire: Any) -> None:
    wire.reply = reply(Text("Hello there"))
    usage = client.models.generate_content(model="small", contents="Hi").usage_metadata
    assert (usage.prompt_token_count, usage.candidates_token_count, usage.total_token_count) == (11, 5, 16)
    assert usage.cached_content_token_count == 3


def test_the_older_version_of_the_api(wire: Any) -> None:
    wire.reply = reply(Text("Hello there"))
    http = httpx2.Client(transport=httpx2.MockTransport(wire.handle))
    options = types.HttpOptions(base_url="http://gateway", api_version="v1beta", httpx_client=http)
    with genai.Client(api_key="key", http_options=options) as client:
        assert client.models.generate_content(model="small", contents="Hi").text == "Hello there"


def test_stream(client: genai.Client, wire: Any) -> None:
    wire.reply = reply(Text("Hello there, friend"), stop="length")
    *pieces, last = client.models.generate_content_stream(model="small", contents="Hi")
    assert [piece.text for piece in pieces] == ["Hello", " there,", " friend"]
    assert not any(piece.candidates[0].finish_reason for piece in pieces)
    assert last.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS
    assert last.usage_metadata.total_token_count == 16
    assert wire.asked[0].stream


def test_a_stop_sequence_is_stop(client: genai.Client, wire: Any) -> None:
    wire.reply = reply(Text("a"), stop="stop_sequence", stop_sequence="\n")
    answer = client.models.generate_content(model="small", contents="Hi", config=config(stop_sequences=["\n"]))
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    assert wire.asked[0].stop == ("\n",)


def test_a_chat_remembers_what_was_streamed(client: genai.Client, wire: Any) -> None:
    wire.reply = reply(Text("Hello there, friend"))
    chat = client.chats.create(model="small")
    list(chat.send_message_stream("Hi"))
    chat.send_message("And you?")
    said = [(message.speaker, message.parts) for message in wire.asked[1].messages]
    assert said == [
        ("user", (Text("Hi"),)),
        ("assistant", (Text("Hello there, friend"),)),
        ("user", (Text("And you?"),)),
    ]


def test_several_answers(client: genai.Client, wire: Any) -> None:
    wire.reply = ChatReply("small", (Completion((Text("a b"),)), Completion((Text("c d"),))), Usage(1, 2), ORIGIN)
    answer = client.models.generate_content(model="small", contents="Hi", config=config(candidate_count=2))
    assert [candidate.content.parts[0].text for candidate in answer.candidates] == ["a b", "c d"]
    words = {0: "", 1: ""}
    for piece in client.models.generate_content_stream(model="small", contents="Hi", config=config(candidate_count=2)):
        for candidate in piece.candidates:
            words[candidate.index] += candidate.content.parts[0].text
    assert words == {0: "a b", 1: "c d"}


def test_parallel_calls(client: genai.Client, wire: Any) -> None:
    wire.reply = reply(Text("Looking"), *CALLS, stop="tool_calls")
    tool = types.Tool(function_declarations=[DECLARED])
    answer = client.models.generate_content(model="small", contents="Hi", config=config(tools=[tool]))
    assert [(call.name, call.args) for call in answer.function_calls] == [
        ("weather", {"city": "Paris"}),
        ("weather", {"city": "Rome"}),
    ]
    assert len({call.id for call in answer.function_calls}) == 2
    assert (wire.asked[0].tools[0].schema, wire.asked[0].choice) == (CITY, ToolChoice())


def test_calls_come_whole_in_a_stream(client: genai.Client, wire: Any) -> None:
    wire.reply = reply(Text("Looking"), *CALLS, stop="tool_calls")
    whole = client.models.generate_content(model="small", contents="Hi", config=config())
    pieces = list(client.models.generate_content_stream(model="small", contents="Hi", config=config()))
    assert [call for piece in pieces for call in piece.function_calls or ()] == whole.function_calls
    assert pieces[-1].candidates[0].finish_reason == types.FinishReason.STOP


def test_a_call_that_the_limit_cuts_off_is_left_out() -> None:
    encoder = ChatEncoder(ChatRequest("gemini.chat", "small", ()), Head("seed", "small", 0))
    deltas = (CallStart("weather"), CallText('{"city": "Pa'), Stop("length"), Total(Usage(1, 2)))
    written = b"".join(encoder.feed(delta) for delta in deltas)
    (candidate,) = json.loads(written.removeprefix(b"data: "))["candidates"]
    assert candidate["content"]["parts"] == [{"text": ""}]
    assert candidate["finishReason"] == "MAX_TOKENS"


def test_words_after_a_call_come_after_it(client: genai.Client, wire: Any) -> None:
    wire.reply = reply(CALLS[0], Text("Wait"))
    whole = client.models.generate_content(model="small", contents="Hi", config=config())
    pieces = client.models.generate_content_stream(model="small", contents="Hi", config=config())
    streamed = [part for piece in pieces for part in piece.candidates[0].content.parts if part != types.Part(text="")]
    assert streamed == whole.candidates[0].content.parts


def test_an_answer_goes_back_with_its_results(client: genai.Client, wire: Any) -> None:
    wire.reply = reply(*CALLS)
    answer = client.models.generate_content(model="small", contents="Hi", config=config())
    first, second = answer.function_calls
    results = [
        types.Part(function_response=types.FunctionResponse(id=second.id, name="weather", response={"output": "rain"})),
        types.Part(function_response=types.FunctionResponse(id=first.id, name="weather", response={"error": "lost"})),
    ]
    history = [types.UserContent("Hi"), answer.candidates[0].content, types.Content(role="user", parts=results)]
    client.models.generate_content(model="small", contents=history, config=config())
    assert wire.asked[1].messages[1].parts == tuple(
        Call("weather", call.arguments, made.id) for call, made in zip(CALLS, (first, second), strict=True)
    )
    assert wire.asked[1].messages[2].parts == (Result(second.id, "rain"), Result(first.id, "lost", is_error=True))


@pytest.mark.filterwarnings("ignore:.*AFC")
@pytest.mark.parametrize("streamed", [False, True])
def test_a_chat_calls_python_functions(client: genai.Client, wire: Any, streamed: bool) -> None:
    def weather(city: str) -> str:
        """Weather of a city."""
        wire.reply = reply(Text("Warm"))
        return f"sun in {city}"

    wire.reply = reply(*CALLS, stop="tool_calls")
    chat = client.chats.create(model="small", config=types.GenerateContentConfig(tools=[weather]))
    if streamed:
        text = "".join(piece.text or "" for piece in chat.send_message_stream("Hi"))
    else:
        text = chat.send_message("Hi").text
    assert text == "Warm"
    results = wire.asked[1].messages[-1].parts
    assert [result.text for result in results] == ["sun in Paris", "sun in Rome"]
    assert [result.call_id for result in results] == [call.id for call in wire.asked[1].messages[1].parts]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (choice_of("AUTO"), ToolChoice()),
        (choice_of("NONE"), ToolChoice("none")),
        (choice_of("ANY"), ToolChoice("required")),
        (choice_of("ANY", "weather"), ToolChoice("named", "weather")),
        (choice_of("ANY", "weather", "time"), ToolChoice("required")),
    ],
)
def test_the_choice_of_functions(
    client: genai.Client, wire: Any, choice: types.ToolConfig, expected: ToolChoice
) -> None:
    wire.reply = reply(Text("x"))
    tool = types.Tool(function_declarations=[DECLARED, types.FunctionDeclaration(name="time")])
    client.models.generate_content(model="small", contents="Hi", config=config(tools=[tool], tool_config=choice))
    assert wire.asked[0].choice == expected


def test_structured_output_of_a_class(client: genai.Client, wire: Any) -> None:
    wire.reply = reply(Text('{"city": "Paris", "country": null}'))
    settings = config(response_mime_type="application/json", response_schema=Place)
    answer = client.models.generate_content(model="small", contents="Hi", config=settings)
    assert answer.parsed == Place(city="Paris")
    schema = wire.asked[0].format.schema
    assert (schema["type"], schema["required"], list(schema["properties"])) == ("object", ["city"], ["city", "country"])
    assert schema["properties"]["country"]["type"] == ["string", "null"]


def test_structured_output_of_a_schema(client: genai.Client, wire: Any) -> None:
    wire.reply = reply(Text('{"city": "Paris"}'))
    for schema in (CITY, None):
        settings = config(response_json_schema=schema, response_mime_type="application/json")
        client.models.generate_content(model="small", contents="Hi", config=settings)
    assert [asked.format for asked in wire.asked] == [Format("schema", CITY), Format("json")]


def test_sampling_and_limits(client: genai.Client, wire: Any) -> None:
    wire.reply = reply(Text("x"))
    settings = config(
        temperature=0,
        top_p=0.5,
        top_k=3,
        seed=7,
        max_output_tokens=9,
        presence_penalty=0.25,
        frequency_penalty=0.5,
        safety_settings=[types.SafetySetting(category="HARM_CATEGORY_HARASSMENT", threshold="BLOCK_NONE")],
        thinking_config=types.ThinkingConfig(thinking_level="low", include_thoughts=True),
    )
    client.models.generate_content(model="small", contents="Hi", config=settings)
    asked = wire.asked[0]
    assert asked.sampling == Sampling(0, 0.5, 3, 7, 0.25, 0.5)
    assert (asked.max_tokens, asked.effort) == (9, "low")
    assert {"temperature", "topK", "maxOutputTokens", "contents"} <= asked.given


def test_token_probabilities(client: genai.Client, wire: Any) -> None:
    wire.reply = reply(Text("Hi"), logprobs=(TokenLogprob("Hi", -0.5, (("Hi", -0.5), ("Ho", -1.5))),))
    settings = config(response_logprobs=True, logprobs=2)
    (candidate,) = client.models.generate_content(model="small", contents="Hi", config=settings).candidates
    assert candidate.avg_logprobs == -0.5
    assert candidate.logprobs_result.chosen_candidates[0].log_probability == -0.5
    assert [other.token for other in candidate.logprobs_result.top_candidates[0].candidates] == ["Hi", "Ho"]
    first, _ = client.models.generate_content_stream(model="small", contents="Hi", config=settings)
    assert first.candidates[0].logprobs_result == candidate.logprobs_result
    assert wire.asked[0].logprobs == 2


@pytest.mark.parametrize(
    ("kind", "exception", "code", "status"),
    [
        ("invalid_request", errors.ClientError, 400, "INVALID_ARGUMENT"),
        ("authentication", errors.ClientError, 401, "UNAUTHENTICATED"),
        ("permission", errors.ClientError, 403, "PERMISSION_DENIED"),
        ("not_found", errors.ClientError, 404, "NOT_FOUND"),
        ("too_large", errors.ClientError, 400, "INVALID_ARGUMENT"),
        ("rate_limit", errors.ClientError, 429, "RESOURCE_EXHAUSTED"),
        ("server", errors.ServerError, 500, "INTERNAL"),
        ("overloaded", errors.ServerError, 503, "UNAVAILABLE"),
        ("timeout", errors.ServerError, 504, "DEADLINE_EXCEEDED"),
    ],
)
def test_an_error_has_the_sdk_class_of_its_kind(
    client: genai.Client, wire: Any, kind: Any, exception: type[errors.APIError], code: int, status: str
) -> None:
    wire.reply = ApiError(kind, "what was wrong")
    with pytest.raises(exception) as caught:
        client.models.generate_content(model="small", contents="Hi")
    assert (caught.value.code, caught.value.status, caught.value.message) == (code, status, "what was wrong")


def test_an_error_says_when_to_ask_again(client: genai.Client, wire: Any) -> None:
    wire.reply = ApiError("rate_limit", "slow down", retry_after_s=2.5)
    with pytest.raises(errors.ClientError) as caught:
        client.models.generate_content(model="small", contents="Hi")
    assert caught.value.details["error"]["details"][0]["retryDelay"] == "2.5s"


def test_an_error_in_mid_stream_is_raised(client: genai.Client, wire: Any) -> None:
    wire.reply, wire.breaks = reply(Text("Hello there")), ApiError("overloaded", "it broke")
    pieces = client.models.generate_content_stream(model="small", contents="Hi")
    assert next(pieces).text == "Hello"
    with pytest.raises(errors.ServerError, match="it broke"):
        next(pieces)
