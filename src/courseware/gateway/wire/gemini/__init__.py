"""Gemini's endpoints, under the API's version that the SDK asks for and under the one it asked for before."""

from courseware.gateway.wire.endpoint import Endpoint
from courseware.gateway.wire.gemini import chat_answer, chat_request, count, embed
from courseware.gateway.wire.gemini.shape import GEMINI


def _endpoints(version: str) -> tuple[Endpoint, ...]:
    at = f"/{version}/models/{{model}}"
    return (
        Endpoint(GEMINI, f"{at}:generateContent", chat_request.parse, chat_answer.render),
        Endpoint(
            GEMINI,
            f"{at}:streamGenerateContent",
            chat_request.parse_stream,
            chat_answer.render,
            chat_answer.ChatEncoder,
        ),
        Endpoint(GEMINI, f"{at}:countTokens", count.parse, count.render),
        Endpoint(GEMINI, f"{at}:embedContent", embed.parse, embed.render),
        Endpoint(GEMINI, f"{at}:batchEmbedContents", embed.parse_batch, embed.render_batch),
    )


ENDPOINTS = (*_endpoints("v1"), *_endpoints("v1beta"))
