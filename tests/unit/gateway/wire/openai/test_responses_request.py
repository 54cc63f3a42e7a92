"""What a Responses request is read into, and what is refused in which words."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import Call, ChatRequest, Format, Message, Result, Sampling, Text, Tool, ToolChoice
from courseware.gateway.wire.openai.responses_items import require_paired
from courseware.gateway.wire.openai.responses_request import parse

SCHEMA: Any = {"type": "object", "properties": {"city": {"type": "string"}}}
WEATHER: Any = {"type": "function", "name": "weather", "description": "Of a city", "parameters": SCHEMA}
HI: Any = {"role": "user", "content": "Hi"}
CALL: Any = {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": '{"city": "Bern"}'}
OUTPUT: Any = {"type": "function_call_output", "call_id": "call_1", "output": "rain"}


def ask(**fields: Any) -> ChatRequest:
    """A request of these fields."""
    return parse({"model": "m", "input": "Hi", **fields}, {}, {})


def refusal(**fields: Any) -> str:
    """What is said to a request of these fields."""
    with pytest.raises(ApiError) as caught:
        ask(**fields)
    assert caught.value.status == 400
    return caught.value.message


def test_every_field() -> None:
    asked = ask(
        instructions="Be kind.",
        tools=[WEATHER],
        tool_choice={"type": "function", "name": "weather"},
        parallel_tool_calls=False,
        text={"format": {"type": "json_schema", "name": "city", "schema": SCHEMA, "strict": True}, "verbosity": "low"},
        max_output_tokens=20,
        temperature=0,
        top_p=0.5,
        reasoning={"effort": "low", "summary": "auto"},
        stream=True,
        store=False,
        user="u",
        prompt_cache_key="k",
    )
    assert asked.messages == (Message("system", (Text("Be kind."),)), Message("user", (Text("Hi"),)))
    assert asked.tools == (Tool("weather", "Of a city", SCHEMA, strict=True),)
    assert asked.choice == ToolChoice("named", "weather", parallel=False)
    assert (asked.format, asked.effort, asked.max_tokens) == (Format("schema", SCHEMA), "low", 20)
    assert (asked.sampling, asked.stream) == (Sampling(temperature=0, top_p=0.5), True)
    assert (asked.dialect, asked.extras["keeps"], asked.extras["instruction_turns"]) == ("openai.responses", False, 1)
    assert {"temperature", "reasoning", "tools"} <= asked.given


def test_items() -> None:
    asked = ask(
        input=[
            {"role": "developer", "content": "Be kind."},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": t} for t in ("H", "i")]},
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
             "content": [{"type": "output_text", "text": "Looking", "annotations": [], "logprobs": []}]},
            {**CALL, "id": "fc_1", "status": "completed"},
            {**CALL, "call_id": "call_2", "arguments": ""},
            OUTPUT,
            {"type": "function_call_output", "call_id": "call_2", "output": [{"type": "input_text", "text": "sun"}]},
        ]
    )  # fmt: skip
    calls = (Call("weather", {"city": "Bern"}, "call_1"), Call("weather", {}, "call_2"))
    assert asked.messages == (
        Message("system", (Text("Be kind."),)),
        Message("user", (Text("Hi"),)),
        Message("assistant", (Text("Looking"), *calls)),
        Message("user", (Result("call_1", "rain"),)),
        Message("user", (Result("call_2", "sun"),)),
    )  # fmt: skip


def test_formats() -> None:
    assert ask(text={"format": {"type": "text"}}).format == Format()
    assert ask(text={"format": {"type": "json_object"}}).format == Format("json")
    assert "text.format.schema is missing" in refusal(text={"format": {"type": "json_schema", "name": "x"}})


def test_a_function_without_parameters_takes_none() -> None:
    tool = ask(tools=[{"type": "function", "name": "now", "strict": False}]).tools[0]
    assert (tool.schema, tool.strict) == ({"type": "object", "properties": {}}, False)


def test_going_on_needs_no_input_of_its_own_and_pairs_later() -> None:
    asked = ask(input=[OUTPUT], previous_response_id="resp_1", instructions="Be brief.")
    assert asked.extras["continues"] == "resp_1"
    assert asked.messages[1] == Message("user", (Result("call_1", "rain"),))
    assert ask(input=None, previous_response_id="resp_1").messages == ()


def test_pairs_of_the_whole_conversation() -> None:
    call = Message("assistant", (Call("weather", {}, "call_1"),))
    result = Message("user", (Result("call_1", "rain"),))
    require_paired((call, result, call, result))
    with pytest.raises(ApiError, match="No tool output found for function call call_1"):
        require_paired((call, result, call))
    with pytest.raises(ApiError, match="No tool call found for function call output with call_id call_1"):
        require_paired((call, result, result))
    with pytest.raises(ApiError, match="used by two calls at once"):
        require_paired((call, call, result))


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "web search": ({"tools": [{"type": "web_search"}]}, "the built-in tool web_search; give a function tool"),
    "file search": ({"tools": [{"type": "file_search", "vector_store_ids": ["v"]}]}, "the built-in tool file_search"),
    "computer": ({"tools": [{"type": "computer_use_preview"}]}, "the built-in tool computer_use_preview"),
    "code": ({"tools": [{"type": "code_interpreter", "container": {}}]}, "the built-in tool code_interpreter"),
    "MCP": ({"tools": [{"type": "mcp", "server_label": "x"}]}, "the built-in tool mcp"),
    "custom tool": ({"tools": [{"type": "custom", "name": "x"}]}, "the built-in tool custom"),
    "deferred tool": ({"tools": [{**WEATHER, "defer_loading": True}]}, "defer_loading"),
    "conversation": ({"conversation": "conv_1"}, "the parameter conversation; use previous_response_id"),
    "background": ({"background": True}, "the parameter background"),
    "prompt": ({"prompt": {"id": "p"}}, "the parameter prompt"),
    "truncation": ({"truncation": "auto"}, "truncation auto; shorten the input yourself"),
    "include": ({"include": ["web_search_call.action.sources"]}, "include web_search_call.action.sources"),
    "probabilities without include": ({"top_logprobs": 2}, "top_logprobs needs include"),
    "image": (
        {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "x", "text": "x"}]}]},
        "content of type input_image; send text",
    ),
    "file": ({"input": [{"role": "user", "content": [{"type": "input_file"}]}]}, "content of type input_file"),
    "reference": ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "item_reference; send the item itself"),
    "other item": ({"input": [{"type": "web_search_call", "id": "ws_1"}]}, "input items of type web_search_call"),
    "allowed tools": (
        {"tools": [WEATHER], "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": []}},
        "tool_choice of type allowed_tools",
    ),
    "unknown tool chosen": ({"tools": [WEATHER], "tool_choice": {"type": "function", "name": "x"}}, "names 'x'"),
    "required without tools": ({"tool_choice": "required"}, "required needs tools"),
    "no input": ({"input": None}, "input is missing or empty"),
    "no items": ({"input": []}, "input is missing or empty"),
    "no text": ({"input": ""}, "input is missing or empty"),
    "said by the wrong one": (
        {"input": [{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}]},
        "what is said to the model is 'input_text'",
    ),
    "arguments": ({"input": [HI, {**CALL, "arguments": "[1]"}]}, "input.1.arguments is '[1]', not a JSON object"),
    "output without a call": ({"input": [HI, OUTPUT]}, "No tool call found"),
    "call without an output": ({"input": [HI, CALL]}, "No tool output found for function call call_1"),
    "few tokens": ({"max_output_tokens": 5}, "max_output_tokens is 5"),
    "unknown field": ({"max_tokens": 5}, "max_tokens is not a parameter of this endpoint"),
    "field of an item": ({"input": [{**HI, "x": 1}]}, "input.0.x is not a parameter"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    fields, said = REFUSED[name]
    assert said in refusal(**fields)
