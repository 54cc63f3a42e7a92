"""A request has the recording key of the equivalent Chat Completions request."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.gateway.keys import canonical, exact_key
from courseware.gateway.wire.gemini import chat_request as gemini
from courseware.gateway.wire.openai import chat_request as openai

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "array", "items": {"type": "integer"}}},
    "required": ["city"],
}
CAPITALS = {
    "type": "OBJECT",
    "properties": {"city": {"type": "STRING"}, "days": {"type": "ARRAY", "items": {"type": "INTEGER"}}},
    "required": ["city"],
    "propertyOrdering": ["city", "days"],
}
JSON = "application/json"
HI = {"role": "user", "content": "Hi"}
HELLO = {"role": "user", "parts": [{"text": "Hi"}]}
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "Of a city", "parameters": SCHEMA}}]
NAMES = ("Paris", "Rome")
OPENAI_CALLS = [
    {"id": f"call_{city}", "type": "function", "function": {"name": "weather", "arguments": f'{{"city": "{city}"}}'}}
    for city in NAMES
]
LOOKING = [
    HI,
    {"role": "assistant", "content": "Looking", "tool_calls": OPENAI_CALLS},
    {"role": "tool", "tool_call_id": "call_Paris", "content": "sun"},
    {"role": "tool", "tool_call_id": "call_Rome", "content": '{"rain": true}'},
]
CALLS = [{"functionCall": {"name": "weather", "args": {"city": city}}} for city in NAMES]
RESULTS = [
    {"functionResponse": {"name": "weather", "response": {"result": "sun"}}},
    {"functionResponse": {"name": "weather", "response": {"rain": True}}},
]
CONTENTS = [
    HELLO,
    {"role": "model", "parts": [{"text": "Looking"}, *CALLS]},
    {"role": "user", "parts": RESULTS},
]


def declared(**parameters: Any) -> list[Any]:
    """The tool."""
    return [{"functionDeclarations": [{"name": "weather", "description": "Of a city", **parameters}]}]


def asked_for(**config: Any) -> dict[str, Any]:
    """Hi, under these settings."""
    return {"contents": [HELLO], "generationConfig": config}


SCHEMA_WANTED = {"type": "json_schema", "json_schema": {"name": "city", "schema": SCHEMA}}
PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plain": ({"messages": [HI]}, {"contents": [HELLO]}),
    "without a role": ({"messages": [HI]}, {"contents": [{"parts": [{"text": "H"}, {"text": "i"}]}]}),
    "several turns with a system text": (
        {"messages": [{"role": "system", "content": "Be kind"}, HI, {"role": "assistant", "content": "Yes?"}, HI]},
        {
            "systemInstruction": {"parts": [{"text": "Be kind"}]},
            "contents": [HELLO, {"role": "model", "parts": [{"text": "Yes?"}]}, HELLO],
        },
    ),
    "a turn that was streamed": (
        {"messages": [HI, {"role": "assistant", "content": "Yes, please?"}, HI]},
        {
            "contents": [
                HELLO,
                *({"role": "model", "parts": [{"text": text}]} for text in ("Yes,", " please?", "")),
                HELLO,
            ]
        },
    ),
    "parallel calls and results": (
        {"tools": TOOLS, "messages": LOOKING},
        {"tools": declared(parameters=CAPITALS), "contents": CONTENTS},
    ),
    "a named tool": (
        {"tools": TOOLS, "messages": [HI], "tool_choice": {"type": "function", "function": {"name": "weather"}}},
        {
            "tools": declared(parametersJsonSchema=SCHEMA),
            "contents": [HELLO],
            "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["weather"]}},
        },
    ),
    "some tool": (
        {"tools": TOOLS, "messages": [HI], "tool_choice": "required"},
        {
            "tools": declared(parameters_json_schema=SCHEMA),
            "contents": [HELLO],
            "toolConfig": {"functionCallingConfig": {"mode": "ANY"}},
        },
    ),
    "structured output": (
        {"messages": [HI], "response_format": SCHEMA_WANTED},
        asked_for(responseMimeType=JSON, responseSchema=CAPITALS),
    ),
    "structured output by JSON Schema": (
        {"messages": [HI], "response_format": SCHEMA_WANTED},
        asked_for(responseMimeType=JSON, responseJsonSchema=SCHEMA),
    ),
    "any JSON": (
        {"messages": [HI], "response_format": {"type": "json_object"}},
        asked_for(responseMimeType=JSON),
    ),
    "sampling, stop and length": (
        {"messages": [HI], "temperature": 0, "seed": 3, "top_p": 0.5, "stop": "\n", "max_tokens": 9, "n": 2},
        asked_for(temperature=0, seed=3, topP=0.5, stopSequences=["\n"], maxOutputTokens=9, candidateCount=2),
    ),
    "token probabilities and effort": (
        {"messages": [HI], "logprobs": True, "top_logprobs": 2, "reasoning_effort": "low"},
        asked_for(responseLogprobs=True, logprobs=2, thinkingConfig={"thinkingLevel": "LOW"}),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_same_key(name: str) -> None:
    openai_body, gemini_body = PAIRS[name]
    one = openai.parse({"model": "small", **openai_body}, {}, {})
    other = gemini.parse(gemini_body, {}, {"model": "small"})
    assert canonical(one) == canonical(other)
    assert exact_key(canonical(one)) == exact_key(canonical(other))


def test_ids_do_not_matter() -> None:
    with_ids = [
        CONTENTS[0],
        {
            "role": "model",
            "parts": [{"functionCall": {**c["functionCall"], "id": f"id{i}"}} for i, c in enumerate(CALLS)],
        },
        {
            "role": "user",
            "parts": [{"functionResponse": {**r["functionResponse"], "id": f"id{i}"}} for i, r in enumerate(RESULTS)],
        },
    ]
    without = [CONTENTS[0], {"role": "model", "parts": CALLS}, CONTENTS[2]]
    keys = {exact_key(canonical(gemini.parse({"contents": c}, {}, {"model": "m"}))) for c in (with_ids, without)}
    assert len(keys) == 1
