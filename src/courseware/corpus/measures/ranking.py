"""Measures of one ranking: ids, best first, against how relevant each document is to the question.

`relevance` holds a number above 0 for every relevant document; what is absent, or 0, is not relevant. A document that
a ranking names again takes up its place and earns nothing there: otherwise naming one good document ten times would be
a good ranking.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

Ranking = Sequence[Hashable]
Relevance = Mapping[Hashable, float]


class MeasureError(ValueError):
    """What cannot be measured; the message says why and what to do."""


def recall_at(k: int, ranking: Ranking, relevance: Relevance) -> float:
    """Return which share of the relevant documents is among the first `k`, from 0 to 1. Raises MeasureError."""
    wanted = _relevant(relevance)
    return len(wanted.intersection(_first(k, ranking))) / len(wanted)


def reciprocal_rank(ranking: Ranking, relevance: Relevance, k: int | None = None) -> float:
    """Return 1 / (place of the first relevant document), and 0 where none is among the first `k`.

    The mean over questions is MRR (Voorhees, TREC-8 Question Answering Track Report, 1999). Raises MeasureError.
    """
    wanted = _relevant(relevance)
    places = (place for place, document in enumerate(_first(k, ranking), 1) if document in wanted)
    return 1 / next(places, math.inf)


def ndcg_at(k: int, ranking: Ranking, relevance: Relevance) -> float:
    """Return the normalised discounted cumulative gain of the first `k`, from 0 to 1. Raises MeasureError.

    A document of relevance r at place i gives r / log2(i + 1); the sum is divided by that of the best possible ranking
    (Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, 2002, with the discount that trec_eval
    uses, and linear gain as there).
    """
    _relevant(relevance)
    gains = (max(relevance.get(document, 0), 0) for document in _once(_first(k, ranking)))
    return _discounted(gains) / _discounted(sorted(relevance.values(), reverse=True)[:k])


def _first(k: int | None, ranking: Ranking) -> Ranking:
    if k is not None and k < 1:
        raise MeasureError(f"k is {k}; it counts places from the first, so give 1 or more")
    return ranking[:k]


def _relevant(relevance: Relevance) -> set[Hashable]:
    wanted = {document for document, grade in relevance.items() if grade > 0}
    if not wanted:
        raise MeasureError("no document is relevant; leave questions without an answer out of this measure")
    return wanted


def _once(ranking: Ranking) -> Iterator[Hashable | None]:
    """Yield each document at its first place, and None where it stands again."""
    seen = set[Hashable]()
    for document in ranking:
        yield None if document in seen else document
        seen.add(document)


def _discounted(gains: Iterable[float]) -> float:
    return math.fsum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1) if gain > 0)
