"""Measures of a retrieval agree with a reference library, keep their laws, and refuse what they cannot measure."""

from __future__ import annotations

from collections.abc import Sequence

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.corpus.measures import (
    MeasureError,
    Passage,
    filling,
    mean_interval,
    ndcg_at,
    paired_interval,
    passage_precision,
    passage_recall,
    recall_at,
    reciprocal_rank,
    whole_share,
)

repeatable = settings(derandomize=True, deadline=None, max_examples=100, database=None)
ids = st.sampled_from([f"d{number}" for number in range(12)])
rankings = st.lists(ids, unique=True, max_size=12)
relevances = st.dictionaries(ids, st.integers(0, 2), min_size=1).filter(lambda found: any(found.values()))
places = st.integers(1, 12)
passages = st.lists(
    st.builds(
        lambda name, start, size: Passage(name, start, start + size), ids, st.integers(0, 60), st.integers(1, 30)
    ),
    max_size=6,
)
gold = passages.filter(bool)


def reference(measure: object, ranking: Sequence[str], relevance: dict[str, int]) -> float:
    """What ir-measures says; its runs are scores, and an empty one it leaves out."""
    run = {"q": {document: float(-place) for place, document in enumerate(ranking)}}
    if not ranking:
        return 0.0
    [found] = ir_measures.iter_calc([measure], {"q": relevance}, run)
    return float(found.value)


def characters(found: Sequence[Passage]) -> set[tuple[str, int]]:
    return {(passage.document, place) for passage in found for place in range(passage.start, passage.end)}


@repeatable
@given(places, rankings, relevances)
def test_ranking_measures_are_those_of_the_reference_library(
    k: int, ranking: list[str], relevance: dict[str, int]
) -> None:
    assert recall_at(k, ranking, relevance) == pytest.approx(reference(ir_measures.R @ k, ranking, relevance))
    assert ndcg_at(k, ranking, relevance) == pytest.approx(reference(ir_measures.nDCG @ k, ranking, relevance))
    assert reciprocal_rank(ranking, relevance, k) == pytest.approx(reference(ir_measures.RR @ k, ranking, relevance))


def test_a_document_named_again_takes_a_place_and_earns_nothing() -> None:
    relevance = {"a": 2, "b": 1}
    assert recall_at(3, ["a", "a", "a"], relevance) == 0.5
    assert ndcg_at(3, ["a", "a", "b"], relevance) == ndcg_at(3, ["a", "x", "b"], relevance)


def test_the_best_ranking_has_ndcg_1_and_a_swap_of_grades_less() -> None:
    relevance = {"a": 2, "b": 1}
    assert ndcg_at(10, ["a", "b"], relevance) == 1
    assert ndcg_at(10, ["b", "a"], relevance) == pytest.approx((1 + 2 / np.log2(3)) / (2 + 1 / np.log2(3)))


@pytest.mark.parametrize("relevance", [{}, {"a": 0}])
def test_a_question_without_an_answer_is_refused(relevance: dict[str, int]) -> None:
    for measure in (
        lambda: recall_at(1, ["a"], relevance),
        lambda: ndcg_at(1, ["a"], relevance),
        lambda: reciprocal_rank(["a"], relevance),
    ):
        with pytest.raises(MeasureError, match="no document is relevant"):
            measure()


def test_a_cut_before_the_first_place_is_refused() -> None:
    with pytest.raises(MeasureError, match="k is 0"):
        recall_at(0, ["a"], {"a": 1})


@repeatable
@given(passages, gold)
def test_passage_measures_count_characters(retrieved: list[Passage], wanted: list[Passage]) -> None:
    shared = characters(retrieved) & characters(wanted)
    assert passage_recall(retrieved, wanted) == len(shared) / len(characters(wanted))
    spent = sum(map(len, retrieved))
    assert passage_precision(retrieved, wanted) == (len(shared) / spent if spent else 0)


@repeatable
@given(passages, gold)
def test_a_span_is_whole_only_in_one_passage(retrieved: list[Passage], wanted: list[Passage]) -> None:
    whole = [any(characters([span]) <= characters([passage]) for passage in retrieved) for span in wanted]
    assert whole_share(retrieved, wanted) == sum(whole) / len(whole)


def test_a_passage_retrieved_twice_is_paid_for_twice() -> None:
    span = Passage("d", 0, 10)
    assert passage_precision([span, span], [span]) == 0.5
    assert passage_recall([span, span], [span]) == 1


def test_two_halves_cover_a_span_and_keep_none_whole() -> None:
    halves, span = [Passage("d", 0, 5), Passage("d", 5, 10)], [Passage("d", 2, 8)]
    assert passage_recall(halves, span) == 1
    assert whole_share(halves, span) == 0


@pytest.mark.parametrize(("budget", "count"), [(0, 0), (9, 0), (10, 1), (29, 1), (30, 2), (99, 3)])
def test_a_prompt_is_filled_until_the_next_passage_does_not_fit(budget: int, count: int) -> None:
    assert filling(budget, [10, 20, 5]) == count


def test_passages_of_no_characters_and_gold_of_none_are_refused() -> None:
    with pytest.raises(MeasureError, match="characters 5 to 5 of d are none"):
        Passage("d", 5, 5)
    for measure in (passage_recall, passage_precision, whole_share):
        with pytest.raises(MeasureError, match="no gold span"):
            measure([], [])


def test_an_interval_holds_the_true_mean_about_as_often_as_it_says() -> None:
    draws = np.random.default_rng(1).random((200, 60))
    held = [found.low <= 0.5 <= found.high for found in (mean_interval(list(values)) for values in draws)]
    assert 0.88 <= np.mean(held) <= 0.99


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    values = [0.0, 0.2, 1.0, 0.5, 0.4]
    assert mean_interval(values, seed=3) == mean_interval(values, seed=3)
    assert mean_interval(values, seed=3) != mean_interval(values, seed=4)


def test_pairs_show_a_difference_that_single_intervals_hide() -> None:
    hard = np.random.default_rng(0).random(80)
    one, other = list(hard * 0.9 + 0.05), list(hard * 0.9)
    assert mean_interval(one).low < mean_interval(other).high
    assert paired_interval(one, other).excludes_zero
    assert not paired_interval(one, one).excludes_zero


def test_an_interval_reads_as_mean_and_limits() -> None:
    assert str(mean_interval([1.0, 1.0])) == "1.000 [1.000, 1.000]"


@pytest.mark.parametrize(
    ("values", "confidence", "said"), [([], 0.95, "no values"), ([1.0], 0, "confidence is 0"), ([1.0], 1, "is 1")]
)
def test_intervals_of_nothing_or_with_no_confidence_are_refused(
    values: list[float], confidence: float, said: str
) -> None:
    with pytest.raises(MeasureError, match=said):
        mean_interval(values, confidence=confidence)


def test_systems_measured_on_different_questions_are_not_compared() -> None:
    with pytest.raises(MeasureError, match="2 values against 1"):
        paired_interval([1.0, 0.0], [1.0])
