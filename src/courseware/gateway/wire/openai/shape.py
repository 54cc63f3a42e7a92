"""What all of OpenAI's endpoints share: error bodies, headers, messages' texts, tools and formats.

Shapes: OpenAI's API reference and the SDK's own types (openai 2.54), read November 2026.
"""

from __future__ import annotations

from typing import Any, Literal

from courseware.gateway.errors import ApiError, unsupported
from courseware.gateway.exchange import Format, Text, Tool
from courseware.gateway.wire.endpoint import Json, Provider
from courseware.gateway.wire.reading import Field, JsonObject, Name, Strict

_TYPES = {
    "authentication": "authentication_error",
    "permission": "permission_error",
    "rate_limit": "rate_limit_error",
    "server": "server_error",
    "overloaded": "server_error",
    "timeout": "server_error",
}
_CODES = {"authentication": "invalid_api_key", "rate_limit": "rate_limit_exceeded"}


def error_body(error: ApiError, _request_id: str) -> Json:
    """{"error": {message, type, param, code}}; the request's id travels in a header."""
    return {
        "error": {
            "message": error.message,
            "type": _TYPES.get(error.kind, "invalid_request_error"),
            "param": error.param,
            "code": error.code or _CODES.get(error.kind),
        }
    }


OPENAI = Provider("openai", error_body, "x-request-id", "req_", statuses={"overloaded": 503})
_TEXTS = ("text", "input_text", "output_text")


class Function(Strict):
    """A tool's function, in Chat Completions below `function`, in Responses beside `type`."""

    name: Name
    description: str | None = None
    parameters: JsonObject | None = None
    strict: bool | None = None

    def tool(self) -> Tool:
        """The same in the gateway's words; a function without parameters takes none."""
        schema = self.parameters or {"type": "object", "properties": {}}
        return Tool(self.name, self.description or "", schema, bool(self.strict))


class JsonSchema(Strict):
    """A named schema for the answer."""

    name: Name
    schema_: JsonObject | None = Field(None, alias="schema")
    description: str | None = None
    strict: bool | None = None


def format_of(kind: Literal["text", "json_object", "json_schema"], schema: JsonObject | None) -> Format:
    """The answer's form."""
    if kind == "json_schema":
        return Format("schema", schema or {})
    return Format("json") if kind == "json_object" else Format()


def text_of(content: Any, where: str) -> Text:
    """Return a message's words: a string, or parts that are all text."""
    if isinstance(content, str):
        return Text(content)
    words = []
    for index, part in enumerate(content):
        if part.type not in _TEXTS or part.text is None:
            raise unsupported(f"content of type {part.type}", "send text", f"{where}.{index}")
        words.append(part.text)
    return Text("".join(words))
