"""Whose client is asking, where the path alone has to tell: for lists of models, and for paths that nobody has."""

from __future__ import annotations

from starlette.requests import Request

from courseware.gateway.wire.anthropic.shape import ANTHROPIC
from courseware.gateway.wire.cohere.shape import COHERE
from courseware.gateway.wire.endpoint import Provider
from courseware.gateway.wire.gemini.shape import GEMINI
from courseware.gateway.wire.ollama.shape import OLLAMA
from courseware.gateway.wire.openai.shape import OPENAI

_BEGINNINGS = (("/api/", OLLAMA), ("/v2/", COHERE), ("/v1beta/", GEMINI), ("/v1/messages", ANTHROPIC))


def provider_of(request: Request) -> Provider:
    """The provider whose shapes this client reads; OpenAI's where nothing speaks for another."""
    for beginning, provider in _BEGINNINGS:
        if request.url.path.startswith(beginning):
            return provider
    if "x-goog-api-key" in request.headers:
        return GEMINI
    return ANTHROPIC if "anthropic-version" in request.headers else OPENAI
