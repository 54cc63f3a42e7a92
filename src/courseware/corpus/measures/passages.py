"""Measures of what goes into a prompt: passages of documents against the spans that answer the question.

After Smith and Troynikov, Evaluating Chunking Strategies for Retrieval (2024), with characters for tokens: they count
the same in every tokenizer. Precision counts a passage as often as it was retrieved, since each copy is paid for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from courseware.corpus.measures.ranking import MeasureError


@dataclass(frozen=True, order=True)
class Passage:
    """Characters `start` to `end` of a document's text, the end left out. Raises MeasureError for less than one."""

    document: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise MeasureError(
                f"characters {self.start} to {self.end} of {self.document} are none; give 0 <= start < end"
            )

    def __len__(self) -> int:
        return self.end - self.start

    def within(self, other: Passage) -> bool:
        """Whether all of it lies in `other`."""
        return self.document == other.document and other.start <= self.start and self.end <= other.end


def filling(budget: int, sizes: Sequence[int]) -> int:
    """Return how many passages a prompt takes, best first, until the next would go beyond `budget`.

    `sizes` are in the budget's own unit, tokens as a rule. A smaller one further down does not jump the queue.
    """
    for count, used in enumerate(accumulate(sizes)):
        if used > budget:
            return count
    return len(sizes)


def passage_recall(retrieved: Iterable[Passage], gold: Sequence[Passage]) -> float:
    """Return which share of the gold characters was retrieved, from 0 to 1. Raises MeasureError without gold."""
    wanted = _lengths(_merged(_required(gold)))
    return _shared(retrieved, gold) / wanted


def passage_precision(retrieved: Sequence[Passage], gold: Sequence[Passage]) -> float:
    """Return which share of the retrieved characters is gold, each gold one counted once; 0 where nothing came back."""
    shared, spent = _shared(retrieved, _required(gold)), _lengths(retrieved)
    return shared / spent if spent else 0.0


def whole_share(retrieved: Sequence[Passage], gold: Sequence[Passage]) -> float:
    """Return which share of the gold spans lies whole in one retrieved passage: what a reader needs in one piece."""
    kept = [any(span.within(passage) for passage in retrieved) for span in _required(gold)]
    return sum(kept) / len(kept)


def _required(gold: Sequence[Passage]) -> Sequence[Passage]:
    if not gold:
        raise MeasureError("there is no gold span; leave questions without an answer out of this measure")
    return gold


def _shared(one: Iterable[Passage], other: Iterable[Passage]) -> int:
    """Characters that both sides hold, each counted once."""
    ours, theirs = list(_merged(one)), list(_merged(other))
    return _lengths(ours) + _lengths(theirs) - _lengths(_merged([*ours, *theirs]))


def _merged(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Yield the same characters in passages that do not overlap."""
    by_document = defaultdict[str, list[Passage]](list)
    for passage in sorted(passages):
        last = by_document[passage.document]
        if last and passage.start <= last[-1].end:
            last[-1] = Passage(passage.document, last[-1].start, max(last[-1].end, passage.end))
        else:
            last.append(passage)
    for merged in by_document.values():
        yield from merged


def _lengths(passages: Iterable[Passage]) -> int:
    return sum(map(len, passages))
