"""What a question is: its words, its answer, where the answer stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from courseware.corpus.document import Span
from courseware.corpus.world.facts import Audience, Fact
from courseware.corpus.world.world import AS_OF

Type = Literal[
    "single", "paraphrased", "table", "two_hop", "three_hop", "version", "unanswerable", "list", "restricted"
]
Band = Literal["easy", "medium", "hard"]


@dataclass(frozen=True)
class Question:
    """A question with everything that is needed to mark an answer.

    `accepted` are regular expressions, all of which a right answer matches (case does not matter); an unanswerable
    question has none, and a right answer to it refuses. `must_not_say` are expressions a right answer does not
    match, such as the value of a version that is no longer in force. `doc_ids` and `spans` are where the answer
    stands; a question of several hops needs all of `facts`. `audience` is who may be told.
    """

    id: str
    question: str
    type: Type
    answer: str
    accepted: tuple[str, ...]
    facts: tuple[str, ...]
    doc_ids: tuple[str, ...]
    spans: tuple[Span, ...]
    must_not_say: tuple[str, ...] = ()
    as_of: date = AS_OF
    difficulty: Band = "medium"
    audience: Audience = "staff"
    wording: str = ""


@dataclass(frozen=True)
class RetrievalQuery:
    """A query with graded relevance: 2 for a document that holds the answer, 1 for one on the same matter.

    All other documents have grade 0 and are left out.
    """

    id: str
    query: str
    band: Band
    relevance: Mapping[str, int]
    fact: str


def expression(fact: Fact) -> str:
    """A regular expression for the fact's value as people write it: `€ 1,450`, `1450 euros`, `14 calendar days`."""
    number = re.fullmatch(r"€ ([\d,]+)(\.\d\d)?", fact.text)
    if number:
        grouped = number[1].replace(",", ",?")
        cents = re.escape(number[2]) if number[2] else r"(?:\.00)?"
        return rf"(?<![\d.,]){grouped}{cents}(?![\d]|[.,]\d)"
    if re.fullmatch(r"-?[\d.]+", fact.value) and fact.value in fact.text:
        return rf"(?<![\d.,]){re.escape(fact.value)}(?![\d]|[.,]\d)"
    return re.escape(fact.text)


_CONTENT = re.compile(r"[a-z]{4,}|\d+")
_STOP = frozenset(
    [
        "what",
        "when",
        "where",
        "which",
        "whom",
        "whose",
        "with",
        "from",
        "have",
        "does",
        "that",
        "this",
        "they",
        "them",
        "then",
        "than",
        "must",
        "much",
        "many",
        "long",
        "will",
        "would",
        "could",
        "should",
        "into",
        "over",
        "under",
        "about",
        "after",
        "before",
        "until",
        "there",
        "their",
        "your",
        "mine",
        "some",
        "somebody",
        "someone",
        "each",
        "every",
        "only",
        "just",
        "also",
        "more",
        "most",
        "once",
        "upon",
        "very",
        "been",
        "being",
        "were",
        "here",
        "between",
        "without",
        "within",
        "take",
        "takes",
        "need",
        "needs",
        "make",
        "makes",
        "get",
        "gets",
        "give",
        "gives",
        "come",
        "comes",
        "goes",
        "work",
        "works",
        "use",
        "used",
    ]
)


def content_words(text: str) -> frozenset[str]:
    """The words that carry meaning, cut to six letters so that plural and tense do not matter."""
    return frozenset(word[:6] for word in _CONTENT.findall(text.lower()) if word not in _STOP)
