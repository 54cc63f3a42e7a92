"""The body of a generateContent request, field by field.

Source: Google's Gemini API reference and the types of google-genai 3.4, read November 2026.
"""

from __future__ import annotations

from typing import Annotated, Literal

from courseware.gateway.wire.gemini.schema import SchemaBody
from courseware.gateway.wire.gemini.shape import Camel, ContentBody, Upper
from courseware.gateway.wire.reading import Field, Ignored, JsonObject, Name

REFUSED = {
    "cached_content": "send the whole conversation",
    "continuation_token": "send the whole conversation",
}
REFUSED_CONFIG = {
    "speech_config": "ask for text",
    "image_config": "ask for text",
    "audio_transcription_config": "ask for text",
}
REFUSED_TOOLS = {
    "google_search": "declare a search function of your own",
    "google_search_retrieval": "declare a search function of your own",
    "google_maps": "declare a function of your own",
    "url_context": "put the page's text into the conversation",
    "code_execution": "declare a function that runs code",
    "file_search": "declare a search function of your own",
    "computer_use": "declare functions of your own",
    "mcp_servers": "connect to the server yourself and declare its functions",
}


class FunctionDeclaration(Camel):
    """A function; its parameters are a schema of Gemini's kind or a JSON Schema."""

    name: Name
    description: str | None = None
    parameters: SchemaBody | None = None
    parameters_json_schema: JsonObject | None = None
    # What the function gives back: the gateway's models see the result itself.
    response: Ignored = None
    response_json_schema: Ignored = None


class ToolBody(Camel):
    """A set of functions."""

    function_declarations: list[FunctionDeclaration] | None = None
    google_search: Ignored = None
    google_search_retrieval: Ignored = None
    google_maps: Ignored = None
    url_context: Ignored = None
    code_execution: Ignored = None
    file_search: Ignored = None
    computer_use: Ignored = None
    mcp_servers: Ignored = None


class FunctionCallingConfig(Camel):
    """Whether a function must be called."""

    mode: Annotated[Literal["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"], Upper] | None = None
    allowed_function_names: list[Name] | None = None


class ToolConfig(Camel):
    """How functions are called."""

    function_calling_config: FunctionCallingConfig | None = None


class ThinkingConfig(Camel):
    """How much the model thinks; a budget and shown thoughts are without effect, since it shows none."""

    thinking_level: (
        Annotated[Literal["THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"], Upper] | None
    ) = None
    thinking_budget: Ignored = None
    include_thoughts: Ignored = None


class GenerationConfig(Camel):
    """Sampling, limits and the answer's form."""

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    seed: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None = None
    max_output_tokens: Annotated[int, Field(ge=1)] | None = None
    stop_sequences: Annotated[list[str], Field(max_length=5)] | None = None
    candidate_count: Annotated[int, Field(ge=1, le=8)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    response_logprobs: bool | None = None
    logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    response_mime_type: str | None = None
    response_schema: SchemaBody | None = None
    response_json_schema: JsonObject | None = None
    thinking_config: ThinkingConfig | None = None
    response_modalities: list[Annotated[Literal["TEXT"], Upper]] | None = None
    speech_config: Ignored = None
    image_config: Ignored = None
    audio_transcription_config: Ignored = None
    # Accepted and without effect on an answer in words.
    media_resolution: Ignored = None
    enable_enhanced_civic_answers: Ignored = None


class Body(Camel):
    """The body of POST /v1/models/{model}:generateContent."""

    model: str | None = None
    contents: Annotated[list[ContentBody], Field(min_length=1)]
    system_instruction: ContentBody | None = None
    tools: list[ToolBody] | None = None
    tool_config: ToolConfig | None = None
    generation_config: GenerationConfig | None = None
    cached_content: Ignored = None
    continuation_token: Ignored = None
    # Accepted and without effect on an answer.
    safety_settings: Ignored = None
    labels: Ignored = None
    service_tier: Ignored = None
    store: Ignored = None
