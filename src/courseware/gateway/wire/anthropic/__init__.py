"""Anthropic's endpoints."""

from courseware.gateway.wire.anthropic import messages_answer, messages_request
from courseware.gateway.wire.anthropic.messages_stream import MessagesEncoder
from courseware.gateway.wire.anthropic.shape import ANTHROPIC
from courseware.gateway.wire.endpoint import Endpoint

ENDPOINTS = (
    Endpoint(ANTHROPIC, "/v1/messages", messages_request.parse, messages_answer.render, MessagesEncoder),
    Endpoint(ANTHROPIC, "/v1/messages/count_tokens", messages_request.parse_count, messages_answer.render_counted),
)
