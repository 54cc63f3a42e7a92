"""OpenAI's endpoints."""

from courseware.gateway.wire.endpoint import Endpoint
from courseware.gateway.wire.openai import chat_answer, chat_request
from courseware.gateway.wire.openai.shape import OPENAI

ENDPOINTS = (Endpoint(OPENAI, "/v1/chat/completions", chat_request.parse, chat_answer.render, chat_answer.ChatEncoder),)
