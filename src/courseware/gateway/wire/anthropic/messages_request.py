"""Reading a Messages request, and the same prompt where only its tokens are counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from courseware.gateway.errors import ApiError, unsupported
from courseware.gateway.exchange import ChatRequest, Document, Format, Message, Sampling, Tool, ToolChoice
from courseware.gateway.wire.anthropic.caching import marks_of
from courseware.gateway.wire.anthropic.messages_body import REFUSED, Body, CustomTool, Prompt, ToolBody
from courseware.gateway.wire.anthropic.messages_content import joined, messages_of, words
from courseware.gateway.wire.anthropic.messages_order import require_order
from courseware.gateway.wire.anthropic.shape import CURRENT, FIRST, Version, removed, version_of
from courseware.gateway.wire.endpoint import Json
from courseware.gateway.wire.reading import Other, read

# Names of the course's own roles begin so; their rules are permissive under every version (architecture, decision 1).
_ROLE_PREFIX = "course-"
_SAMPLING = ("temperature", "top_p", "top_k")


def parse(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> ChatRequest:
    """Return the request; raises `ApiError` with the field at fault."""
    version = version_of(headers)
    asked = read(body, Body, REFUSED)
    _require_sampling(asked, version)
    if asked.max_tokens == 0:
        raise unsupported("max_tokens 0, which only fills the prompt cache", "send 1 or more", "max_tokens")
    return replace(
        _prompt(asked, version),
        sampling=Sampling(temperature=asked.temperature, top_p=asked.top_p, top_k=asked.top_k),
        max_tokens=asked.max_tokens,
        stop=_stop(asked.stop_sequences or []),
        stream=bool(asked.stream),
        given=frozenset(name for name, value in body.items() if value is not None),
        extras={"cache_marks": marks_of(asked)},
    )


def parse_count(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> ChatRequest:
    """Return the prompt whose tokens are to be counted; raises `ApiError`."""
    version = version_of(headers)
    asked = read(body, Prompt, REFUSED)
    marks_of(asked)
    given = frozenset(name for name, value in body.items() if value is not None)
    return replace(_prompt(asked, version), given=given, extras={"count_only": True})


def _prompt(asked: Prompt, version: Version) -> ChatRequest:
    if asked.thinking is not None and asked.thinking.type not in ("disabled", "adaptive"):
        instead = "its models do not think before they answer; leave thinking out, or send adaptive"
        raise unsupported(f"thinking of type {asked.thinking.type}", instead, "thinking.type")
    require_order(asked.messages)
    form = asked.output_config.format if asked.output_config else None
    request = ChatRequest(
        dialect="anthropic.messages",
        model=asked.model,
        messages=_messages(asked, version),
        tools=_tools(asked.tools or []),
        choice=_choice(asked),
        format=Format("schema", form.schema_) if form else Format(),
        effort=asked.output_config.effort if asked.output_config else None,
    )
    _require_citable(request)
    return request


def _messages(asked: Prompt, version: Version) -> tuple[Message, ...]:
    system = joined(words(block, f"system.{index}") for index, block in enumerate(asked.system_blocks()))
    turns = [
        message
        for index, turn in enumerate(asked.messages)
        for message in messages_of(turn, f"messages.{index}", version)
    ]
    return (*((Message("system", system),) if system else ()), *turns)


def _require_sampling(asked: Body, version: Version) -> None:
    if version != CURRENT or asked.model.startswith(_ROLE_PREFIX):
        return
    for name in _SAMPLING:
        if getattr(asked, name) is not None:
            raise removed(name, f"leave it out, or send anthropic-version {FIRST}", name)


def _require_citable(request: ChatRequest) -> None:
    documents = [part for message in request.messages for part in message.parts if isinstance(part, Document)]
    if len({document.citations for document in documents}) > 1:
        said = "citations must be enabled on all documents of a request or on none; make them agree"
        raise ApiError("invalid_request", said, param="messages")
    if request.format.kind != "text" and any(document.citations for document in documents):
        said = "output_config.format cannot be used with citations, which break the JSON; leave one of them out"
        raise ApiError("invalid_request", said, param="output_config.format")


def _stop(sequences: list[str]) -> tuple[str, ...]:
    for index, sequence in enumerate(sequences):
        if not sequence.strip():
            said = f"stop_sequences.{index}: each stop sequence must contain non-whitespace; it is {sequence!r}"
            raise ApiError("invalid_request", said, param=f"stop_sequences.{index}")
    return tuple(sequences)


def _tools(tools: list[ToolBody]) -> tuple[Tool, ...]:
    made = tuple(_tool(tool, f"tools.{index}") for index, tool in enumerate(tools))
    if len({tool.name for tool in made}) < len(made):
        names = ", ".join(tool.name for tool in made)
        raise ApiError("invalid_request", f"tools: Tool names must be unique; they are {names}", param="tools")
    return made


def _tool(tool: ToolBody, where: str) -> Tool:
    if isinstance(tool, Other):
        instead = "give a tool of your own: name, description, input_schema"
        raise unsupported(f"the server tool {tool.type[:40]}", instead, where)
    _require_plain(tool, where)
    return Tool(tool.name, tool.description or "", tool.input_schema, bool(tool.strict))


def _require_plain(tool: CustomTool, where: str) -> None:
    if tool.input_schema.get("type") != "object":
        said = f"{where}.input_schema.type is {str(tool.input_schema.get('type'))[:40]}; a tool's input is an object"
        raise ApiError("invalid_request", said, param=f"{where}.input_schema.type")
    if tool.input_examples:
        raise unsupported("input_examples", "write the examples into the description", f"{where}.input_examples")
    if tool.defer_loading:
        raise unsupported("defer_loading", "send only the tools that may be called", f"{where}.defer_loading")
    if tool.allowed_callers not in (None, ["direct"]):
        raise unsupported("calls from other tools", "leave allowed_callers out", f"{where}.allowed_callers")


def _choice(asked: Prompt) -> ToolChoice:
    choice = asked.tool_choice
    if choice is None:
        return ToolChoice()
    if not asked.tools:
        said = "tool_choice may only be specified while providing tools; send tools, or leave it out"
        raise ApiError("invalid_request", said, param="tool_choice")
    parallel = not choice.disable_parallel_tool_use
    if choice.type == "tool":
        if choice.name not in {tool.name for tool in asked.tools if isinstance(tool, CustomTool)}:
            said = f"Tool {str(choice.name)[:140]!r} not found in provided tools; name one of them"
            raise ApiError("invalid_request", said, param="tool_choice.name")
        return ToolChoice("named", str(choice.name), parallel)
    if choice.type == "none":
        return ToolChoice("none")
    return ToolChoice("required" if choice.type == "any" else "auto", parallel=parallel)
