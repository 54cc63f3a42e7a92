"""POST /v1/models/{model}:embedContent and :batchEmbedContents.

Source: Google's Gemini API reference and the types of google-genai 3.4, read November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from courseware.gateway.errors import unsupported
from courseware.gateway.exchange import EmbedReply, EmbedRequest
from courseware.gateway.wire.endpoint import Head, Json
from courseware.gateway.wire.gemini.shape import Camel, ContentBody, Upper, model_of, refuse, words_of
from courseware.gateway.wire.reading import Field, Ignored, read

_Task = Literal[
    "TASK_TYPE_UNSPECIFIED",
    "RETRIEVAL_QUERY",
    "RETRIEVAL_DOCUMENT",
    "SEMANTIC_SIMILARITY",
    "CLASSIFICATION",
    "CLUSTERING",
    "QUESTION_ANSWERING",
    "FACT_VERIFICATION",
    "CODE_RETRIEVAL_QUERY",
]
_QUERIES = ("RETRIEVAL_QUERY", "QUESTION_ANSWERING", "FACT_VERIFICATION", "CODE_RETRIEVAL_QUERY")
_REFUSED = {"title": "write the title into the text"}


class One(Camel):
    """A text to embed."""

    model: str | None = None
    content: ContentBody
    task_type: Annotated[_Task, Upper] | None = None
    output_dimensionality: Annotated[int, Field(ge=1)] | None = None
    title: Ignored = None

    @property
    def purpose(self) -> Literal["query", "document", "any"]:
        """What the text is for."""
        if self.task_type in _QUERIES:
            return "query"
        return "document" if self.task_type == "RETRIEVAL_DOCUMENT" else "any"


class Batch(Camel):
    """The body of POST /v1/models/{model}:batchEmbedContents."""

    requests: Annotated[list[One], Field(min_length=1, max_length=100)]


def parse(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> EmbedRequest:
    """Return the request of embedContent; raises `ApiError` with the field at fault."""
    return _request([read(body, One)], [""], path)


def parse_batch(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> EmbedRequest:
    """The same for batchEmbedContents, whose texts must be for one purpose and of one length."""
    asked = read(body, Batch).requests
    for one in asked:
        if (one.purpose, one.output_dimensionality) != (asked[0].purpose, asked[0].output_dimensionality):
            instead = "send one batch for each taskType and outputDimensionality"
            raise unsupported("a batch of texts for several purposes or of several lengths", instead, "requests")
    return _request(asked, [f"requests.{index}." for index in range(len(asked))], path)


def _request(asked: list[One], places: list[str], path: Mapping[str, str]) -> EmbedRequest:
    texts = []
    for one, place in zip(asked, places, strict=True):
        refuse(one, _REFUSED, place.removesuffix("."))
        model = model_of(path, one.model)
        texts.append(words_of(one.content, f"{place}content"))
    return EmbedRequest("gemini.embed", model, tuple(texts), asked[0].purpose, asked[0].output_dimensionality)


def render(request: EmbedRequest, reply: EmbedReply, head: Head) -> Json:
    """An EmbedContentResponse."""
    return {"embedding": {"values": list(reply.vectors[0])}, "usageMetadata": _usage(reply)}


def render_batch(request: EmbedRequest, reply: EmbedReply, head: Head) -> Json:
    """A BatchEmbedContentsResponse: one vector for each text, in their order."""
    return {"embeddings": [{"values": list(vector)} for vector in reply.vectors], "usageMetadata": _usage(reply)}


def _usage(reply: EmbedReply) -> Json:
    return {"promptTokenCount": reply.input_tokens}
