"""Who is asking: the API key of a client, wherever its SDK puts it, and the token of who controls the gateway."""

from __future__ import annotations

import secrets

from starlette.requests import Request

from courseware.gateway.errors import ApiError


def api_key(request: Request) -> str | None:
    """The key as OpenAI, Anthropic, Cohere and Ollama (bearer), older Anthropic, and Gemini clients send it."""
    headers = request.headers
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        return bearer.strip()
    return headers.get("x-api-key") or headers.get("x-goog-api-key") or request.query_params.get("key")


def require_control(request: Request, token: str) -> None:
    """Raise ApiError unless the request carries the control token, in a header or as `?token=`."""
    given = api_key(request) or request.query_params.get("token") or ""
    if not secrets.compare_digest(given.encode(), token.encode()):
        raise ApiError("authentication", "this needs the gateway's control token; `course status` prints the address")
