"""Reading a request of POST /api/chat.

Source: Ollama's API reference and the types of ollama 0.6.3, read November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from courseware.gateway.errors import ApiError, unsupported
from courseware.gateway.exchange import Call, ChatRequest, Message, Result, Text, Tool
from courseware.gateway.wire.endpoint import Json
from courseware.gateway.wire.ollama.shape import REFUSED, Asking, Options
from courseware.gateway.wire.reading import Field, Ignored, JsonObject, Name, PendingCalls, Strict, read


class FunctionCall(Strict):
    """The function an assistant called."""

    name: Name
    arguments: JsonObject = Field(default_factory=dict)
    index: Ignored = None


class ToolCallBody(Strict):
    """A call in an assistant's turn; older clients keep no ids."""

    id: str | None = None
    type: Literal["function"] = "function"
    function: FunctionCall


class TurnBody(Strict):
    """One message."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str | None = None
    tool_calls: list[ToolCallBody] | None = None
    tool_name: str | None = None
    # Its name before Ollama 0.9.6.
    name: str | None = None
    tool_call_id: str | None = None
    images: Ignored = None
    # A model's thoughts are not for it to read again.
    thinking: Ignored = None


class Function(Strict):
    """A tool's function; the client leaves `parameters` out for one that takes none."""

    name: Name
    description: str | None = None
    parameters: JsonObject | None = None


class ToolBody(Strict):
    """A tool."""

    type: Literal["function"] = "function"
    function: Function


class Body(Asking):
    """The body of POST /api/chat."""

    messages: Annotated[list[TurnBody], Field(min_length=1)]
    tools: list[ToolBody] | None = None


def parse(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> ChatRequest:
    """Return the request; raises `ApiError` with the field at fault. Without `stream` it streams."""
    asked = read(body, Body, REFUSED)
    options = asked.options or Options()
    return ChatRequest(
        dialect="ollama.chat",
        model=asked.model,
        messages=_messages(asked.messages),
        tools=tuple(_tool(tool.function) for tool in asked.tools or ()),
        format=asked.form(),
        sampling=options.sampling(),
        max_tokens=options.max_tokens(),
        stop=tuple(options.stop or ()),
        logprobs=asked.alternatives(),
        stream=asked.stream is not False,
        given=frozenset(asked.model_fields_set | options.model_fields_set),
    )


def _tool(function: Function) -> Tool:
    schema = function.parameters or {"type": "object", "properties": {}}
    return Tool(function.name, function.description or "", schema)


def _messages(turns: list[TurnBody]) -> tuple[Message, ...]:
    """Calls may stay without a result, as at Ollama; a result needs its call."""
    calls = PendingCalls()
    return tuple(_message(turn, calls, f"messages.{index}") for index, turn in enumerate(turns))


def _message(turn: TurnBody, calls: PendingCalls, where: str) -> Message:
    if turn.images:
        raise unsupported("images", "send text", f"{where}.images")
    if turn.role == "tool":
        call_id = calls.answered(turn.tool_call_id, turn.tool_name or turn.name, where)
        return Message("user", (Result(call_id, turn.content or ""),))
    if turn.tool_calls and turn.role != "assistant":
        said = f"{where} has tool_calls and role {turn.role}; only the assistant calls tools"
        raise ApiError("invalid_request", said, param=f"{where}.tool_calls")
    if turn.content is None and not turn.tool_calls:
        raise ApiError("invalid_request", f"{where}.content is missing; write the {turn.role}'s words", param=where)
    return Message(turn.role, _parts(turn, calls))


def _parts(turn: TurnBody, calls: PendingCalls) -> tuple[Text | Call, ...]:
    made = [calls.call(call.function.name, call.function.arguments, call.id) for call in turn.tool_calls or ()]
    return (*((Text(turn.content or ""),) if turn.content or not made else ()), *made)
