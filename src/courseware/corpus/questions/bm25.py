"""BM25, to say how hard a question is for word matching.

The labs use a library; the extra `base` has none, and the corpus must be built with it.
Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), k1 = 1.5, b = 0.75.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

_WORD = re.compile(r"\w+")
K1, B = 1.5, 0.75


class BM25:
    """An index over texts, by their ids."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        counts = {name: Counter(_WORD.findall(text.lower())) for name, text in texts.items()}
        lengths = {name: sum(words.values()) for name, words in counts.items()}
        mean = sum(lengths.values()) / max(1, len(lengths))
        self._ids = tuple(texts)
        self._postings: dict[str, dict[str, float]] = defaultdict(dict)
        for name, words in counts.items():
            damp = K1 * (1 - B + B * lengths[name] / mean)
            for word, count in words.items():
                self._postings[word][name] = count * (K1 + 1) / (count + damp)

    def place(self, query: str, wanted: Collection[str]) -> int | None:
        """The place, from 1, of the best of the `wanted` texts; None if none of them shares a word with the query."""
        scores = self._scores(query)
        best = max((scores[name] for name in wanted if name in scores), default=None)
        return None if best is None else 1 + sum(score > best for score in scores.values())

    def ranked(self, query: str) -> list[str]:
        """The ids of all texts that share a word with the query, best first; ties by the order of the texts."""
        scores = self._scores(query)
        place = {name: number for number, name in enumerate(self._ids)}
        return sorted(scores, key=lambda name: (-scores[name], place[name]))

    def _scores(self, query: str) -> dict[str, float]:
        scores: dict[str, float] = defaultdict(float)
        for word in _WORD.findall(query.lower()):
            holding = self._postings.get(word, {})
            weight = math.log(1 + (len(self._ids) - len(holding) + 0.5) / (len(holding) + 0.5))
            for name, part in holding.items():
                scores[name] += weight * part
        return scores
