"""A request has the recording key of the equivalent Chat Completions request."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.gateway.keys import canonical, exact_key
from courseware.gateway.wire.ollama import chat, generate
from courseware.gateway.wire.openai import chat_request

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
HI = {"role": "user", "content": "Hi"}
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "Of a city", "parameters": SCHEMA}}]
NAMES = ("Paris", "Rome")
OPENAI_CALLS = [
    {"id": f"call_{city}", "type": "function", "function": {"name": "weather", "arguments": f'{{"city": "{city}"}}'}}
    for city in NAMES
]
OLLAMA_CALLS = [{"function": {"name": "weather", "arguments": {"city": city}}} for city in NAMES]
PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plain": ({"messages": [HI]}, {"messages": [HI]}),
    "several turns with a system text": (
        {"messages": [{"role": "system", "content": "Be kind"}, HI, {"role": "assistant", "content": "Yes?"}, HI]},
        {"messages": [{"role": "system", "content": "Be kind"}, HI, {"role": "assistant", "content": "Yes?"}, HI]},
    ),
    "parallel calls and results": (
        {
            "tools": TOOLS,
            "messages": [
                HI,
                {"role": "assistant", "content": "Looking", "tool_calls": OPENAI_CALLS},
                {"role": "tool", "tool_call_id": "call_Paris", "content": "sun"},
                {"role": "tool", "tool_call_id": "call_Rome", "content": "rain"},
            ],
        },
        {
            "tools": TOOLS,
            "messages": [
                HI,
                {"role": "assistant", "content": "Looking", "tool_calls": OLLAMA_CALLS},
                {"role": "tool", "tool_name": "weather", "content": "sun"},
                {"role": "tool", "tool_name": "weather", "content": "rain"},
            ],
        },
    ),
    "structured output": (
        {
            "messages": [HI],
            "response_format": {"type": "json_schema", "json_schema": {"name": "city", "schema": SCHEMA}},
        },
        {"messages": [HI], "format": SCHEMA},
    ),
    "any JSON": ({"messages": [HI], "response_format": {"type": "json_object"}}, {"messages": [HI], "format": "json"}),
    "sampling, stop and length": (
        {"messages": [HI], "temperature": 0, "seed": 3, "top_p": 0.5, "stop": "\n", "max_tokens": 9},
        {"messages": [HI], "options": {"temperature": 0, "seed": 3, "top_p": 0.5, "stop": ["\n"], "num_predict": 9}},
    ),
    "token probabilities": (
        {"messages": [HI], "logprobs": True, "top_logprobs": 2},
        {"messages": [HI], "logprobs": True, "top_logprobs": 2},
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_chat(name: str) -> None:
    openai_body, ollama_body = PAIRS[name]
    one = chat_request.parse({"model": "small", **openai_body}, {}, {})
    other = chat.parse({"model": "small", **ollama_body}, {}, {})
    assert canonical(one) == canonical(other)
    assert exact_key(canonical(one)) == exact_key(canonical(other))


def test_generate() -> None:
    messages = [{"role": "system", "content": "Be kind"}, HI]
    one = chat_request.parse({"model": "small", "messages": messages}, {}, {})
    other = generate.parse({"model": "small", "prompt": "Hi", "system": "Be kind"}, {}, {})
    assert exact_key(canonical(one)) == exact_key(canonical(other))


def test_swapped_results_have_another_key() -> None:
    body = {"model": "small", **PAIRS["parallel calls and results"][1]}
    swapped = {**body, "messages": [*body["messages"][:2], *reversed(body["messages"][2:])]}
    assert exact_key(canonical(chat.parse(body, {}, {}))) != exact_key(canonical(chat.parse(swapped, {}, {})))
