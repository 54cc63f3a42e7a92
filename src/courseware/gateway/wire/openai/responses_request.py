"""Reading a Responses request.

The server keeps conversations. Its notes: `continues` is the id of the response to go on from, `keeps` whether this
one may be gone on from, `instruction_turns` how many first messages are this request's alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from courseware.gateway.errors import ApiError, unsupported
from courseware.gateway.exchange import ChatRequest, Format, Message, Sampling, Text, Tool, ToolChoice
from courseware.gateway.wire.endpoint import Json
from courseware.gateway.wire.openai.responses_body import (
    REFUSED,
    Body,
    NamedFunction,
    SchemaFormat,
    TextConfig,
    ToolItem,
)
from courseware.gateway.wire.openai.responses_echo import echo_of
from courseware.gateway.wire.openai.responses_items import messages_of, require_paired
from courseware.gateway.wire.openai.shape import format_of
from courseware.gateway.wire.reading import Other, read

_LOGPROBS = "message.output_text.logprobs"
# Encrypted reasoning is of reasoning items, and answers here have none.
_INCLUDABLE = (_LOGPROBS, "reasoning.encrypted_content")


def parse(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> ChatRequest:
    """Return the request; raises `ApiError` with the field at fault."""
    asked = read(body, Body, REFUSED)
    if asked.truncation == "auto":
        raise unsupported("truncation auto", "shorten the input yourself", "truncation")
    return ChatRequest(
        dialect="openai.responses",
        model=asked.model,
        messages=_messages(asked),
        tools=tuple(_tool(tool, f"tools.{index}") for index, tool in enumerate(asked.tools or ())),
        choice=_choice(asked),
        format=_format(asked.text),
        sampling=Sampling(temperature=asked.temperature, top_p=asked.top_p),
        max_tokens=asked.max_output_tokens,
        logprobs=_logprobs(asked),
        stream=bool(asked.stream),
        effort=asked.reasoning.effort if asked.reasoning else None,
        given=frozenset(name for name, value in body.items() if value is not None),
        extras=_extras(asked),
    )


def _messages(asked: Body) -> tuple[Message, ...]:
    instructions = (Message("system", (Text(asked.instructions),)),) if asked.instructions else ()
    turns = messages_of(asked.input if asked.input is not None else ())
    if asked.previous_response_id is None:
        if not turns:
            raise ApiError("invalid_request", "input is missing or empty; send a text or items", param="input")
        # Where an earlier conversation comes first, only the server can tell.
        require_paired(turns)
    return (*instructions, *turns)


def _extras(asked: Body) -> Json:
    continues = {"continues": asked.previous_response_id} if asked.previous_response_id is not None else {}
    return {
        **continues,
        "keeps": asked.store is not False,
        "instruction_turns": 1 if asked.instructions else 0,
        "echo": echo_of(asked),
    }


def _tool(tool: ToolItem, where: str) -> Tool:
    if isinstance(tool, Other):
        raise unsupported(f"the built-in tool {tool.type[:40]}", "give a function tool of your own", where)
    if tool.defer_loading:
        raise unsupported("defer_loading", "send only the tools that may be called", f"{where}.defer_loading")
    if tool.allowed_callers not in (None, ["direct"]):
        raise unsupported("calls from programs", "leave allowed_callers out", f"{where}.allowed_callers")
    # Unlike in Chat Completions, a function is strict unless the request says otherwise.
    return replace(tool.tool(), strict=tool.strict is not False)


def _choice(asked: Body) -> ToolChoice:
    parallel = asked.parallel_tool_calls is not False
    choice = asked.tool_choice
    names = {tool.name for tool in asked.tools or () if not isinstance(tool, Other)}
    if isinstance(choice, Other):
        raise unsupported(
            f"tool_choice of type {choice.type[:40]}", "send only the tools that may be called", "tool_choice"
        )
    if isinstance(choice, NamedFunction):
        if choice.name not in names:
            raise ApiError(
                "invalid_request", f"tool_choice names {choice.name!r}, which no tool is", param="tool_choice"
            )
        return ToolChoice("named", choice.name, parallel)
    if choice == "required" and not names:
        raise ApiError("invalid_request", "tool_choice required needs tools; send tools", param="tool_choice")
    return ToolChoice(choice or "auto", parallel=parallel)


def _format(text: TextConfig | None) -> Format:
    form = text.format if text else None
    if form is None:
        return Format()
    if isinstance(form, SchemaFormat) and form.schema_ is None:
        raise ApiError("invalid_request", "text.format.schema is missing; it is required", param="text.format.schema")
    return format_of(form.type, form.schema_ if isinstance(form, SchemaFormat) else None)


def _logprobs(asked: Body) -> int | None:
    for name in asked.include or ():
        if name not in _INCLUDABLE:
            raise unsupported(f"include {name[:60]}", f"it has only {' and '.join(_INCLUDABLE)}", "include")
    if _LOGPROBS in (asked.include or ()):
        return asked.top_logprobs or 0
    if asked.top_logprobs:
        raise ApiError("invalid_request", f"top_logprobs needs include: [{_LOGPROBS!r}]", param="top_logprobs")
    return None
