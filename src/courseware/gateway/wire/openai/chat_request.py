"""Reading a Chat Completions request."""

from __future__ import annotations

from collections.abc import Mapping

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import Call, ChatRequest, Format, Message, Result, Sampling, Text, ToolChoice
from courseware.gateway.wire.endpoint import Json
from courseware.gateway.wire.openai.chat_body import REFUSED, Body, NamedTool, ResponseFormat, ToolCallBody, TurnBody
from courseware.gateway.wire.openai.shape import format_of, text_of
from courseware.gateway.wire.reading import arguments_of, read


def parse(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> ChatRequest:
    """Return the request; raises `ApiError` with the field at fault."""
    asked = read(body, Body, REFUSED)
    if asked.top_logprobs is not None and not asked.logprobs:
        raise ApiError("invalid_request", "top_logprobs needs logprobs: true", param="top_logprobs")
    return ChatRequest(
        dialect="openai.chat",
        model=asked.model,
        messages=_messages(asked.messages),
        tools=tuple(tool.function.tool() for tool in asked.tools or ()),
        choice=_choice(asked),
        format=_format(asked.response_format),
        sampling=Sampling(
            temperature=asked.temperature,
            top_p=asked.top_p,
            seed=asked.seed,
            presence_penalty=asked.presence_penalty,
            frequency_penalty=asked.frequency_penalty,
            logit_bias=asked.logit_bias,
        ),
        max_tokens=asked.max_completion_tokens or asked.max_tokens,
        stop=(asked.stop,) if isinstance(asked.stop, str) else tuple(asked.stop or ()),
        n=asked.n or 1,
        logprobs=(asked.top_logprobs or 0) if asked.logprobs else None,
        stream=bool(asked.stream),
        effort=asked.reasoning_effort,
        given=frozenset(name for name, value in body.items() if value is not None),
        extras={"include_usage": asked.stream_options is not None and asked.stream_options.include_usage},
    )


def _messages(messages: list[TurnBody]) -> tuple[Message, ...]:
    """Every call that an assistant made is answered before the next turn, as the provider demands."""
    read_so_far, waiting = [], set[str]()
    for index, message in enumerate(messages):
        where = f"messages.{index}"
        if message.role == "tool":
            read_so_far.append(_result(message, waiting, where))
            continue
        _require_answered(waiting, where)
        read_so_far.append(_turn(message, where))
        if message.tool_calls:
            waiting = {call.id for call in message.tool_calls}
    _require_answered(waiting, "messages")
    return tuple(read_so_far)


def _require_answered(waiting: set[str], where: str) -> None:
    if waiting:
        ids = ", ".join(sorted(waiting))
        message = f"tool calls without an answer: {ids}; follow the assistant's message by one tool message for each id"
        raise ApiError("invalid_request", message, param=where)


def _result(message: TurnBody, waiting: set[str], where: str) -> Message:
    if message.tool_call_id not in waiting:
        said = f"tool_call_id is {message.tool_call_id!r}, which answers no call of the assistant's message before it"
        raise ApiError("invalid_request", said, param=f"{where}.tool_call_id")
    waiting.remove(message.tool_call_id)
    return Message("user", (Result(message.tool_call_id, text_of(message.content or "", f"{where}.content").text),))


def _turn(message: TurnBody, where: str) -> Message:
    speaker = "system" if message.role in ("system", "developer") else message.role
    if isinstance(message.content, str) and not message.tool_calls:
        return Message(speaker, (Text(message.content),))  # type: ignore[arg-type]
    if message.content is None and not message.tool_calls:
        raise ApiError("invalid_request", f"{where}.content is null; write the {message.role}'s words", param=where)
    calls = tuple(_call(call, f"{where}.tool_calls.{index}") for index, call in enumerate(message.tool_calls or ()))
    words = text_of(message.content or "", f"{where}.content")
    return Message(speaker, (*((words,) if words.text or not calls else ()), *calls))  # type: ignore[arg-type]


def _call(call: ToolCallBody, where: str) -> Call:
    return Call(call.function.name, arguments_of(call.function.arguments, f"{where}.function.arguments"), call.id)


def _choice(asked: Body) -> ToolChoice:
    parallel = asked.parallel_tool_calls is not False
    names = {tool.function.name for tool in asked.tools or ()}
    if isinstance(asked.tool_choice, NamedTool):
        name = asked.tool_choice.function.name
        if name not in names:
            raise ApiError("invalid_request", f"tool_choice names {name!r}, which no tool is", param="tool_choice")
        return ToolChoice("named", name, parallel)
    if asked.tool_choice and not names:
        raise ApiError("invalid_request", "tool_choice needs tools", param="tool_choice")
    return ToolChoice(asked.tool_choice or "auto", parallel=parallel)


def _format(asked: ResponseFormat | None) -> Format:
    if asked is None:
        return Format()
    if asked.type == "json_schema" and asked.json_schema is None:
        raise ApiError("invalid_request", "response_format needs json_schema", param="response_format.json_schema")
    return format_of(asked.type, asked.json_schema.schema_ if asked.json_schema else None)
