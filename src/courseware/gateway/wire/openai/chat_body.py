"""The body of a Chat Completions request, field by field.

Source: OpenAI's API reference and the types of openai 2.54, read November 2026.
"""

from __future__ import annotations

from typing import Annotated, Literal

from courseware.gateway.wire.openai.shape import Function, JsonSchema
from courseware.gateway.wire.reading import Field, Ignored, Name, Strict

REFUSED = {
    "audio": "send and ask for text",
    "functions": "use tools",
    "function_call": "use tool_choice",
    "prediction": "leave it out",
    "web_search_options": "give the model a search tool of your own",
}


class Part(Strict):
    """One part of a turn's content."""

    type: str
    text: str | None = None
    image_url: Ignored = None
    input_audio: Ignored = None
    file: Ignored = None


class FunctionCall(Strict):
    """The function an assistant called; `arguments` is JSON as text."""

    name: Name
    arguments: str


class ToolCallBody(Strict):
    """A call in an assistant's turn."""

    id: str
    type: Literal["function"] = "function"
    function: FunctionCall
    index: Ignored = None


class TurnBody(Strict):
    """One message."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[Part] | None = None
    name: str | None = None
    tool_calls: list[ToolCallBody] | None = None
    tool_call_id: str | None = None
    # What an answer carries beside its content; a client may send the answer back as it came.
    refusal: Ignored = None
    annotations: Ignored = None
    audio: Ignored = None
    function_call: Ignored = None


class FunctionTool(Strict):
    """A tool."""

    type: Literal["function"]
    function: Function


class FunctionName(Strict):
    """A tool's name."""

    name: Name


class NamedTool(Strict):
    """The tool that must be called."""

    type: Literal["function"]
    function: FunctionName


class ResponseFormat(Strict):
    """The form of the answer."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class StreamOptions(Strict):
    """What a stream carries beside its chunks."""

    include_usage: bool = False
    include_obfuscation: Ignored = None


class Body(Strict):
    """The body of POST /v1/chat/completions."""

    model: Annotated[str, Field(min_length=1)]
    messages: Annotated[list[TurnBody], Field(min_length=1)]
    tools: list[FunctionTool] | None = None
    tool_choice: Literal["none", "auto", "required"] | NamedTool | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    seed: int | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    logit_bias: dict[str, Annotated[float, Field(ge=-100, le=100)]] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    stop: str | Annotated[list[str], Field(max_length=4)] | None = None
    n: Annotated[int, Field(ge=1, le=8)] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    # Accepted and without effect on an answer.
    user: Ignored = None
    metadata: Ignored = None
    store: Ignored = None
    service_tier: Ignored = None
    safety_identifier: Ignored = None
    prompt_cache_key: Ignored = None
    prompt_cache_retention: Ignored = None
    verbosity: Ignored = None
    modalities: list[Literal["text"]] | None = None
