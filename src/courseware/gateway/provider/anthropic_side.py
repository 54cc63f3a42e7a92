"""A neutral request as a body for Anthropic's Messages API, and its answer read back."""

from __future__ import annotations

from typing import Any

from courseware.gateway.errors import ApiError, unsupported
from courseware.gateway.exchange import (
    Call,
    ChatRequest,
    Completion,
    Document,
    Message,
    Result,
    StopReason,
    Text,
    Usage,
)

PATH = "/v1/messages"
VERSION = "2026-10-21"
# The API demands a limit, which some wire formats leave out; it also bounds what an answer may cost.
DEFAULT_MAX_TOKENS = 1_024
_STOPS: dict[str, StopReason] = {
    "end_turn": "end",
    "max_tokens": "length",
    "stop_sequence": "stop_sequence",
    "tool_use": "tool_calls",
}


def headers(key: str) -> dict[str, str]:
    """What the request carries beside its body."""
    return {"authorization": f"Bearer {key}", "anthropic-version": VERSION}


def body(request: ChatRequest, model: str) -> dict[str, Any]:
    """The request's body. Raises ApiError for what Messages has no field for."""
    if request.n > 1:
        raise unsupported("several answers through Anthropic's API", "ask several times", "n")
    if request.format.kind == "json":
        raise unsupported("JSON without a schema through Anthropic's API", "give a schema", "response_format")
    system = [
        part.text for m in request.messages if m.speaker == "system" for part in m.parts if isinstance(part, Text)
    ]
    asked: dict[str, Any] = {
        "model": model,
        "max_tokens": request.max_tokens or DEFAULT_MAX_TOKENS,
        "messages": _merged([message for message in request.messages if message.speaker != "system"]),
    }
    if system:
        asked["system"] = "\n".join(system)
    if request.stop:
        asked["stop_sequences"] = list(request.stop)
    return asked | _tools(request) | _output(request) | _sampling(request)


def _merged(messages: list[Message]) -> list[dict[str, Any]]:
    """Turns of one speaker in a row as one, so that the results of parallel calls come in one message."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        blocks = [_block(part) for part in message.parts if not (isinstance(part, Text) and not part.text)]
        if turns and turns[-1]["role"] == message.speaker:
            turns[-1]["content"] += blocks
        else:
            turns.append({"role": message.speaker, "content": blocks})
    return turns


def _block(part: Text | Document | Call | Result) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    if isinstance(part, Call):
        return {"type": "tool_use", "id": part.id, "name": part.name, "input": dict(part.arguments)}
    if isinstance(part, Result):
        return {"type": "tool_result", "tool_use_id": part.call_id, "content": part.text, "is_error": part.is_error}
    source = {"type": "text", "media_type": "text/plain", "data": part.text}
    titled = {"title": part.title} if part.title else {}
    return {"type": "document", "source": source, **titled, "citations": {"enabled": part.citations}}


def _tools(request: ChatRequest) -> dict[str, Any]:
    if not request.tools:
        return {}
    tools = [{"name": t.name, "description": t.description, "input_schema": t.schema} for t in request.tools]
    choice = request.choice
    kind = {"required": "any", "named": "tool"}.get(choice.mode, choice.mode)
    told = {"type": kind, **({"name": choice.name} if choice.mode == "named" else {})}
    if not choice.parallel and kind != "none":
        told["disable_parallel_tool_use"] = True  # type: ignore[assignment]
    return {"tools": tools, "tool_choice": told}


def _output(request: ChatRequest) -> dict[str, Any]:
    config: dict[str, Any] = {"effort": request.effort} if request.effort else {}
    if request.format.kind == "schema":
        config["format"] = {"type": "json_schema", "schema": request.format.schema}
    return {"output_config": config} if config else {}


def _sampling(request: ChatRequest) -> dict[str, Any]:
    """What was asked for goes out; current models refuse it, in the provider's own words."""
    wanted = {name: getattr(request.sampling, name) for name in ("temperature", "top_p", "top_k")}
    return {name: value for name, value in wanted.items() if value is not None}


def completion(answer: dict[str, Any]) -> Completion:
    """The answer. Raises ApiError where it is one that the gateway has no words for."""
    parts: list[Text | Call] = []
    for block in answer.get("content", []):
        if block.get("type") == "text":
            parts.append(Text(block["text"]))
        elif block.get("type") == "tool_use":
            parts.append(Call(block["name"], block["input"]))
    reason = answer.get("stop_reason")
    if reason not in _STOPS:
        raise ApiError("server", f"the provider stopped with {reason!r}, which the gateway cannot pass on")
    return Completion(tuple(parts), _STOPS[reason], answer.get("stop_sequence"))


def usage(answer: dict[str, Any]) -> Usage:
    """Tokens that are paid for; `input` is all of them."""
    told = answer["usage"]
    read, written = told.get("cache_read_input_tokens") or 0, told.get("cache_creation_input_tokens") or 0
    return Usage(told["input_tokens"] + read + written, told["output_tokens"], read, written)
