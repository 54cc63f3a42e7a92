"""Questions: their sets and sizes, how answers are recognised, what counts as relevant."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from courseware.corpus import Corpus, Question, hidden_set, make_corpus, public_sets
from courseware.corpus.questions.asking import ask_everything
from courseware.corpus.questions.bm25 import BM25
from courseware.corpus.questions.question import expression
from courseware.corpus.questions.sets import HIDDEN, PUBLIC, TUNING
from courseware.corpus.world.facts import Fact, money


def fact(value: str, text: str) -> Fact:
    return Fact("x.y", "x", "y", value, text)


@pytest.mark.parametrize(
    ("value", "text", "said", "is_right"),
    [
        ("145000", money(145000), "It is €1,450.", True),
        ("145000", money(145000), "1450 euros", True),
        ("145000", money(145000), "€ 11,450", False),
        ("145000", money(145000), "€ 1,450.50", False),
        ("14", "14 days", "after 14 calendar days", True),
        ("14", "14 days", "after 140 days", False),
        ("2.5", "2.5 %", "2.5 per cent", True),
        ("2.5", "2.5 %", "12.5 %", False),
        ("Bristol", "Bristol", "in bristol", True),
        ("-8", "-8 degrees", "-8 degrees", True),
    ],
)
def test_an_answer_is_recognised_as_people_write_it(value: str, text: str, said: str, is_right: bool) -> None:
    assert bool(re.search(expression(fact(value, text)), said, re.IGNORECASE)) is is_right


def test_the_public_sets_have_their_types_in_their_numbers(standard: Corpus) -> None:
    sets = public_sets(standard)
    for name, counts in (("rag_public", PUBLIC), ("rag_tuning", TUNING)):
        assert Counter(q.type for q in sets[name] if isinstance(q, Question)) == Counter(counts)
    assert [len(sets[name]) for name in ("rag_public", "rag_tuning")] == [50, 30]


def test_retrieval_queries_come_in_three_equal_bands_with_grades(standard: Corpus) -> None:
    queries = public_sets(standard)["retrieval"]
    bands = Counter(query.band for query in queries if not isinstance(query, Question))
    assert bands == {"easy": 40, "medium": 40, "hard": 40}
    for query in queries:
        assert not isinstance(query, Question)
        assert 2 in query.relevance.values()
        assert set(query.relevance) <= set(standard.by_id)


def test_a_class_seed_gives_200_hidden_questions() -> None:
    questions = hidden_set(make_corpus("small", "class-7"))
    assert Counter(question.type for question in questions) == Counter(HIDDEN)


def test_another_attempt_draws_other_questions(small: Corpus) -> None:
    first, second = ({q.id for q in hidden_set(small, attempt)} for attempt in (0, 1))
    assert first != second


def test_old_values_must_not_be_said(standard: Corpus) -> None:
    versions = [q for q in ask_everything(standard) if q.type == "version"]
    assert len({q.facts[0].split(".")[1] for q in versions}) >= 50
    for question in versions:
        assert question.must_not_say
        assert not any(re.search(stale, question.answer) for stale in question.must_not_say)


def test_an_outdated_version_is_relevant_but_does_not_answer(standard: Corpus) -> None:
    queries = [q for q in public_sets(standard)["retrieval"] if not isinstance(q, Question)]
    query = next(q for q in queries if q.fact.startswith("policy."))
    topic = query.fact.split(".")[1]
    assert query.relevance[f"policy-{topic}-v3"] == 2
    assert query.relevance[f"policy-{topic}-v1"] == 1


def test_enough_chains_of_two_and_three_documents_can_be_followed(standard: Corpus) -> None:
    types = Counter(question.type for question in ask_everything(standard))
    assert types["two_hop"] >= 60
    assert types["three_hop"] >= 20


def test_lists_need_four_to_seven_things(standard: Corpus) -> None:
    lists = [question for question in ask_everything(standard) if question.type == "list"]
    assert {4 <= len(question.accepted) <= 7 for question in lists} == {True}


def test_questions_about_restricted_papers_say_so(standard: Corpus) -> None:
    restricted = [question for question in ask_everything(standard) if question.type == "restricted"]
    assert {question.audience for question in restricted} == {"restricted"}
    papers = {doc for question in restricted for doc in question.doc_ids}
    assert {standard.by_id[doc].draft.audience for doc in papers} == {"restricted"}


def test_bm25_ranks_the_text_with_the_rarer_word_first() -> None:
    index = BM25({"a": "bike bike bike", "b": "bike lock", "c": "bike"})
    assert index.ranked("lock bike")[0] == "b"
    assert index.place("lock", {"a"}) is None
