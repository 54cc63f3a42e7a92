"""Embeddings: every form of input, both forms of output, as OpenAI's SDK reads them."""

from __future__ import annotations

import base64
import struct
from pathlib import Path
from typing import Any

import openai
import pytest

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import EmbedReply, EmbedRequest, Origin
from courseware.gateway.wire.openai import embeddings

ORIGIN = Origin("local", "all-minilm-l6-v2", "local")
REPLY = EmbedReply("local/all-minilm-l6-v2", ((0.5, -0.25), (1.0, 0.1)), 7, ORIGIN)


def ask(**fields: Any) -> EmbedRequest:
    """A request of these fields."""
    return embeddings.parse({"model": "course-embed", "input": "Hi", **fields}, {}, {})


def test_sdk(gpt: openai.OpenAI, wire: Any) -> None:
    wire.replies = [REPLY, REPLY]
    packed = gpt.embeddings.create(model="course-embed", input=["a", "b"], dimensions=2)
    listed = gpt.embeddings.create(model="course-embed", input=["a", "b"], encoding_format="float")
    assert wire.bodies[0]["encoding_format"] == "base64"
    assert packed.data[0].embedding == listed.data[0].embedding == [0.5, -0.25]
    assert packed.data[1].embedding == pytest.approx([1.0, 0.1])
    assert (packed.model, packed.usage.prompt_tokens, packed.usage.total_tokens) == ("local/all-minilm-l6-v2", 7, 7)
    assert (wire.asked[0].texts, wire.asked[0].dimensions) == (("a", "b"), 2)


def test_base64_is_little_endian_float32() -> None:
    request = ask(input=["a", "b"], encoding_format="base64")
    data = embeddings.render(request, REPLY, None)["data"]  # type: ignore[arg-type]
    assert struct.unpack("<2f", base64.b64decode(data[0]["embedding"])) == (0.5, -0.25)


@pytest.mark.parametrize(
    ("given", "texts"),
    [
        ("Hi", ("Hi",)),
        (["Hi", "there"], ("Hi", "there")),
        pytest.param([15339, 1917], ("hello world",), marks=pytest.mark.needs_models),
        pytest.param([[15339], [1917]], ("hello", " world"), marks=pytest.mark.needs_models),
    ],
)
def test_inputs(given: Any, texts: tuple[str, ...]) -> None:
    assert ask(input=given).texts == texts


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "input.0 is empty"),
        ([], "input has 0 texts; send 1 to 2048"),
        (["a", ""], "input.1 is empty"),
        ([[]], "input.0 is empty"),
        (["a"] * 2049, "input has 2049 texts"),
        (["a", 1], "input.1 is"),
        ([-1], "input.0 is -1"),
        (None, "input is null"),
    ],
)
def test_inputs_that_are_none(given: Any, said: str) -> None:
    with pytest.raises(ApiError) as caught:
        ask(input=given)
    assert said in caught.value.message


@pytest.mark.needs_models
@pytest.mark.parametrize("token", [100_256, 10**9, 2**63])
def test_a_token_that_is_none(token: int) -> None:
    with pytest.raises(ApiError, match=r"input\.0 has a token that cl100k_base does not"):
        ask(input=[token])


def test_tokens_without_a_tokenizer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COURSE_MODELS", str(tmp_path))
    embeddings._encoding.cache_clear()
    with pytest.raises(ApiError, match="send the texts themselves") as caught:
        ask(input=[15339])
    assert caught.value.code == "tokenizer_missing"


def test_other_fields() -> None:
    assert ask(user="u", dimensions=3).given == {"model", "input", "user", "dimensions"}
    with pytest.raises(ApiError, match="dimensions is 0"):
        ask(dimensions=0)
    with pytest.raises(ApiError, match="input_type is not a parameter"):
        ask(input_type="query")
