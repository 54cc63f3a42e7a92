"""What the corpus promises, as checks that can fail. CI runs all of them on the small edition and the standard one.

Each gate yields one line for each fault it finds: what, where, and what was expected.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from statistics import mean, pstdev
from types import MappingProxyType

from courseware.corpus.corpus import Corpus
from courseware.corpus.difficulties import STANDARD, count_difficulties
from courseware.corpus.document import Document
from courseware.corpus.errors import BrokenCorpus
from courseware.corpus.extracting import extracted_pages, squeezed
from courseware.corpus.knowledge import knowledge
from courseware.corpus.questions.bm25 import BM25
from courseware.corpus.questions.question import Question
from courseware.corpus.questions.sets import HIDDEN, PUBLIC, TUNING, hidden_set, public_sets, rank, rated_questions

Gate = Callable[[Corpus], Iterator[str]]
# The first five are a larger share of 120 documents than of 1,200.
BM25_LOW, BM25_HIGH, BM25_HIGH_SMALL = 0.35, 0.70, 0.78
# How many questions of a type the standard edition can give at least.
ASKABLE: Mapping[str, int] = MappingProxyType({
    "table": 40, "paraphrased": 80, "two_hop": 60, "three_hop": 20, "list": 20, "unanswerable": 40, "restricted": 30,
})  # fmt: skip
_SENTENCE = re.compile(r"[.!?](?:\s+|$)")


def spans_are_exact(corpus: Corpus) -> Iterator[str]:
    """Each span's text stands where it says, and the fact's value within it."""
    for document in corpus.documents:
        for span in document.spans:
            fact = corpus.world.facts.get(span.fact_id)
            if fact is None:
                yield f"{document.id}: a span of the unknown fact {span.fact_id}"
            elif document.text[span.start : span.end] != span.text:
                yield f"{document.id} {span.start}-{span.end}: not the text of its span {span.text!r}"
            elif document.text[span.value_start : span.value_end].lower() != fact.text.lower():
                yield f"{document.id} {span.value_start}: {fact.id} is {fact.text!r}, and something else stands there"


def spans_are_in_the_files(corpus: Corpus) -> Iterator[str]:
    """A parser finds each span in the file itself, and its value on its page in a PDF."""
    for document in corpus.documents:
        pages = extracted_pages(document) if document.spans else []
        whole = squeezed(" ".join(pages))
        for span in document.spans:
            value = document.text[span.value_start : span.value_end]
            if squeezed(span.text) not in whole:
                yield f"{document.path}: {span.text!r} is not in the file"
            elif span.page is not None and squeezed(value) not in squeezed(pages[span.page - 1]):
                yield f"{document.path}: {value!r} is not on page {span.page}"


def difficulties_are_planted(corpus: Corpus) -> Iterator[str]:
    """The standard edition has each difficulty in its stated number, every other at least the first of them."""
    found = count_difficulties([document.draft for document in corpus.documents])
    for name, wanted in STANDARD.items():
        if corpus.edition.name == "standard" and found[name] != wanted:
            yield f"{name}: {found[name]}, not {wanted}"
    if corpus.edition.name == "standard":
        asked: Counter[str] = Counter(question.type for question in rated_questions(corpus))
        yield from (
            f"{kind}: {asked[kind]} questions, not {least}" for kind, least in ASKABLE.items() if asked[kind] < least
        )
    if not found["conflicting_versions"]:
        yield "no policy has two versions"
    for document in corpus.documents:
        if "split_table" in document.draft.traits:
            pages = {span.page for span in document.spans if span.in_table}
            if not any(page and page > 1 for page in pages):
                yield f"{document.id}: its table is not split over two pages"


def answers_stand_in_their_spans(corpus: Corpus) -> Iterator[str]:
    """Each answer can be derived from its spans alone, and no stale value from the same spans."""
    names = {name.lower(): thing for thing, name in _things(corpus)}
    for question in rated_questions(corpus):
        if question.type == "list":
            yield from _list_faults(corpus, question, names)
        elif question.type != "unanswerable":
            missing = [fact for fact in question.facts if not any(span.fact_id == fact for span in question.spans)]
            last = " ".join(span.text for span in question.spans if span.fact_id == question.facts[-1])
            if missing or not all(re.search(each, last, re.IGNORECASE) for each in question.accepted):
                yield f"{question.id}: {question.answer!r} does not follow from its spans"


def _things(corpus: Corpus) -> Iterator[tuple[str, str]]:
    world = corpus.world
    yield from ((f"product.{p.id}", p.name) for p in world.products)
    yield from ((f"office.{o.id}", o.city) for o in world.offices)
    yield from ((f"service.{s.id}", s.name) for s in world.services)


def _list_faults(corpus: Corpus, question: Question, names: Mapping[str, str]) -> Iterator[str]:
    wanted = {names[name.lower()] for name in question.answer.split(", ")}
    subjects = {corpus.world.facts[span.fact_id].subject for span in question.spans}
    if wanted != subjects:
        yield f"{question.id}: asks for {sorted(wanted)}, its spans are of {sorted(subjects)}"


def unanswerable_stays_so(corpus: Corpus) -> Iterator[str]:
    """What must not be answered is answered nowhere."""
    texts = "\n".join(document.text for document in corpus.documents)
    for question in rated_questions(corpus):
        if question.type == "unanswerable" and (found := re.search(question.must_not_say[0], texts, re.IGNORECASE)):
            yield f"{question.id}: a document says {found[0]!r}"


def words_alone_do_not_win(corpus: Corpus) -> Iterator[str]:
    """BM25 finds an answering document among its first five for a fair share of all questions, no more, no less."""
    index = BM25({document.id: document.text for document in corpus.documents})
    kinds = ("single", "paraphrased", "table")
    asked = [question for question in rated_questions(corpus) if question.type in kinds]
    share = mean(rank(index, question) <= 5 for question in asked)
    high = BM25_HIGH if corpus.edition.documents > 500 else BM25_HIGH_SMALL
    if not BM25_LOW <= share <= high:
        yield f"BM25 recall@5 is {share:.2f}, not between {BM25_LOW} and {high}; look at the wording of questions"


def questions_differ(corpus: Corpus) -> Iterator[str]:
    """No question fits two answers, none is twice in a set, no wording is in two public sets, sets have their size."""
    answers: dict[str, str] = {}
    for question in rated_questions(corpus):
        if answers.setdefault(question.question.lower(), question.answer) != question.answer:
            yield f"{question.question!r} has two answers"
    sets = public_sets(corpus)
    public, tuning = ([q for q in sets[name] if isinstance(q, Question)] for name in ("rag_public", "rag_tuning"))
    hidden = hidden_set(corpus)
    for name, group in (("rag_public", public), ("rag_tuning", tuning), ("hidden", hidden)):
        for text, count in Counter(question.question.lower() for question in group).items():
            if count > 1:
                yield f"{name}: asked {count} times: {text!r}"
    for wording in {q.wording for q in public} & {q.wording for q in tuning}:
        yield f"the wording {wording} is in both public sets"
    stated = [("hidden", hidden, HIDDEN)] if corpus.edition.name in ("small", "standard") else []
    if corpus.edition.name == "standard":
        stated += [("rag_public", tuple(public), PUBLIC), ("rag_tuning", tuple(tuning), TUNING)]
    for name, asked, counts in stated:
        have = Counter(question.type for question in asked)
        if have != Counter(counts):
            yield f"{name}: {dict(have)}, not {dict(counts)}"


def texts_differ(corpus: Corpus) -> Iterator[str]:
    """No two documents say the same, and no sentence without a fact opens too many of them."""
    seen: dict[str, str] = {}
    openings: Counter[str] = Counter()
    for document in corpus.documents:
        cells = [cell.text for block in document.draft.blocks for row in block.rows for cell in row]
        body = "\n".join([*(block.body.text for block in document.draft.blocks[1:]), *cells])
        if body and body in seen:
            yield f"{document.id} says what {seen[body]} says"
        seen[body] = document.id
        first = next((b.body for b in document.draft.blocks[1:] if b.kind == "paragraph" and not b.body.marks), None)
        if first and document.draft.family not in ("regional", "slack", "invoice") and not _is_outdated(document):
            openings[_SENTENCE.split(first.text)[0]] += 1
    limit = max(6, len(corpus.documents) // 50)
    for text, count in openings.items():
        if count > limit:
            yield f"{count} documents open with {text!r}, not {limit} at most"


def _is_outdated(document: Document) -> bool:
    """A version that is no longer in force shares its words with the one that is."""
    return document.path.startswith("policies-old/")


def prose_varies(corpus: Corpus) -> Iterator[str]:
    """Sentences are of many lengths, in the corpus and within the longer documents."""
    lengths = [length for document in corpus.documents for length in _sentence_lengths(document.text)]
    if lengths and not (8 <= mean(lengths) <= 20 and pstdev(lengths) >= 5):
        yield f"sentences have {mean(lengths):.1f} words, spread {pstdev(lengths):.1f}; wanted 8 to 20 and at least 5"


def _sentence_lengths(text: str) -> list[int]:
    prose = [line for line in text.splitlines() if len(line.split()) > 3 and not line.startswith(("|", "#"))]
    return [len(part.split()) for part in _SENTENCE.split(" ".join(prose)) if part.strip()]


def names_are_invented(corpus: Corpus) -> Iterator[str]:
    """No name from the deny list occurs."""
    deny = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in knowledge("names")["deny"]), re.IGNORECASE)
    names = [corpus.world.company, *(p.name for p in corpus.world.people), *(v.name for v in corpus.world.vendors)]
    for name in names:
        if found := deny.search(name):
            yield f"the name {name!r} holds {found[0]!r}"


GATES: Mapping[str, Gate] = MappingProxyType({
    gate.__name__: gate
    for gate in (
        spans_are_exact, spans_are_in_the_files, difficulties_are_planted, answers_stand_in_their_spans,
        unanswerable_stays_so, words_alone_do_not_win, questions_differ, texts_differ, prose_varies, names_are_invented,
    )
})  # fmt: skip


def faults(corpus: Corpus, names: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What the gates find; all of them, or those named."""
    chosen = names or tuple(GATES)
    return tuple(f"{name}: {fault}" for name in chosen for fault in GATES[name](corpus))


def check(corpus: Corpus) -> None:
    """Raise BrokenCorpus if a gate finds fault."""
    found = faults(corpus)
    if found:
        raise BrokenCorpus(found)
