"""OpenAI's endpoints."""

from courseware.gateway.wire.endpoint import Endpoint
from courseware.gateway.wire.openai import chat_answer, chat_request, embeddings, responses_answer, responses_request
from courseware.gateway.wire.openai.responses_stream import ResponsesEncoder
from courseware.gateway.wire.openai.shape import OPENAI

ENDPOINTS = (
    Endpoint(OPENAI, "/v1/chat/completions", chat_request.parse, chat_answer.render, chat_answer.ChatEncoder),
    Endpoint(OPENAI, "/v1/responses", responses_request.parse, responses_answer.render, ResponsesEncoder),
    Endpoint(OPENAI, "/v1/embeddings", embeddings.parse, embeddings.render),
)
