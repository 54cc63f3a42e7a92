"""POST /v1/models/{model}:countTokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import ChatRequest
from courseware.gateway.wire.endpoint import Head, Json
from courseware.gateway.wire.gemini import chat_request

_WRAPPED = ("generateContentRequest", "generate_content_request")


def parse(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> ChatRequest:
    """Return the request to count: `contents`, or a whole generateContent request. Raises `ApiError`."""
    for name in _WRAPPED:
        if isinstance(body, dict) and name in body:
            if len(body) > 1:
                said = f"{name} stands beside other fields; send it alone, or contents alone"
                raise ApiError("invalid_request", said, param=name)
            body = body[name]
    request = chat_request.parse(body, headers, path)
    return replace(request, dialect="gemini.count", extras={"count_only": True})


def render(request: ChatRequest, input_tokens: int, head: Head) -> Json:
    """A CountTokensResponse."""
    return render_count(input_tokens)


def render_count(input_tokens: int) -> Json:
    """The tokens of the whole input, all of them text."""
    return {
        "totalTokens": input_tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": input_tokens}],
    }
