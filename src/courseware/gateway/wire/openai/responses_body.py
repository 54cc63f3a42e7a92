"""The body of a Responses request, field by field.

Source: OpenAI's API reference and the types of openai 2.54, read November 2026.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Tag

from courseware.gateway.wire.openai.shape import Function, JsonSchema
from courseware.gateway.wire.reading import Field, Ignored, Name, Other, Strict, by_type

REFUSED = {
    "background": "wait for the answer, or stream it",
    "context_management": "shorten the input yourself",
    "conversation": "use previous_response_id, or send the earlier turns as input",
    "moderation": "check the text in your own code",
    "prompt": "send the prompt's text as instructions and input",
}


class TextPart(Strict):
    """Words; `input_text` is said to the model, `output_text` was said by it."""

    type: Literal["input_text", "output_text"]
    text: str
    # What an answer carries beside its words; a client may send the answer back as it came.
    annotations: Ignored = None
    logprobs: Ignored = None
    prompt_cache_breakpoint: Ignored = None


Part = Annotated[
    Annotated[TextPart, Tag("Text")] | Annotated[Other, Tag("Other")],
    by_type({"input_text": "Text", "output_text": "Text"}),
]


class MessageItem(Strict):
    """A turn of words."""

    type: Literal["message"] = "message"
    role: Literal["user", "assistant", "system", "developer"]
    content: str | list[Part]
    id: Ignored = None
    status: Ignored = None
    phase: Ignored = None


class CallItem(Strict):
    """A function call of an assistant; `arguments` is JSON as text."""

    type: Literal["function_call"]
    call_id: str
    name: Name
    arguments: str
    id: Ignored = None
    status: Ignored = None
    caller: Ignored = None
    namespace: None = None


class OutputItem(Strict):
    """What a function gave back."""

    type: Literal["function_call_output"]
    call_id: str
    output: str | list[Part]
    id: Ignored = None
    status: Ignored = None
    caller: Ignored = None
    name: Ignored = None
    namespace: None = None


class ReasoningItem(Strict):
    """Reasoning in an earlier answer; models of this gateway do not read it."""

    type: Literal["reasoning"]
    id: Ignored = None
    summary: Ignored = None
    content: Ignored = None
    encrypted_content: Ignored = None
    status: Ignored = None


Item = Annotated[
    Annotated[MessageItem, Tag("Message")]
    | Annotated[CallItem, Tag("Call")]
    | Annotated[OutputItem, Tag("Output")]
    | Annotated[ReasoningItem, Tag("Reasoning")]
    | Annotated[Other, Tag("Other")],
    by_type(
        {"message": "Message", "function_call": "Call", "function_call_output": "Output", "reasoning": "Reasoning"},
        "Message",
    ),
]


class FunctionTool(Function):
    """A tool of the client's own; unlike in Chat Completions its fields stand beside `type`."""

    type: Literal["function"]
    defer_loading: bool | None = None
    allowed_callers: list[str] | None = None
    output_schema: Ignored = None


ToolItem = Annotated[
    Annotated[FunctionTool, Tag("Function")] | Annotated[Other, Tag("Other")], by_type({"function": "Function"})
]


class NamedFunction(Strict):
    """The tool that must be called."""

    type: Literal["function"]
    name: Name


Choice = Annotated[
    Annotated[NamedFunction, Tag("Function")] | Annotated[Other, Tag("Other")], by_type({"function": "Function"})
]


class PlainFormat(Strict):
    """Free text, or any JSON object."""

    type: Literal["text", "json_object"]


class SchemaFormat(JsonSchema):
    """JSON that fits a schema; unlike in Chat Completions its fields stand beside `type`."""

    type: Literal["json_schema"]


class TextConfig(Strict):
    """The form of the answer's text."""

    format: Annotated[PlainFormat | SchemaFormat, Field(discriminator="type")] | None = None
    verbosity: Ignored = None


class Reasoning(Strict):
    """How long the model thinks."""

    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    summary: Ignored = None
    generate_summary: Ignored = None
    context: Ignored = None
    mode: Ignored = None


class StreamOptions(Strict):
    """What a stream carries beside its events."""

    include_obfuscation: Ignored = None


class Body(Strict):
    """The body of POST /v1/responses."""

    model: Annotated[str, Field(min_length=1)]
    input: str | list[Item] | None = None
    instructions: str | None = None
    previous_response_id: str | None = None
    store: bool | None = None
    tools: list[ToolItem] | None = None
    tool_choice: Literal["none", "auto", "required"] | Choice | None = None
    parallel_tool_calls: bool | None = None
    text: TextConfig | None = None
    reasoning: Reasoning | None = None
    max_output_tokens: Annotated[int, Field(ge=16)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    include: list[str] | None = None
    truncation: Literal["auto", "disabled"] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    metadata: dict[str, str] | None = None
    # Accepted and without effect on an answer.
    max_tool_calls: Ignored = None
    prompt_cache_key: Ignored = None
    prompt_cache_options: Ignored = None
    prompt_cache_retention: Ignored = None
    safety_identifier: Ignored = None
    service_tier: Ignored = None
    user: Ignored = None
