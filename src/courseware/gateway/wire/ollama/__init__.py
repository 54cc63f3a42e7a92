"""Ollama's endpoints, and what its clients ask about models."""

from courseware.gateway.wire.endpoint import Endpoint
from courseware.gateway.wire.ollama import answer, chat, embed, generate
from courseware.gateway.wire.ollama.models import Card, model_asked_for, render_show, render_tags, render_version
from courseware.gateway.wire.ollama.shape import OLLAMA

ENDPOINTS = (
    Endpoint(OLLAMA, "/api/chat", chat.parse, answer.render_chat, answer.ChatEncoder),
    Endpoint(OLLAMA, "/api/generate", generate.parse, answer.render_generate, answer.GenerateEncoder),
    Endpoint(OLLAMA, "/api/embed", embed.parse, embed.render),
    Endpoint(OLLAMA, "/api/embeddings", embed.parse_one, embed.render_one),
)

__all__ = ["ENDPOINTS", "Card", "model_asked_for", "render_show", "render_tags", "render_version"]
