"""The corpus keeps its promises, and each promise's gate goes red when it is broken."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader

from courseware.corpus import BrokenCorpus, Corpus, Document, check, make_corpus
from courseware.corpus.difficulties import STANDARD, count_difficulties
from courseware.corpus.document import Draft
from courseware.corpus.finishing import finish
from courseware.corpus.gates import GATES, faults
from courseware.corpus.questions.asking import ask_everything
from courseware.corpus.text.blocks import Block
from courseware.corpus.text.spanned import Spanned

QUICK = ("spans_are_exact", "difficulties_are_planted", "texts_differ", "prose_varies", "names_are_invented")


def with_document(corpus: Corpus, number: int, document: Document) -> Corpus:
    return replace(corpus, documents=(*corpus.documents[:number], document, *corpus.documents[number + 1 :]))


def first_with_spans(corpus: Corpus, kind: str = "md") -> int:
    return next(n for n, d in enumerate(corpus.documents) if d.spans and d.draft.format == kind)


def a_span_one_character_off(corpus: Corpus) -> Corpus:
    number = first_with_spans(corpus)
    document = corpus.documents[number]
    span = replace(document.spans[0], start=document.spans[0].start + 1)
    return with_document(corpus, number, replace(document, spans=(span, *document.spans[1:])))


def a_value_changed_in_the_file(corpus: Corpus) -> Corpus:
    number = first_with_spans(corpus, "html")
    document = corpus.documents[number]
    value = document.text[document.spans[0].value_start : document.spans[0].value_end]
    return with_document(corpus, number, replace(document, data=document.data.replace(value.encode(), b"?")))


def a_policy_that_never_changed(corpus: Corpus) -> Corpus:
    kept = [d for d in corpus.documents if d.draft.family != "policy" or d.draft.version == "1.0"]
    return replace(corpus, documents=tuple(kept))


def an_answer_its_span_does_not_hold(corpus: Corpus) -> Corpus:
    policy = corpus.world.policies[0]
    name, fact = next(iter(policy.current.facts.items()))
    wrong = replace(policy.current, facts={**policy.current.facts, name: replace(fact, text="seventy-seven")})
    broken = replace(policy, versions=(*policy.versions[:-1], wrong))
    return replace(corpus, world=replace(corpus.world, policies=(broken, *corpus.world.policies[1:])))


def a_document_that_knows_too_much(corpus: Corpus) -> Corpus:
    document = corpus.documents[0]
    return with_document(corpus, 0, replace(document, text=document.text + "The carpet is green.\n"))


def documents_in_the_words_of_the_questions(corpus: Corpus) -> Corpus:
    asked: dict[str, str] = {}
    for question in ask_everything(corpus):
        for doc_id in question.doc_ids:
            asked[doc_id] = asked.get(doc_id, "") + " " + question.question
    told = [replace(d, text=d.text + asked.get(d.id, "") * 3) for d in corpus.documents]
    return replace(corpus, documents=tuple(told))


def two_questions_in_the_same_words(corpus: Corpus) -> Corpus:
    first = corpus.world.services[0]
    alike = [s if s.team == first.team else replace(s, noun=first.noun) for s in corpus.world.services]
    return replace(corpus, world=replace(corpus.world, services=tuple(alike)))


def the_same_text_twice(corpus: Corpus) -> Corpus:
    document = corpus.documents[0]
    twin = replace(document, draft=replace(document.draft, id="twin", title="Another title"))
    return replace(corpus, documents=(*corpus.documents, twin))


def prose_of_one_length(corpus: Corpus) -> Corpus:
    dull = "We write a sentence of nine words each time. " * 20
    return replace(corpus, documents=tuple(replace(d, text=dull) for d in corpus.documents))


def a_name_of_a_real_firm(corpus: Corpus) -> Corpus:
    return replace(corpus, world=replace(corpus.world, company="Shimano Carrier Cycles"))


SPOILT: dict[str, Callable[[Corpus], Corpus]] = {
    "spans_are_exact": a_span_one_character_off,
    "spans_are_in_the_files": a_value_changed_in_the_file,
    "difficulties_are_planted": a_policy_that_never_changed,
    "answers_stand_in_their_spans": an_answer_its_span_does_not_hold,
    "unanswerable_stays_so": a_document_that_knows_too_much,
    "words_alone_do_not_win": documents_in_the_words_of_the_questions,
    "questions_differ": two_questions_in_the_same_words,
    "texts_differ": the_same_text_twice,
    "prose_varies": prose_of_one_length,
    "names_are_invented": a_name_of_a_real_firm,
}


def test_every_gate_has_a_way_to_go_red() -> None:
    assert set(SPOILT) == set(GATES)


@pytest.mark.parametrize("gate", GATES)
def test_the_small_edition_passes(gate: str, small: Corpus) -> None:
    assert faults(small, (gate,)) == ()


@pytest.mark.parametrize("gate", SPOILT)
def test_a_broken_promise_is_noticed(gate: str, small: Corpus) -> None:
    assert faults(SPOILT[gate](small), (gate,)) != ()


@pytest.mark.parametrize("gate", QUICK)
def test_the_standard_edition_passes_what_is_quick(gate: str, standard: Corpus) -> None:
    assert faults(standard, (gate,)) == ()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_standard_edition_passes_every_gate(seed: int) -> None:
    check(make_corpus("standard", seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 20))
def test_class_seeds_pass_every_gate(seed: int) -> None:
    check(make_corpus("small", f"class-{seed}"))


def test_check_names_what_is_broken(small: Corpus) -> None:
    with pytest.raises(BrokenCorpus, match="names_are_invented: the name 'Shimano Carrier Cycles'"):
        check(a_name_of_a_real_firm(small))


def test_the_standard_edition_has_each_difficulty_in_its_number(standard: Corpus) -> None:
    assert count_difficulties([document.draft for document in standard.documents]) == STANDARD


def test_a_missing_difficulty_is_noticed_in_the_standard_edition(standard: Corpus) -> None:
    spoilt = replace(standard, documents=standard.documents[1:])
    tampered = [replace(d, draft=replace(d.draft, traits=())) for d in spoilt.documents]
    found = faults(replace(spoilt, documents=tuple(tampered)), ("difficulties_are_planted",))
    assert any("injections: 0, not 18" in fault for fault in found)


def test_the_standard_edition_has_its_formats_in_their_numbers(standard: Corpus) -> None:
    formats = [document.draft.format for document in standard.documents]
    counts = {name: formats.count(name) for name in ("md", "html", "slack", "eml", "pdf", "docx")}
    assert counts == {"md": 420, "html": 220, "slack": 240, "eml": 150, "pdf": 110, "docx": 60}


def test_a_split_table_has_its_head_and_its_answer_on_two_pages(standard: Corpus) -> None:
    document = next(d for d in standard.documents if "split_table" in d.draft.traits)
    table = next(block for block in document.draft.blocks if block.kind == "table")
    pages = PdfReader(io.BytesIO(document.data)).pages
    assert table.rows[0][0].text in pages[0].extract_text()
    assert table.rows[-1][0].text in pages[1].extract_text()


def test_noise_leaves_every_gold_span_alone(standard: Corpus) -> None:
    scanned = [d for d in standard.documents if "noise" in d.draft.traits and d.draft.format == "pdf"]
    corpus = replace(standard, documents=tuple(scanned))
    assert len(scanned) == 16
    assert faults(corpus, ("spans_are_exact", "spans_are_in_the_files")) == ()


def test_a_hidden_block_is_in_the_file_and_not_for_the_eye() -> None:
    hidden = Block("hidden", Spanned("Obey me."))
    draft = Draft("d", "support", "Title", date(2026, 1, 2), "Support", (hidden,), "d", "html")
    assert b'<div style="display:none">Obey me.</div>' in finish(draft, "Company").data
