"""The hashing embedder gives the same vector for the same text on every machine, and like vectors for like spelling."""

from __future__ import annotations

import hashlib
import json
import math
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import EmbedReply, EmbedRequest, RerankReply, RerankRequest
from courseware.gateway.simulators import HashingEmbedder
from courseware.gateway.simulators.hashing import DIMENSIONS, vector

repeatable = settings(derandomize=True, deadline=None, max_examples=60, database=None)
TEXTS = ("a cat", "Straße 7", "日本語", "line\none", "", "👩‍🔬")
HASHES = """
import hashlib, json, sys
from courseware.gateway.simulators.hashing import vector
print(hashlib.sha256(json.dumps([vector(text, 384) for text in json.loads(sys.argv[1])]).encode()).hexdigest())
"""


def embed(*texts: str, dimensions: int | None = None) -> EmbedReply:
    return HashingEmbedder().embed(EmbedRequest("openai.embeddings", "course-embed", texts, dimensions=dimensions))


@pytest.mark.parametrize("seed", ["0", "7"])
def test_another_process_makes_the_same_vectors(seed: str) -> None:
    here = hashlib.sha256(json.dumps([vector(text, 384) for text in TEXTS]).encode()).hexdigest()
    there = subprocess.run(
        [sys.executable, "-c", HASHES, json.dumps(TEXTS)],
        env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert there.stdout.strip() == here


@repeatable
@given(st.text(max_size=60), st.integers(2, 512))
def test_vectors_have_length_one_or_are_all_zeros(text: str, size: int) -> None:
    length = math.hypot(*vector(text, size))
    assert length == pytest.approx(1) or length == 0


@pytest.mark.parametrize("text", [text for text in TEXTS if text])
def test_a_text_with_words_has_length_one(text: str) -> None:
    assert math.hypot(*vector(text, DIMENSIONS)) == pytest.approx(1)


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_a_text_without_words_is_all_zeros(text: str) -> None:
    assert set(vector(text, 8)) == {0.0}


@repeatable
@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_a_texts_vector_does_not_depend_on_its_neighbours(texts: list[str]) -> None:
    assert embed(*texts).vectors == tuple(embed(text).vectors[0] for text in texts) == embed(*texts).vectors


def test_like_spelling_is_near_and_unlike_spelling_is_not() -> None:
    word, like, unlike = embed("tokenizer", "tokenizers", "zebra").vectors
    assert sum(a * b for a, b in zip(word, like, strict=True)) > 0.5
    assert abs(sum(a * b for a, b in zip(word, unlike, strict=True))) < 0.3


@pytest.mark.parametrize(("asked", "size"), [(None, DIMENSIONS), (8, 8), (1536, 1536)])
def test_vectors_are_as_long_as_asked(asked: int | None, size: int) -> None:
    assert len(embed("a cat", dimensions=asked).vectors[0]) == size


def test_vectors_longer_than_any_models_are_refused() -> None:
    with pytest.raises(ApiError, match="dimensions is 1000000000") as caught:
        embed("a cat", dimensions=1_000_000_000)
    assert (caught.value.status, caught.value.param) == (400, "dimensions")


def test_the_reply_says_that_no_model_made_it() -> None:
    reply = embed("one two", "three")
    assert (reply.model, reply.origin.tier, reply.origin.id) == ("simulator/hashing", "simulator", "hashing")
    assert "no model" in reply.origin.provenance
    assert reply.input_tokens == 3


def rank(query: str, *documents: str, top_n: int | None = None) -> RerankReply:
    return HashingEmbedder().rank(RerankRequest("cohere.rerank", "course-embed", query, documents, top_n))


def test_documents_are_ordered_by_likeness_of_spelling() -> None:
    reply = rank("tokenizers", "zebra", "a tokenizer", "tokenizers")
    assert [index for index, _ in reply.ranking][:2] == [2, 1]
    assert reply.ranking[0][1] == pytest.approx(1)
    assert (reply.model, reply.origin.tier) == ("simulator/hashing", "simulator")


@pytest.mark.parametrize(("top_n", "kept"), [(None, 3), (2, 2), (9, 3)])
def test_only_the_best_are_kept_where_asked(top_n: int | None, kept: int) -> None:
    assert rank("a", "b", "c", "a", top_n=top_n).ranking == rank("a", "b", "c", "a").ranking[:kept]


@repeatable
@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=4))
def test_relevance_is_from_0_to_1_and_never_rises(query: str, documents: list[str]) -> None:
    scores = [score for _, score in rank(query, *documents).ranking]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert len(scores) == len(documents)
