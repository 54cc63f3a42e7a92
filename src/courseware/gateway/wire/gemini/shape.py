"""What Gemini's endpoints share: error bodies, field names in two cases, and the parts of a turn.

Shapes: Google's Gemini API reference and the types of the SDK (google-genai 3.4), read November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

from courseware.gateway.errors import ApiError, Kind, unsupported
from courseware.gateway.wire.endpoint import Json, Provider
from courseware.gateway.wire.reading import Field, Ignored, JsonObject, Name, Strict

_CODES: Mapping[Kind, str] = {
    "invalid_request": "INVALID_ARGUMENT",
    "authentication": "UNAUTHENTICATED",
    "permission": "PERMISSION_DENIED",
    "not_found": "NOT_FOUND",
    "too_large": "INVALID_ARGUMENT",
    "rate_limit": "RESOURCE_EXHAUSTED",
    "server": "INTERNAL",
    "timeout": "DEADLINE_EXCEEDED",
    "overloaded": "UNAVAILABLE",
}


def error_body(error: ApiError, _request_id: str) -> Json:
    """{"error": {code, message, status, details}} as google.rpc.Status has it."""
    details: list[Json] = []
    if error.param:
        violation = {"field": error.param, "description": error.message}
        details.append({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]})
    if error.retry_after_s is not None:
        delay = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{error.retry_after_s:g}s"}
        details.append(delay)
    said: Json = {"code": GEMINI.status(error), "message": error.message, "status": _CODES[error.kind]}
    return {"error": {**said, "details": details} if details else said}


GEMINI = Provider("gemini", error_body, "x-request-id", "", statuses={"overloaded": 503, "too_large": 400})


def upper(value: Any) -> Any:
    """An enum's name as Google writes it; JSON Schema and older clients write it small."""
    return value.upper() if isinstance(value, str) else value


Upper = BeforeValidator(upper)


class Camel(Strict):
    """A part of a body whose fields may be written camelCase or snake_case: the SDK sends both in one body."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, validate_by_alias=True)


def refuse(part: BaseModel, refused: Mapping[str, str], where: str) -> None:
    """Raise `ApiError` if `part` has one of the fields that Google knows and the gateway does not."""
    for name, instead in refused.items():
        if getattr(part, name) not in (None, False):
            field = to_camel(name)
            raise unsupported(f"the field {field}", instead, f"{where}.{field}" if where else field)


class FunctionCall(Camel):
    """A call in a model's turn."""

    id: str | None = None
    name: Name
    args: JsonObject | None = None


class FunctionResponse(Camel):
    """What a function gave back."""

    id: str | None = None
    name: Name
    response: JsonObject
    parts: Ignored = None
    will_continue: Ignored = None
    scheduling: Ignored = None


class PartBody(Camel):
    """One part of a turn."""

    text: str | None = None
    thought: bool | None = None
    function_call: FunctionCall | None = None
    function_response: FunctionResponse | None = None
    inline_data: Ignored = None
    file_data: Ignored = None
    executable_code: Ignored = None
    code_execution_result: Ignored = None
    tool_call: Ignored = None
    tool_response: Ignored = None
    # What an answer of the provider's carries beside its words; a client sends the answer back as it came.
    thought_signature: Ignored = None
    part_metadata: Ignored = None
    # How to read media, which are refused themselves.
    video_metadata: Ignored = None
    media_resolution: Ignored = None


REFUSED_PARTS = {
    "inline_data": "send text",
    "file_data": "send text",
    "executable_code": "run code in a function of your own",
    "code_execution_result": "run code in a function of your own",
    "tool_call": "call functions of your own",
    "tool_response": "call functions of your own",
}
REFUSED_RESPONSES = {
    "parts": "put the result into response",
    "will_continue": "send the whole result at once",
    "scheduling": "leave it out",
}


class ContentBody(Camel):
    """One turn."""

    role: str | None = None
    parts: Annotated[list[PartBody], Field(min_length=1)]


def words_of(content: ContentBody, where: str) -> str:
    """Return the words of a turn that may hold nothing else."""
    words = []
    for index, part in enumerate(content.parts):
        refuse(part, REFUSED_PARTS, f"{where}.parts.{index}")
        if part.text is None:
            raise ApiError("invalid_request", f"{where}.parts.{index} has no text; send text only", param=where)
        words.append(part.text)
    return "".join(words)


def model_of(path: Mapping[str, str], named: str | None = None) -> str:
    """Return the model that the path names; a body that names one too must agree. Raises `ApiError`."""
    model = path["model"].removeprefix("models/")
    if named is not None and named.removeprefix("models/") != model:
        said = f"the body's model is {named!r} and the path's is {model!r}; name one model"
        raise ApiError("invalid_request", said, param="model")
    return model
