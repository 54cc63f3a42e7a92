"""Cohere's endpoints: rerank and embed of API version 2."""

from courseware.gateway.wire.cohere import embed, rerank
from courseware.gateway.wire.cohere.shape import COHERE
from courseware.gateway.wire.endpoint import Endpoint

ENDPOINTS = (
    Endpoint(COHERE, "/v2/rerank", rerank.parse, rerank.render),
    Endpoint(COHERE, "/v2/embed", embed.parse, embed.render),
)
