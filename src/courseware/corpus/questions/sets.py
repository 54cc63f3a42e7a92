"""The question sets of the labs, drawn from everything that can be asked."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from courseware.corpus.corpus import Corpus
from courseware.corpus.questions.asking import ask_everything
from courseware.corpus.questions.bm25 import BM25
from courseware.corpus.questions.question import Band, Question, RetrievalQuery
from courseware.corpus.text.draw import Draw

PUBLIC: Mapping[str, int] = {
    "single": 16, "paraphrased": 8, "table": 6, "two_hop": 6, "version": 5, "unanswerable": 5,
    "list": 2, "restricted": 2,
}  # fmt: skip
TUNING: Mapping[str, int] = {
    "single": 10, "paraphrased": 5, "table": 4, "two_hop": 4, "version": 2, "unanswerable": 3,
    "list": 1, "restricted": 1,
}  # fmt: skip
HIDDEN: Mapping[str, int] = {kind: 4 * count for kind, count in PUBLIC.items()}
RETRIEVAL_BANDS: Mapping[Band, int] = {"easy": 40, "medium": 40, "hard": 40}
EASY, MEDIUM = 2, 10
# Their facts are those of a whole page or a whole team.
_SHARING = ("list", "two_hop")
AnyQuestion = Question | RetrievalQuery


def public_sets(corpus: Corpus) -> dict[str, Sequence[AnyQuestion]]:
    """The sets a learner gets: 50 questions to answer, 30 to tune on, 120 queries with graded relevance.

    A small corpus has fewer where its documents do not hold enough; no wording is in two of the first two sets.
    """
    questions = rated_questions(corpus)
    draw = corpus.world.draw.at("sets")
    public = select(questions, PUBLIC, draw.at("public"))
    used = {question.wording for question in public}
    tuning = select([q for q in questions if q.wording not in used], TUNING, draw.at("tuning"))
    return {"rag_public": public, "rag_tuning": tuning, "retrieval": retrieval_queries(corpus, questions)}


def hidden_set(corpus: Corpus, attempt: int = 0) -> tuple[Question, ...]:
    """200 questions for grading: another class seed or attempt, another set."""
    questions = rated_questions(corpus)
    return select(questions, HIDDEN, corpus.world.draw.at("sets", "hidden", attempt), repeat=True)


@functools.lru_cache(maxsize=4)
def rated_questions(corpus: Corpus) -> tuple[Question, ...]:
    """Every question, with how hard it is for word matching to find the first document that answers it."""
    index = BM25({document.id: document.text for document in corpus.documents})
    return tuple(replace(each, difficulty=band(rank(index, each))) for each in ask_everything(corpus))


def rank(index: BM25, question: Question) -> int:
    """The place of the first document that answers, from 1; a very large number if no word is shared."""
    return index.place(question.question, question.doc_ids) or 10**6


def band(place: int) -> Band:
    """How hard a question is whose answer BM25 puts at this place."""
    return "easy" if place <= EASY else "medium" if place <= MEDIUM else "hard"


def select(
    questions: Sequence[Question], counts: Mapping[str, int], draw: Draw, repeat: bool = False
) -> tuple[Question, ...]:
    """As many of each type as are wanted and there are; no fact is asked about twice while others are left.

    A wording serves once, unless `repeat` allows it for different things.
    """
    by_type = {kind: [question for question in questions if question.type == kind] for kind in counts}
    # Where plain questions run out, those in other words and on tables serve: all of them ask for one fact.
    spare = [replace(q, type="single") for kind in ("paraphrased", "table") for q in by_type.get(kind, ())]
    taken: dict[str, list[Question]] = {}
    facts: set[str] = set()
    wordings: set[str] = set()
    texts: set[str] = set()
    # The rarest type chooses first; before it `version`, whose questions all have a twin of another type.
    for kind in sorted(counts, key=lambda kind: (kind != "version", len(by_type[kind]) / counts[kind])):
        found = _unused_first(draw.at(kind).shuffled(by_type[kind]), facts, wordings)
        if kind == "single":
            found += _unused_first(draw.at("spare").shuffled(spare), facts, wordings)
        taken[kind] = []
        for question in found:
            is_new = question.question not in texts and (repeat or question.wording not in wordings)
            shares = kind not in _SHARING and not repeat and bool(facts & set(question.facts))
            if len(taken[kind]) < counts[kind] and is_new and not shares:
                taken[kind].append(question)
                facts.update(question.facts)
                wordings.add(question.wording)
                texts.add(question.question)
    return tuple(question for kind in counts for question in taken[kind])


def _unused_first(questions: Sequence[Question], facts: set[str], wordings: set[str]) -> list[Question]:
    """The questions, those on facts and in wordings that were not used yet before the others."""
    return sorted(questions, key=lambda q: (bool(facts & set(q.facts)), q.wording in wordings))


def retrieval_queries(corpus: Corpus, questions: Sequence[Question]) -> tuple[RetrievalQuery, ...]:
    """Queries in three bands of equal size, as far as there are enough hard ones; each fact once."""
    draw = corpus.world.draw.at("sets", "retrieval")
    able = [q for q in questions if q.type in ("single", "paraphrased", "table") and q.audience != "restricted"]
    chosen: list[Question] = []
    used: set[str] = set()
    for name, count in RETRIEVAL_BANDS.items():
        taken = 0
        for question in _wordings_spread(draw.at(name).shuffled([q for q in able if q.difficulty == name])):
            if taken < count and question.facts[0] not in used:
                used.add(question.facts[0])
                chosen.append(question)
                taken += 1
    about = _subjects(corpus)
    return tuple(
        RetrievalQuery(f"q{number:03d}", q.question, q.difficulty, relevance(corpus, q, about), q.facts[0])
        for number, q in enumerate(chosen, 1)
    )


def _wordings_spread(questions: Sequence[Question]) -> list[Question]:
    """The questions in such an order that every wording comes once before any comes twice."""
    seen: dict[str, int] = {}
    turns = []
    for question in questions:
        seen[question.wording] = seen.get(question.wording, 0) + 1
        turns.append((seen[question.wording], question))
    return [question for _, question in sorted(turns, key=lambda turn: turn[0])]


def _subjects(corpus: Corpus) -> dict[str, frozenset[str]]:
    """What each document is about: the subjects of the facts in it."""
    facts = corpus.world.facts
    return {doc.id: frozenset(facts[span.fact_id].subject for span in doc.spans) for doc in corpus.documents}


def relevance(corpus: Corpus, question: Question, about: Mapping[str, frozenset[str]]) -> dict[str, int]:
    """2 for documents that hold the answer, 1 for others about the same subject, or the same page of another town."""
    subject = corpus.world.facts[question.facts[0]].subject
    kin = f"{subject.rsplit('.', 1)[0]}." if subject.startswith("region.") else None
    related = {
        doc
        for doc, subjects in about.items()
        if subject in subjects or (kin and any(each.startswith(kin) for each in subjects))
    }
    return dict(sorted({**dict.fromkeys(related, 1), **dict.fromkeys(question.doc_ids, 2)}.items()))
