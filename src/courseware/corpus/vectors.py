"""Vectors of a company's documents that were made once and kept: to embed 1,200 documents takes minutes.

Made by `data/gold/company_vectors/make.py` for the company of seed 1. They belong to the texts that they were made of,
so each file says which those were.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from courseware.corpus.corpus import Corpus
from courseware.corpus.errors import VectorsUnusable

MODEL, SEED = "all-minilm-l6-v2", 1


def texts_digest(corpus: Corpus) -> str:
    """Return the SHA-256 of all documents' ids and texts in their order, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for document in corpus.documents:
        for part in (document.id, document.text):
            digest.update(len(part.encode()).to_bytes(8, "big") + part.encode())
    return digest.hexdigest()


def document_vectors(corpus: Corpus, file: Path) -> npt.NDArray[np.float32]:
    """Return the kept vectors of a corpus's documents, a row for each, in their order, each of length 1.

    Shape (documents, 384). Raises VectorsUnusable where the file is missing or was made of other texts.
    """
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
            vectors, texts = kept["vectors"].astype(np.float32), str(kept["texts"])
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise VectorsUnusable(file, f"cannot be read: {error}") from error
    if texts != texts_digest(corpus):
        raise VectorsUnusable(file, "was made of other texts")
    lengths: Any = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: npt.NDArray[np.float32] = vectors / lengths
    return scaled
