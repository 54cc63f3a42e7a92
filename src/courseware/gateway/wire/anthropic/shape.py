"""What all of Anthropic's endpoints share: error bodies, headers, the two versions of the API.

Shapes: Anthropic's API reference, its guide to version 2026-10-21 and the types of anthropic 2.12, read November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from courseware.gateway.errors import ApiError
from courseware.gateway.wire.endpoint import Json, Provider

Version = Literal["2023-06-01", "2026-10-21"]
FIRST: Version = "2023-06-01"
CURRENT: Version = "2026-10-21"
_TYPES = {
    "authentication": "authentication_error",
    "permission": "permission_error",
    "not_found": "not_found_error",
    "too_large": "request_too_large",
    "rate_limit": "rate_limit_error",
    "overloaded": "overloaded_error",
    "server": "api_error",
    "timeout": "timeout_error",
}


def error_body(error: ApiError, request_id: str) -> Json:
    """{"type": "error", "error": {type, message}, "request_id"}; the id travels in a header too."""
    return {
        "type": "error",
        "error": {"type": _TYPES.get(error.kind, "invalid_request_error"), "message": error.message},
        "request_id": request_id or None,
    }


ANTHROPIC = Provider("anthropic", error_body, "request-id", "req_")


def version_of(headers: Mapping[str, str]) -> Version:
    """Return the version of the API that the client speaks; raises `ApiError` where it names none or another."""
    named = headers.get("anthropic-version")
    if named is None:
        said = f"anthropic-version: header is required; send {CURRENT}, as the SDK does, or {FIRST}"
        raise ApiError("invalid_request", said, param="anthropic-version")
    for version in (FIRST, CURRENT):
        if named == version:
            return version
    said = f"anthropic-version: {named[:40]!r} is not a valid version; send {CURRENT} or {FIRST}"
    raise ApiError("invalid_request", said, param="anthropic-version")


def removed(what: str, instead: str, param: str) -> ApiError:
    """A refusal of what the first version of the API took and the current one does not."""
    said = f"{param}: {what} is not supported in API version {CURRENT}; {instead}"
    return ApiError("invalid_request", said, param=param)
