"""What a generateContent body means, and what is refused in it."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import Call, Message, Result, Text
from courseware.gateway.wire.gemini import chat_request

PATH = {"model": "small", "alt": "sse"}
HI = {"role": "user", "parts": [{"text": "Hi"}]}
CALL = {"functionCall": {"name": "f", "args": {}}}
WEATHER = {"functionDeclarations": [{"name": "weather"}, {"name": "time"}, {"name": "place"}]}


def parsed(**body: Any) -> Any:
    """A request that says Hi, with these fields."""
    return chat_request.parse({"contents": [HI], **body}, {}, PATH)


def said_by(*contents: dict[str, Any]) -> tuple[Message, ...]:
    """The turns of a conversation that begins with Hi."""
    return parsed(contents=[HI, *contents]).messages[1:]


def response(name: str, value: Any, **more: Any) -> dict[str, Any]:
    """A function's result."""
    return {"functionResponse": {"name": name, "response": {"result": value}, **more}}


def test_fields_may_be_written_in_snake_case() -> None:
    camel = parsed(
        systemInstruction={"parts": [{"text": "Be kind"}]},
        tools=[{"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"type": "object"}}]}],
        generationConfig={"topK": 3, "maxOutputTokens": 9, "stopSequences": ["x"]},
    )
    snake = parsed(
        system_instruction={"parts": [{"text": "Be kind"}]},
        tools=[{"function_declarations": [{"name": "f", "parameters_json_schema": {"type": "object"}}]}],
        generation_config={"top_k": 3, "max_output_tokens": 9, "stop_sequences": ["x"]},
    )
    assert camel == snake


def test_results_without_ids_find_their_calls_by_name_and_order() -> None:
    names = ("weather", "time", "weather")
    calls = {"role": "model", "parts": [{"functionCall": {"name": name, "args": {}}} for name in names]}
    results = [response("time", "noon"), response("weather", "sun"), response("weather", "rain")]
    made, answers = said_by(calls, {"role": "tool", "parts": results})
    first, second, third = (part.id for part in made.parts if isinstance(part, Call))
    assert answers.parts == (Result(second, "noon"), Result(first, "sun"), Result(third, "rain"))


def test_an_object_is_a_result_as_it_is() -> None:
    turn = {"functionResponse": {"name": "f", "response": {"b": 1, "a": "é"}}}
    answers = said_by({"role": "model", "parts": [CALL]}, {"role": "function", "parts": [turn]})[-1]
    assert isinstance(answers.parts[0], Result)
    assert answers.parts[0].text == '{"b": 1, "a": "é"}'


def test_a_number_is_a_result_as_json() -> None:
    answers = said_by({"role": "model", "parts": [CALL]}, {"parts": [response("f", [1, 2])]})[-1]
    assert isinstance(answers.parts[0], Result)
    assert answers.parts[0].text == "[1, 2]"


def test_thoughts_and_empty_words_are_not_read_again() -> None:
    parts = [{"text": "Hmm", "thought": True}, {"text": "Yes", "thoughtSignature": "aGk="}, {"text": ""}]
    assert said_by({"role": "model", "parts": parts}) == (Message("assistant", (Text("Yes"),)),)


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        ([{"role": "model", "parts": [CALL]}], "without a response: f"),
        ([{"role": "model", "parts": [CALL]}, HI], "without a response: f"),
        ([{"role": "model", "parts": [CALL]}, {"parts": [response("g", 1)]}], "answer no call before it"),
        ([{"role": "model", "parts": [CALL]}, {"parts": [response("f", 1, id="x")]}], "answer no call before it"),
        ([{"role": "model", "parts": [CALL]}, {"parts": [response("f", 1, willContinue=True)]}], "willContinue"),
        ([{"parts": [response("f", 1)]}], "answer no call before it"),
        ([{"role": "model", "parts": [response("f", 1)]}], "does not fit role model"),
        ([{"role": "user", "parts": [CALL]}], "does not fit role user"),
        ([{"role": "system", "parts": [{"text": "x"}]}], "write user or model"),
        ([{"parts": [{"inlineData": {"mimeType": "image/png", "data": ""}}]}], "field inlineData"),
        ([{"parts": [{"file_data": {"fileUri": "x"}}]}], "field fileData"),
        ([{"parts": [{}]}], "holds nothing"),
        ([{"parts": [{"text": "x", **CALL}]}], "holds text and function_call"),
        ([{"parts": []}], "contents.1.parts is"),
    ],
)
def test_a_conversation_that_cannot_be_read(contents: list[Any], said: str) -> None:
    with pytest.raises(ApiError, match=said):
        said_by(*contents)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"cachedContent": "cachedContents/1"}, "field cachedContent"),
        ({"tools": [{"googleSearch": {}}]}, "field googleSearch"),
        ({"tools": [{"code_execution": {}}]}, "field codeExecution"),
        ({"generationConfig": {"speechConfig": {}}}, "field speechConfig"),
        ({"generationConfig": {"responseModalities": ["IMAGE"]}}, "responseModalities.0 is"),
        ({"generationConfig": {"responseMimeType": "text/x.enum"}}, "responseMimeType text/x.enum"),
        ({"generationConfig": {"responseSchema": {"type": "STRING"}}}, "needs responseMimeType application/json"),
        ({"generationConfig": {"logprobs": 2}}, "needs responseLogprobs"),
        ({"generationConfig": {"topK": 0}}, "generationConfig.topK is 0"),
        ({"warmth": 3}, "warmth is not a parameter"),
        ({"model": "models/other"}, "name one model"),
        ({"toolConfig": {"functionCallingConfig": {"mode": "ANY"}}}, "mode ANY needs functions"),
        (
            {
                "tools": [WEATHER],
                "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["weather", "time"]}},
            },
            "a choice among 2 of 3 functions",
        ),
        (
            {
                "tools": [WEATHER],
                "toolConfig": {"functionCallingConfig": {"mode": "AUTO", "allowedFunctionNames": ["time"]}},
            },
            "needs mode ANY",
        ),
    ],
)
def test_what_is_not_done_is_refused(body: dict[str, Any], said: str) -> None:
    with pytest.raises(ApiError, match=said):
        parsed(**body)


def test_a_stream_of_one_array_is_refused() -> None:
    with pytest.raises(ApiError, match="add \\?alt=sse"):
        chat_request.parse_stream({"contents": [HI]}, {}, {"model": "small"})
