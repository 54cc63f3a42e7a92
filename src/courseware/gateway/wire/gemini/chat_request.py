"""Reading a generateContent request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pydantic.alias_generators import to_camel

from courseware.gateway.errors import ApiError, unsupported
from courseware.gateway.exchange import ChatRequest, Format, Message, Sampling, Text, Tool, ToolChoice
from courseware.gateway.wire.endpoint import Json
from courseware.gateway.wire.gemini.chat_body import (
    REFUSED,
    REFUSED_CONFIG,
    REFUSED_TOOLS,
    Body,
    FunctionDeclaration,
    GenerationConfig,
)
from courseware.gateway.wire.gemini.schema import json_schema
from courseware.gateway.wire.gemini.shape import model_of, refuse, words_of
from courseware.gateway.wire.gemini.turns import messages_of
from courseware.gateway.wire.reading import read

_JSON = "application/json"


def parse(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> ChatRequest:
    """Return the request; raises `ApiError` with the field at fault."""
    asked = read(body, Body)
    refuse(asked, REFUSED, "")
    config = asked.generation_config or GenerationConfig()
    refuse(config, REFUSED_CONFIG, "generationConfig")
    if config.logprobs is not None and not config.response_logprobs:
        said = "logprobs needs responseLogprobs: true"
        raise ApiError("invalid_request", said, param="generationConfig.logprobs")
    tools = _tools(asked)
    return ChatRequest(
        dialect="gemini.chat",
        model=model_of(path, asked.model),
        messages=(*_system(asked), *messages_of(asked.contents)),
        tools=tools,
        choice=_choice(asked, [tool.name for tool in tools]),
        format=_format(config),
        sampling=Sampling(
            temperature=config.temperature,
            top_p=config.top_p,
            top_k=config.top_k,
            seed=config.seed,
            presence_penalty=config.presence_penalty,
            frequency_penalty=config.frequency_penalty,
        ),
        max_tokens=config.max_output_tokens,
        stop=tuple(config.stop_sequences or ()),
        n=config.candidate_count or 1,
        logprobs=(config.logprobs or 0) if config.response_logprobs else None,
        effort=_effort(config),
        given=frozenset(map(to_camel, asked.model_fields_set | config.model_fields_set)),
    )


def parse_stream(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> ChatRequest:
    """The same for streamGenerateContent; `path` also holds the query, of which `alt` must be sse."""
    if path.get("alt") != "sse":
        raise unsupported("streamGenerateContent with one JSON array", "add ?alt=sse to the address", "alt")
    return replace(parse(body, headers, path), stream=True)


def _system(asked: Body) -> tuple[Message, ...]:
    if asked.system_instruction is None:
        return ()
    return (Message("system", (Text(words_of(asked.system_instruction, "systemInstruction")),)),)


def _tools(asked: Body) -> tuple[Tool, ...]:
    tools = []
    for index, body in enumerate(asked.tools or ()):
        where = f"tools.{index}"
        refuse(body, REFUSED_TOOLS, where)
        tools += [
            _tool(function, f"{where}.functionDeclarations.{number}")
            for number, function in enumerate(body.function_declarations or ())
        ]
    return tuple(tools)


def _tool(function: FunctionDeclaration, where: str) -> Tool:
    if function.parameters is not None and function.parameters_json_schema is not None:
        said = f"{where} has parameters and parametersJsonSchema; send one of the two"
        raise ApiError("invalid_request", said, param=where)
    schema = function.parameters_json_schema
    if schema is None and function.parameters is not None:
        schema = json_schema(function.parameters)
    return Tool(function.name, function.description or "", schema or {"type": "object", "properties": {}})


def _choice(asked: Body, names: list[str]) -> ToolChoice:
    config = asked.tool_config and asked.tool_config.function_calling_config
    if not config:
        return ToolChoice()
    allowed = config.allowed_function_names or []
    where = "toolConfig.functionCallingConfig.allowedFunctionNames"
    for name in allowed:
        if name not in names:
            raise ApiError("invalid_request", f"{where} has {name!r}, which no function is", param=where)
    if config.mode != "ANY":
        if allowed:
            raise ApiError("invalid_request", f"{where} needs mode ANY, not {config.mode}", param=where)
        return ToolChoice("none" if config.mode == "NONE" else "auto")
    if not names:
        said = "mode ANY needs functions; send tools"
        raise ApiError("invalid_request", said, param="toolConfig.functionCallingConfig.mode")
    if len(allowed) == 1:
        return ToolChoice("named", allowed[0])
    if allowed and set(allowed) != set(names):
        instead = "allow one, or leave the names out to allow all"
        raise unsupported(f"a choice among {len(allowed)} of {len(names)} functions", instead, where)
    return ToolChoice("required")


def _format(config: GenerationConfig) -> Format:
    """JSON by its media type; a schema needs it, as at the provider."""
    kind = config.response_mime_type or "text/plain"
    if kind not in (_JSON, "text/plain"):
        instead = f"send {_JSON} with a schema, or text/plain"
        raise unsupported(f"responseMimeType {kind[:80]}", instead, "generationConfig.responseMimeType")
    schema = config.response_json_schema
    if config.response_schema is not None:
        if schema is not None:
            said = "responseSchema and responseJsonSchema are both given; send one of the two"
            raise ApiError("invalid_request", said, param="generationConfig.responseSchema")
        schema = json_schema(config.response_schema)
    if schema is None:
        return Format("json") if kind == _JSON else Format()
    if kind != _JSON:
        said = f"a schema needs responseMimeType {_JSON}, not {kind}"
        raise ApiError("invalid_request", said, param="generationConfig.responseMimeType")
    return Format("schema", schema)


def _effort(config: GenerationConfig) -> str | None:
    level = config.thinking_config and config.thinking_config.thinking_level
    return level.lower() if level and level != "THINKING_LEVEL_UNSPECIFIED" else None
