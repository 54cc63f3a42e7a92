"""Embeddings: reading a request, whose texts may be token ids, and writing vectors as numbers or as base64."""

from __future__ import annotations

import base64
import functools
import os
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import EmbedReply, EmbedRequest
from courseware.gateway.wire.endpoint import Head, Json
from courseware.gateway.wire.reading import Field, Ignored, Strict, read

if TYPE_CHECKING:
    import tiktoken

_ENCODING = "cl100k_base"
_MOST = 2048
Token = Annotated[int, Field(ge=0)]


class Body(Strict):
    """The body of POST /v1/embeddings."""

    model: Annotated[str, Field(min_length=1)]
    input: str | list[str] | list[Token] | list[list[Token]]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, Field(ge=1)] | None = None
    user: Ignored = None


def parse(body: Json, headers: Mapping[str, str], path: Mapping[str, str]) -> EmbedRequest:
    """Return the request; raises `ApiError` with the field at fault."""
    asked = read(body, Body)
    return EmbedRequest(
        dialect="openai.embeddings",
        model=asked.model,
        texts=_texts(asked.input),
        dimensions=asked.dimensions,
        given=frozenset(name for name, value in body.items() if value is not None),
        extras={"base64": asked.encoding_format == "base64"},
    )


def _texts(given: str | list[str] | list[int] | list[list[int]]) -> tuple[str, ...]:
    one = isinstance(given, str) or (bool(given) and isinstance(given[0], int))
    inputs: list[Any] = [given] if one else list(given)
    if not 1 <= len(inputs) <= _MOST:
        raise ApiError("invalid_request", f"input has {len(inputs)} texts; send 1 to {_MOST}", param="input")
    return tuple(_text(given, f"input.{index}") for index, given in enumerate(inputs))


def _text(given: str | list[int], where: str) -> str:
    if not given:
        raise ApiError("invalid_request", f"{where} is empty; send a text, or its tokens", param=where)
    if isinstance(given, str):
        return given
    try:
        return _encoding().decode(given)
    except (KeyError, OverflowError):
        said = f"{where} has a token that {_ENCODING} does not: {str(given)[:60]}; encode the text with {_ENCODING}"
        raise ApiError("invalid_request", said, param=where) from None


@functools.cache
def _encoding() -> tiktoken.Encoding:
    """The tokenizer of OpenAI's embedding models, from the files of the course alone."""
    from courseware.models import ModelError, tiktoken_cache_dir

    try:
        import tiktoken

        os.environ["TIKTOKEN_CACHE_DIR"] = str(tiktoken_cache_dir(_ENCODING))
    except (ImportError, ModelError) as error:
        said = f"cannot read tokens: {error}; send the texts themselves"
        raise ApiError("server", said, param="input", code="tokenizer_missing") from error
    return tiktoken.get_encoding(_ENCODING)


def render(request: EmbedRequest, reply: EmbedReply, head: Head) -> Json:
    """A list of `embedding` objects."""
    as_base64 = bool(request.extras.get("base64"))
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": index, "embedding": _base64(vector) if as_base64 else list(vector)}
            for index, vector in enumerate(reply.vectors)
        ],
        "model": reply.model,
        "usage": {"prompt_tokens": reply.input_tokens, "total_tokens": reply.input_tokens},
    }


def _base64(vector: tuple[float, ...]) -> str:
    """The vector as little-endian 32-bit floats."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
