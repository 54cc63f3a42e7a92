"""A week is found by what people type."""

import pytest

from courseware.manifest import Course, ManifestError, find_week


@pytest.mark.parametrize("text", ["1", "01", "week_01", "week_01_tok", "week_01_tokenization", " WEEK_01 "])
def test_week_is_found_by_number_id_or_prefix(course: Course, text: str) -> None:
    assert find_week(course, text).id == "week_01_tokenization"


@pytest.mark.parametrize("text", ["0", "00", "week_00"])
def test_orientation_is_found(course: Course, text: str) -> None:
    assert course.week(text).number == 0


def test_ambiguous_prefix_names_the_candidates(course: Course) -> None:
    with pytest.raises(ManifestError, match=r"^'week_0' could be any of week_00_start_here, week_01.*; write more"):
        find_week(course, "week_0")


def test_many_candidates_are_cut_short(course: Course) -> None:
    with pytest.raises(ManifestError, match="and 37 more; write more of the name"):
        find_week(course, "week")


def test_misspelt_week_gets_a_suggestion(course: Course) -> None:
    with pytest.raises(ManifestError, match="did you mean week_01_tokenization"):
        find_week(course, "week_01_tokenisation")


def test_topic_alone_gets_a_suggestion(course: Course) -> None:
    with pytest.raises(ManifestError, match="did you mean week_01_tokenization"):
        find_week(course, "tokenisation")


@pytest.mark.parametrize("text", ["49", "", "²"])
def test_unknown_week_names_the_range(course: Course, text: str) -> None:
    with pytest.raises(ManifestError, match="weeks run from week_00_start_here to week_48_"):
        find_week(course, text)


def test_full_id_wins_over_a_longer_one_that_begins_with_it(course: Course) -> None:
    longer = course.weeks[2].model_copy(update={"id": "week_01_tokenization_again"})
    assert find_week(course.model_copy(update={"weeks": (*course.weeks, longer)}), "week_01_tokenization").number == 1
