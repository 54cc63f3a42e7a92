"""Kept vectors are those of the documents as they are now; of others they are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from courseware import models
from courseware.corpus import Corpus, VectorsUnusable, document_vectors, make_corpus
from courseware.corpus.vectors import MODEL, SEED, texts_digest


@pytest.fixture(scope="module")
def small() -> Corpus:
    return make_corpus("small", SEED)


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "data" / "gold" / "company_vectors"


@pytest.mark.parametrize("edition", ["small", "standard"])
def test_kept_vectors_are_of_the_documents_as_they_are(edition: str, folder: Path) -> None:
    corpus = make_corpus(edition, SEED)
    vectors = document_vectors(corpus, folder / f"{edition}.npz")
    assert vectors.shape == (len(corpus.documents), 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)


def test_kept_vectors_are_what_the_model_says(small: Corpus, folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(models.path(MODEL)), device="cpu", local_files_only=True)
    some = range(0, len(small.documents), 30)
    fresh = model.encode([small.documents[row].text for row in some], normalize_embeddings=True)
    kept = document_vectors(small, folder / "small.npz")[list(some)]
    assert (fresh * kept).sum(axis=1) == pytest.approx(1, abs=1e-4)


def test_a_company_of_another_seed_has_no_kept_vectors(folder: Path) -> None:
    other = make_corpus("small", SEED + 1)
    with pytest.raises(VectorsUnusable, match=r"small.npz was made of other texts; run `python make.py`"):
        document_vectors(other, folder / "small.npz")


def test_a_file_that_is_missing_or_damaged_is_one_line(small: Corpus, tmp_path: Path) -> None:
    damaged, foreign = tmp_path / "damaged.npz", tmp_path / "foreign.npz"
    damaged.write_bytes(b"PK\x03\x04 no zip")
    np.savez(foreign, vectors=np.array([object()], dtype=object), texts=np.array(texts_digest(small)))
    for file in (tmp_path / "none.npz", damaged, foreign):
        with pytest.raises(VectorsUnusable, match=r"cannot be read: .*; run `python make.py`") as refused:
            document_vectors(small, file)
        assert len(str(refused.value).splitlines()) == 1
