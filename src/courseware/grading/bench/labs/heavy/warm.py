"""What the heavy lab's template prepares: the model, and the vectors of the lab's own documents."""

from __future__ import annotations

from courseware.kernels.prepared.preparation import Preparation
from courseware.models import path

# As in the lab's first cell.
_TOPICS = (
    "cats", "stock markets", "volcanoes", "baking bread", "football",
    "quantum physics", "gardening", "jazz music", "space travel", "tax law",
)  # fmt: skip
_VERBS = ("explains", "describes", "questions", "summarises", "praises")


def prepare(warm: Preparation) -> None:
    """Load the model, and embed the documents as learners do."""
    model = warm.sentence_transformer(path("all-minilm-l6-v2"))
    documents = [
        f"Document {number}: this text {_VERBS[number % 5]} {_TOPICS[number % 10]} for reader number {number // 10}."
        for number in range(200)
    ]
    for normalised in (True, False):
        model.remember(documents, normalize_embeddings=normalised, show_progress_bar=False)
