"""Vectors without a model: hashed words and letter triples. Similar spelling gives similar vectors, meaning does not.

Used where no live model may answer (strict mode) and only when a session asks for it by name.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import EmbedReply, EmbedRequest, Origin, RerankReply, RerankRequest
from courseware.gateway.keys import fold

NAME = "hashing"
DIMENSIONS = 384
MOST_DIMENSIONS = 8_192


class HashingEmbedder:
    """The hashing trick (Weinberger et al., 2009) over words and letter triples, with signs; vectors have length 1."""

    def embed(self, request: EmbedRequest) -> EmbedReply:
        """Return a vector for each text; the texts' words are counted as tokens. Raises ApiError."""
        size = request.dimensions or DIMENSIONS
        if size > MOST_DIMENSIONS:
            message = f"dimensions is {size}; a vector has at most {MOST_DIMENSIONS:,}"
            raise ApiError("invalid_request", message, param="dimensions")
        vectors = tuple(vector(text, size) for text in request.texts)
        origin = Origin("simulator", NAME, f"simulator {NAME}: {size} hashed features of spelling; no model")
        return EmbedReply(f"simulator/{NAME}", vectors, sum(len(text.split()) for text in request.texts), origin)

    def rank(self, request: RerankRequest) -> RerankReply:
        """Order documents by the cosine with the query, where negative values count as none."""
        query = vector(request.query, DIMENSIONS)
        scores = [_cosine(query, vector(document, DIMENSIONS)) for document in request.documents]
        ranking = sorted(enumerate(scores), key=lambda scored: -scored[1])[: request.top_n]
        origin = Origin("simulator", NAME, f"simulator {NAME}: likeness of spelling; no model")
        return RerankReply(f"simulator/{NAME}", tuple(ranking), origin)


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    return max(0.0, min(1.0, sum(a * b for a, b in zip(one, other, strict=True))))


def vector(text: str, size: int) -> tuple[float, ...]:
    """One text's vector; an empty text's is all zeros."""
    values = [0.0] * size
    for feature in _features(fold(text).split()):
        code = zlib.crc32(feature.encode())
        values[code % size] += 1.0 if code & 0x80000000 else -1.0
    length = math.sqrt(sum(value * value for value in values))
    return tuple(value / length for value in values) if length else tuple(values)


def _features(words: Sequence[str]) -> list[str]:
    triples = [f"#{word}#"[start : start + 3] for word in words for start in range(len(word))]
    return [*words, *triples]
