"""BM25, to say how hard a question is for word matching.

The labs use a library; the extra `base` has none, and the corpus must be built with it.
Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), k1 = 1.5, b = 0.75.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

_WORD = re.compile(r"\w+")
K1, B = 1.5, 0.75


class BM25:
    """An index over texts, by their ids."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        counts = [Counter(_WORD.findall(text.lower())) for text in texts.values()]
        lengths = [sum(words.values()) for words in counts]
        mean = sum(lengths) / max(1, len(lengths))
        self._ids = tuple(texts)
        self._number = {name: number for number, name in enumerate(self._ids)}
        found: dict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        for number, words in enumerate(counts):
            damp = K1 * (1 - B + B * lengths[number] / mean)
            for word, count in words.items():
                found[word][0].append(number)
                found[word][1].append(count * (K1 + 1) / (count + damp))
        self._postings = {word: (np.array(places), np.array(parts)) for word, (places, parts) in found.items()}

    def place(self, query: str, wanted: Iterable[str]) -> int | None:
        """The place, from 1, of the best of the `wanted` texts; None if none of them shares a word with the query."""
        scores = self._scores(query)
        best = max((scores[self._number[name]] for name in wanted), default=0.0)
        return 1 + int((scores > best).sum()) if best > 0 else None

    def ranked(self, query: str) -> list[str]:
        """The ids of all texts that share a word with the query, best first; ties by the order of the texts."""
        scores = self._scores(query)
        return [self._ids[number] for number in np.argsort(-scores, kind="stable") if scores[number] > 0]

    def _scores(self, query: str) -> npt.NDArray[np.float64]:
        scores = np.zeros(len(self._ids))
        for word in _WORD.findall(query.lower()):
            if word in self._postings:
                places, parts = self._postings[word]
                scores[places] += math.log(1 + (len(self._ids) - len(places) + 0.5) / (len(places) + 0.5)) * parts
        return scores
