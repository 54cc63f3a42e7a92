"""The body of a Messages request, field by field.

Source: Anthropic's API reference and the types of anthropic 2.12, read November 2026.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints, Tag

from courseware.gateway.wire.reading import Field, Ignored, JsonObject, Other, Strict, by_type

REFUSED = {
    "compaction": "shorten the messages yourself",
    "container": "run code in a tool of your own",
    "context_management": "shorten the messages yourself",
    "diagnostics": "compare the usage of two answers",
    "fallback_credit_token": "leave it out",
    "fallbacks": "ask the other model yourself",
    "mcp_servers": "connect to the MCP server in your own code and send its tools as tools",
    "output_format": "use output_config with a format",
    "thread": "keep the conversation yourself: pass thread=False to the tool runner, which then sends all messages",
}
ToolName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,128}$")]
CallId = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]+$")]


class CacheControl(Strict):
    """A mark: the request up to here is worth keeping, for five minutes or an hour."""

    type: Literal["ephemeral"]
    ttl: Literal["5m", "1h"] = "5m"
    scope: Ignored = None


class Cacheable(Strict):
    """Something that a mark may stand on."""

    cache_control: CacheControl | None = None


class TextBlock(Cacheable):
    """Words. An answer may be sent back with its citations, which say nothing new to the model."""

    type: Literal["text"]
    text: str
    citations: list[JsonObject] | None = None


class TextSource(Strict):
    """A document's words."""

    type: Literal["text"]
    media_type: Literal["text/plain"] = "text/plain"
    data: str


class CitationsConfig(Strict):
    """Whether an answer may cite the document."""

    enabled: bool = False


Source = Annotated[Annotated[TextSource, Tag("Text")] | Annotated[Other, Tag("Other")], by_type({"text": "Text"})]


class DocumentBlock(Cacheable):
    """A document beside the words."""

    type: Literal["document"]
    source: Source
    title: str | None = None
    context: str | None = None
    citations: CitationsConfig | None = None


class ToolUseBlock(Cacheable):
    """A call in an assistant's turn."""

    type: Literal["tool_use"]
    id: CallId
    name: ToolName
    input: JsonObject
    caller: Ignored = None
    toolset_name: None = None


ResultPart = Annotated[Annotated[TextBlock, Tag("Text")] | Annotated[Other, Tag("Other")], by_type({"text": "Text"})]


class ToolResultBlock(Cacheable):
    """What a tool gave back."""

    type: Literal["tool_result"]
    tool_use_id: CallId
    content: str | list[ResultPart] | None = None
    is_error: bool | None = None
    toolset_name: None = None


class ThinkingBlock(Strict):
    """Thinking in an earlier answer; models of this gateway do not read it."""

    type: Literal["thinking", "redacted_thinking"]
    thinking: Ignored = None
    signature: Ignored = None
    data: Ignored = None


Block = Annotated[
    Annotated[TextBlock, Tag("Text")]
    | Annotated[DocumentBlock, Tag("Document")]
    | Annotated[ToolUseBlock, Tag("Use")]
    | Annotated[ToolResultBlock, Tag("Result")]
    | Annotated[ThinkingBlock, Tag("Thinking")]
    | Annotated[Other, Tag("Other")],
    by_type(
        {
            "text": "Text",
            "document": "Document",
            "tool_use": "Use",
            "tool_result": "Result",
            "thinking": "Thinking",
            "redacted_thinking": "Thinking",
        }
    ),
]


class TurnBody(Strict):
    """One message."""

    role: Literal["user", "assistant", "system"]
    content: str | list[Block]

    def blocks(self) -> list[Block]:
        """The content; a string is one block of text."""
        return [TextBlock(type="text", text=self.content)] if isinstance(self.content, str) else self.content


class CustomTool(Cacheable):
    """A tool of the client's own."""

    type: Literal["custom"] | None = None
    name: ToolName
    description: str | None = None
    input_schema: JsonObject
    strict: bool | None = None
    eager_input_streaming: Ignored = None
    allowed_callers: list[str] | None = None
    defer_loading: bool | None = None
    input_examples: Ignored = None


ToolBody = Annotated[
    Annotated[CustomTool, Tag("Custom")] | Annotated[Other, Tag("Other")], by_type({"custom": "Custom"}, "Custom")
]


class ToolChoiceBody(Strict):
    """Whether a tool is called."""

    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class OutputFormat(Strict):
    """The schema of the answer."""

    type: Literal["json_schema"]
    schema_: JsonObject = Field(alias="schema")


class OutputConfig(Strict):
    """How the answer is made, and its form."""

    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: OutputFormat | None = None


class Thinking(Strict):
    """Whether the model thinks before it answers."""

    type: Literal["disabled", "adaptive", "enabled", "between_tools"]
    display: Ignored = None
    budget_tokens: Ignored = None


class Prompt(Strict):
    """What the model reads: the body of POST /v1/messages/count_tokens."""

    model: Annotated[str, Field(min_length=1)]
    messages: Annotated[list[TurnBody], Field(min_length=1)]
    system: str | list[TextBlock] | None = None
    tools: list[ToolBody] | None = None
    tool_choice: ToolChoiceBody | None = None
    output_config: OutputConfig | None = None
    thinking: Thinking | None = None
    cache_control: CacheControl | None = None
    # Accepted and without effect on an answer.
    speed: Ignored = None
    user_profile_id: Ignored = None
    workspace_id: Ignored = None

    def system_blocks(self) -> list[TextBlock]:
        """The system text; a string is one block, and an empty one none."""
        if isinstance(self.system, str):
            return [TextBlock(type="text", text=self.system)] if self.system else []
        return self.system or []


class Body(Prompt):
    """The body of POST /v1/messages."""

    max_tokens: Annotated[int, Field(ge=0)]
    stop_sequences: list[str] | None = None
    stream: bool | None = None
    temperature: Annotated[float, Field(ge=0, le=1)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=0)] | None = None
    # Accepted and without effect on an answer.
    metadata: Ignored = None
    service_tier: Ignored = None
    inference_geo: Ignored = None
    billing_policy: Ignored = None
