"""Makes `small.npz` and `standard.npz`: a sentence vector for each document of the company of seed 1.

Run `python make.py` in this folder after `course models pull all-minilm-l6-v2`; it takes minutes on two cores. A row is
the model's vector of a document's text, of which it reads the first 256 tokens, scaled to length 1 and kept as float16.
The same machine writes the same bytes; another CPU may differ in the last bit of a few numbers.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from courseware import models
from courseware.corpus import make_corpus
from courseware.corpus.vectors import MODEL, SEED, texts_digest

EDITIONS = ("small", "standard")


def main() -> None:
    """Write both files beside this one."""
    model = SentenceTransformer(str(models.path(MODEL)), device="cpu")
    for edition in EDITIONS:
        corpus = make_corpus(edition, SEED)
        texts = [document.text for document in corpus.documents]
        vectors = model.encode(texts, normalize_embeddings=True, show_progress_bar=True).astype(np.float16)
        target = Path(__file__).with_name(f"{edition}.npz")
        np.savez(target, vectors=vectors, texts=np.array(texts_digest(corpus)))
        print(f"{target.name}: {len(texts):,} documents, {target.stat().st_size / 1e3:.0f} KB")


if __name__ == "__main__":
    main()
