"""The real Ollama client against /api/chat and /api/generate."""

from __future__ import annotations

import json
from typing import Any

import httpx
import ollama
import pytest

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
    Sampling,
    Stop,
    Text,
    TokenLogprob,
    Total,
    Usage,
)
from courseware.gateway.wire.endpoint import Head
from courseware.gateway.wire.ollama.answer import ChatEncoder

ORIGIN = Origin("exact", "recording", "")
HI = [{"role": "user", "content": "Hi"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
CALLS = (Call("weather", {"city": "Paris"}), Call("weather", {"city": "Rome"}))


def reply(*parts: Text | Call, **more: Any) -> ChatReply:
    """An answer of one completion."""
    return ChatReply("small", (Completion(parts, **more),), Usage(11, 5, cached=3), ORIGIN)


def test_plain(client: ollama.Client, wire: Any) -> None:
    wire.reply = reply(Text("Hello there"))
    answer = client.chat("small", [{"role": "system", "content": "Be kind"}, *HI])
    assert (answer.message.role, answer.message.content) == ("assistant", "Hello there")
    assert (answer.model, answer.created_at) == ("small", "2023-11-14T22:13:20Z")
    assert (answer.done, answer.done_reason, answer.prompt_eval_count, answer.eval_count) == (True, "stop", 11, 5)
    assert wire.asked[0].messages == (Message("system", (Text("Be kind"),)), Message("user", (Text("Hi"),)))


def test_stream_ends_with_a_done_line(client: ollama.Client, wire: Any) -> None:
    wire.reply = reply(Text("Hello there, friend"), stop="length")
    *pieces, last = client.chat("small", HI, stream=True)
    assert [piece.message.content for piece in pieces] == ["Hello", " there,", " friend"]
    assert not any(piece.done for piece in pieces)
    assert (last.done, last.done_reason, last.message.content, last.eval_count) == (True, "length", "", 5)


def test_a_body_without_stream_streams(wire: Any) -> None:
    wire.reply = reply(Text("Hello there"))
    with httpx.Client(transport=httpx.MockTransport(wire.handle)) as http:
        lines = http.post("http://gateway/api/chat", json={"model": "small", "messages": HI}).text.splitlines()
    assert [json.loads(line)["done"] for line in lines] == [False, False, True]


def test_parallel_calls(client: ollama.Client, wire: Any) -> None:
    wire.reply = reply(Text("Looking"), *CALLS, stop="tool_calls")
    answer = client.chat("small", HI, tools=[TOOL])
    assert answer.message.content == "Looking"
    called = [(call.function.name, call.function.arguments) for call in answer.message.tool_calls or ()]
    assert called == [("weather", {"city": "Paris"}), ("weather", {"city": "Rome"})]
    assert answer.done_reason == "stop"
    assert wire.asked[0].tools[0].schema == TOOL["function"]["parameters"]


def test_calls_come_whole_in_a_stream(client: ollama.Client, wire: Any) -> None:
    wire.reply = reply(Text("Looking"), *CALLS, stop="tool_calls")
    pieces = list(client.chat("small", HI, tools=[TOOL], stream=True))
    called = [
        (call.function.name, call.function.arguments) for piece in pieces for call in piece.message.tool_calls or ()
    ]
    assert called == [("weather", {"city": "Paris"}), ("weather", {"city": "Rome"})]
    assert pieces[-1].done


def test_a_call_that_the_limit_cuts_off_is_left_out() -> None:
    encoder = ChatEncoder(ChatRequest("ollama.chat", "small", ()), Head("seed", "small", 0))
    deltas = (CallStart("weather"), CallText('{"city": "Pa'), Stop("length"), Total(Usage(1, 2)))
    (line,) = b"".join(encoder.feed(delta) for delta in deltas).splitlines()
    assert (json.loads(line)["done_reason"], json.loads(line)["message"]["content"]) == ("length", "")


def test_results_find_their_calls_by_name_and_order(client: ollama.Client, wire: Any) -> None:
    wire.reply = reply(Text("Warm"))
    calls = [{"function": {"name": name, "arguments": {}}} for name in ("weather", "time", "weather")]
    results = [("time", "noon"), ("weather", "sun"), ("weather", "rain")]
    client.chat(
        "small",
        [
            *HI,
            {"role": "assistant", "tool_calls": calls},
            *({"role": "tool", "tool_name": name, "content": text} for name, text in results),
        ],
        tools=[TOOL],
    )
    made = [part.id for part in wire.asked[0].messages[1].parts]
    answered = {message.parts[0].text: message.parts[0].call_id for message in wire.asked[0].messages[2:]}
    assert answered == {"sun": made[0], "noon": made[1], "rain": made[2]}


def test_a_function_is_a_tool(client: ollama.Client, wire: Any) -> None:
    def weather(city: str) -> str:
        """Weather of a city.

        Args:
            city: Its name
        """
        return city

    wire.reply = reply(Text("x"))
    client.chat("small", HI, tools=[weather])
    tool = wire.asked[0].tools[0]
    assert (tool.name, tool.schema["properties"]["city"]["type"]) == ("weather", "string")


def test_structured_output(client: ollama.Client, wire: Any) -> None:
    wire.reply = reply(Text('{"a": 1}'))
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    for form in (schema, "json", ""):
        client.chat("small", HI, format=form)
    assert [asked.format for asked in wire.asked] == [Format("schema", schema), Format("json"), Format()]


def test_options(client: ollama.Client, wire: Any) -> None:
    wire.reply = reply(Text("x"))
    options = ollama.Options(temperature=0, top_p=0.5, top_k=3, seed=7, num_predict=9, stop=["\n"], num_ctx=4096)
    client.chat("small", HI, options=options, think=False, keep_alive="5m")
    asked = wire.asked[0]
    assert asked.sampling == Sampling(temperature=0, top_p=0.5, top_k=3, seed=7)
    assert (asked.max_tokens, asked.stop) == (9, ("\n",))


def test_no_limit(client: ollama.Client, wire: Any) -> None:
    wire.reply = reply(Text("x"))
    client.chat("small", HI, options={"num_predict": -1})
    assert wire.asked[0].max_tokens is None


def test_token_probabilities(client: ollama.Client, wire: Any) -> None:
    wire.reply = reply(Text("Hi"), logprobs=(TokenLogprob("Hi", -0.5, (("Hi", -0.5), ("Ho", -1.5))),))
    answer = client.chat("small", HI, logprobs=True, top_logprobs=2)
    (token,) = answer.logprobs or ()
    assert (token.token, token.logprob, [top.token for top in token.top_logprobs or ()]) == ("Hi", -0.5, ["Hi", "Ho"])
    first, last = client.chat("small", HI, logprobs=True, top_logprobs=2, stream=True)
    assert first.logprobs == answer.logprobs
    assert last.logprobs is None
    assert wire.asked[0].logprobs == 2


def test_generate(client: ollama.Client, wire: Any) -> None:
    wire.reply = reply(Text("Hello there"))
    answer = client.generate("small", "Hi", system="Be kind")
    assert (answer.response, answer.done, answer.eval_count) == ("Hello there", True, 5)
    assert wire.asked[0].messages == (Message("system", (Text("Be kind"),)), Message("user", (Text("Hi"),)))


def test_generate_as_a_stream(client: ollama.Client, wire: Any) -> None:
    wire.reply = reply(Text("Hello there"))
    pieces = list(client.generate("small", "Hi", stream=True))
    assert [piece.response for piece in pieces] == ["Hello", " there", ""]
    assert [piece.done for piece in pieces] == [False, False, True]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"think": True}, "parameter think"),
        ({"options": {"repeat_penalty": 1.5}}, "option repeat_penalty"),
        ({"options": {"warmth": 3}}, "options.warmth is not a parameter"),
        ({"messages": [{"role": "user", "content": "x", "images": ["aGk="]}]}, "does not answer images"),
        ({"messages": [{"role": "tool", "content": "x", "tool_name": "f"}]}, "answer no call before it"),
        ({"messages": []}, "messages is []"),
        ({"top_logprobs": 2}, "top_logprobs needs logprobs"),
    ],
)
def test_chat_refuses_what_it_does_not_do(client: ollama.Client, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(ollama.ResponseError) as caught:
        client.chat(**{"model": "small", "messages": HI, **asked})
    assert said in caught.value.error
    assert caught.value.status_code == 400


@pytest.mark.parametrize("asked", [{"suffix": "x"}, {"context": [1]}, {"raw": True}, {"template": "x"}, {"steps": 3}])
def test_generate_refuses_what_it_does_not_do(client: ollama.Client, asked: dict[str, Any]) -> None:
    with pytest.raises(ollama.ResponseError, match="does not answer the parameter"):
        client.generate("small", "Hi", **asked)


def test_an_empty_prompt_loads_nothing(client: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError, match="prompt"):
        client.generate("small")


@pytest.mark.parametrize(("kind", "status"), [("not_found", 404), ("overloaded", 503), ("rate_limit", 429)])
def test_an_error_has_its_status(client: ollama.Client, wire: Any, kind: Any, status: int) -> None:
    wire.reply = ApiError(kind, "what was wrong")
    for stream in (False, True):
        with pytest.raises(ollama.ResponseError) as caught:
            list(client.chat("small", HI, stream=stream))
        assert (caught.value.error, caught.value.status_code) == ("what was wrong", status)


def test_an_error_in_mid_stream_is_raised(client: ollama.Client, wire: Any) -> None:
    wire.reply, wire.breaks = reply(Text("Hello there")), ApiError("server", "it broke")
    pieces = client.chat("small", HI, stream=True)
    assert next(pieces).message.content == "Hello"
    with pytest.raises(ollama.ResponseError, match="it broke"):
        next(pieces)
