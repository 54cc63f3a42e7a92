"""Every endpoint of every provider."""

from __future__ import annotations

from courseware.gateway.wire import anthropic, cohere, gemini, ollama, openai
from courseware.gateway.wire.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *openai.ENDPOINTS,
    *anthropic.ENDPOINTS,
    *cohere.ENDPOINTS,
    *gemini.ENDPOINTS,
    *ollama.ENDPOINTS,
)
