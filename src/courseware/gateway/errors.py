"""What the gateway tells a client that cannot be answered, in no provider's shape.

ApiError          any of them; the wire format gives it its provider's body and headers
  unsupported()   the request is right, but this gateway does not answer it
Kinds and statuses follow the providers' own tables (OpenAI and Anthropic error references, read November 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Kind = Literal[
    "invalid_request",
    "authentication",
    "permission",
    "not_found",
    "too_large",
    "rate_limit",
    "overloaded",
    "server",
    "timeout",
]

STATUS: Mapping[Kind, int] = {
    "invalid_request": 400,
    "authentication": 401,
    "permission": 403,
    "not_found": 404,
    "too_large": 413,
    "rate_limit": 429,
    "server": 500,
    "timeout": 504,
    "overloaded": 529,
}


class ApiError(Exception):
    """Ends an exchange with an error that the client's SDK understands.

    `param` is the field at fault, `code` the provider-neutral short name, `retry_after_s` what a client should wait.
    """

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.kind, self.message, self.param, self.code = kind, message, param, code
        self.status = status or STATUS[kind]
        self.retry_after_s = retry_after_s


def unsupported(what: str, instead: str, param: str | None = None) -> ApiError:
    """A refusal of something a provider would do and this gateway does not: never half done, always said."""
    message = f"this gateway does not answer {what}; {instead}"
    return ApiError("invalid_request", message, param=param, code="unsupported_by_gateway")
