"""A neutral request as a body for OpenAI's Responses API, and its answer read back.

Responses, because newer models take tools nowhere else (see the rules in course.toml).
"""

from __future__ import annotations

import json
from typing import Any

from courseware.gateway.errors import ApiError, unsupported
from courseware.gateway.exchange import Call, ChatRequest, Completion, Document, Message, Result, Text, Usage

PATH = "/v1/responses"


def headers(key: str) -> dict[str, str]:
    """What the request carries beside its body."""
    return {"authorization": f"Bearer {key}"}


def body(request: ChatRequest, model: str) -> dict[str, Any]:
    """The request's body. Raises ApiError for what Responses has no field for."""
    if request.stop:
        raise unsupported("stop sequences through OpenAI's Responses API", "leave stop out", "stop")
    if request.n > 1:
        raise unsupported("several answers through OpenAI's Responses API", "ask several times", "n")
    asked: dict[str, Any] = {"model": model, "store": False, "input": [i for m in request.messages for i in _items(m)]}
    if request.max_tokens is not None:
        asked["max_output_tokens"] = request.max_tokens
    if request.effort is not None:
        asked["reasoning"] = {"effort": request.effort}
    if request.format.kind != "text":
        asked["text"] = {"format": _format(request)}
    return asked | _tools(request) | _sampling(request)


def _items(message: Message) -> list[dict[str, Any]]:
    return [_item(message.speaker, part) for part in message.parts]


def _item(speaker: str, part: Text | Document | Call | Result) -> dict[str, Any]:
    if isinstance(part, Call):
        arguments = json.dumps(part.arguments, ensure_ascii=False)
        return {"type": "function_call", "call_id": part.id, "name": part.name, "arguments": arguments}
    if isinstance(part, Result):
        return {"type": "function_call_output", "call_id": part.call_id, "output": part.text}
    text = f"{part.title}\n{part.text}" if isinstance(part, Document) else part.text
    kind = "output_text" if speaker == "assistant" else "input_text"
    return {"type": "message", "role": speaker, "content": [{"type": kind, "text": text}]}


def _format(request: ChatRequest) -> dict[str, Any]:
    if request.format.kind == "json":
        return {"type": "json_object"}
    return {"type": "json_schema", "name": "answer", "schema": request.format.schema, "strict": True}


def _tools(request: ChatRequest) -> dict[str, Any]:
    if not request.tools:
        return {}
    tools = [
        {"type": "function", "name": t.name, "description": t.description, "parameters": t.schema, "strict": t.strict}
        for t in request.tools
    ]
    choice = request.choice
    named = {"type": "function", "name": choice.name}
    return {
        "tools": tools,
        "tool_choice": named if choice.mode == "named" else choice.mode,
        "parallel_tool_calls": choice.parallel,
    }


def _sampling(request: ChatRequest) -> dict[str, Any]:
    """What was asked for goes out; a model that refuses it says so, in the provider's own words."""
    wanted = {"temperature": request.sampling.temperature, "top_p": request.sampling.top_p}
    return {name: value for name, value in wanted.items() if value is not None}


def completion(answer: dict[str, Any]) -> Completion:
    """The answer. Raises ApiError where it is none."""
    parts: list[Text | Call] = []
    for item in answer.get("output", []):
        if item.get("type") == "function_call":
            parts.append(Call(item["name"], json.loads(item["arguments"] or "{}")))
        elif item.get("type") == "message":
            parts += [Text(piece["text"]) for piece in item["content"] if piece.get("type") == "output_text"]
    if answer.get("status") == "incomplete":
        return Completion(tuple(parts), "length")
    if answer.get("status") != "completed":
        raise ApiError("server", f"the provider's answer has status {answer.get('status')!r}; ask again")
    called = any(isinstance(part, Call) for part in parts)
    return Completion(tuple(parts), "tool_calls" if called else "end")


def usage(answer: dict[str, Any]) -> Usage:
    """Tokens that are paid for."""
    told = answer["usage"]
    cached = (told.get("input_tokens_details") or {}).get("cached_tokens", 0)
    return Usage(told["input_tokens"], told["output_tokens"], cached)
