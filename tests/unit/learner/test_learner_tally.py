"""What events add up to, and how it is said."""

from __future__ import annotations

import re
from typing import Any

import pytest

from courseware.learner.events import Event
from courseware.learner.progress import progress_html, progress_text
from courseware.learner.tally import Answer, Score, tally, to_review
from courseware.manifest import Course

WEEK = "week_01_tokenization"


def event(kind: str, name: str, minute: int = 0, week: str = WEEK, **value: Any) -> Event:
    return Event(f"2026-11-22T09:{minute:02d}:00Z", week, kind, name, value)


def test_the_best_points_of_a_check_count() -> None:
    scores = [event("check", "c", points=points, of=3) for points in (1, 3, 2)]
    week = tally(scores).week(WEEK)
    assert (week.points, week.of) == (3, 3)


def test_a_check_whose_points_changed_starts_afresh() -> None:
    week = tally([event("check", "c", points=3, of=3), event("check", "c", points=1, of=5)]).week(WEEK)
    assert week.checks == {"c": Score(1, 5)}


def test_an_exercise_once_passed_stays_passed() -> None:
    week = tally([event("exercise", "e", passed=passed) for passed in (False, True, False)]).week(WEEK)
    assert week.exercises == {"e": True}


def test_the_last_answer_to_a_question_counts() -> None:
    week = tally([event("quiz", "q", answer="a", right=True), event("quiz", "q", answer="b", right=False)]).week(WEEK)
    assert week.quiz == {"q": Answer("b", right=False)}
    assert week.quiz_right == 0


def test_the_furthest_hint_counts() -> None:
    assert tally([event("hint", "h", step=step) for step in (1, 3, 2)]).week(WEEK).hints == {"h": 3}


def test_time_is_counted_between_events_without_pauses() -> None:
    minutes = [0, 10, 15, 45, 50]
    assert tally([event("hint", "h", minute, step=1) for minute in minutes]).week(WEEK).minutes == 20


def test_the_order_of_the_file_does_not_change_the_time() -> None:
    assert tally([event("hint", "h", minute, step=1) for minute in (15, 0, 10)]).week(WEEK).minutes == 15


@pytest.mark.parametrize("time", ["", "yesterday", "2026-11-22T09:00:00"])
def test_a_time_that_cannot_be_read_counts_nothing(time: str) -> None:
    odd = Event(time, WEEK, "hint", "h", {"step": 1})
    assert tally([odd, event("hint", "h", step=1)]).week(WEEK).minutes == 0


@pytest.mark.parametrize("kind", ["from-the-future", "check", "quiz", "hint", "exercise"])
def test_values_of_another_version_are_passed_over(kind: str) -> None:
    tally([event(kind, "x", step="three", points=None, of=[], answer={}, right="yes", passed="yes")])


def test_weeks_are_ordered_and_apart() -> None:
    progress = tally([event("submit", "b", week="week_02_b"), event("submit", "a", week="week_01_a")])
    assert list(progress.weeks) == ["week_01_a", "week_02_b"]
    assert progress.week("week_02_b").submitted == ["2026-11-22T09:00:00Z"]


def test_what_is_not_right_yet_is_to_review() -> None:
    events = [
        event("quiz", "q", answer="a", right=False),
        event("quiz", "fine", answer="a", right=True),
        event("exercise", "e", passed=False),
        event("check", "c", points=1, of=2),
        event("prediction", "p", answer="a", right=False),
    ]
    assert [item.what for item in to_review(tally(events))] == ["quiz q", "exercise e", "check c"]


def test_the_text_has_a_line_a_week_and_what_to_review(course: Course) -> None:
    events = [event("quiz", "q", answer="a", right=False), event("check", "c", 9, points=2, of=3)]
    lines = progress_text(tally(events), course).splitlines()
    assert lines[0].startswith("week 01  Tokenization")
    assert lines[0].endswith(": quiz 0 of 1 right, lab 2 of 3 points, time 9 min")
    assert lines[2:4] == ["To review next:", "  week 01  quiz q: not right yet"]


def test_nothing_recorded_says_how_to_start() -> None:
    assert "course lab 00" in progress_text(tally([]))


def test_a_long_list_to_review_is_cut_and_says_so() -> None:
    text = progress_text(tally([event("exercise", f"e{number}", passed=False) for number in range(14)]))
    assert text.endswith("and 4 more")


def test_the_page_escapes_what_was_recorded() -> None:
    html = progress_html(tally([event("quiz", "<script>alert(1)</script>", week="<b>", answer="a", right=False)]))
    assert "<script" not in html
    assert "<b>" not in html


def test_the_page_asks_for_nothing_and_is_the_same_each_time(course: Course) -> None:
    progress = tally([event("submit", "a"), event("check", "c", points=1, of=2)])
    html = progress_html(progress, course)
    assert not re.search(r"https?:|<script|<link|\bsrc=|url\(|@import", html)
    assert html == progress_html(progress, course)


def test_the_page_says_what_is_handed_in_of_all_weeks(course: Course) -> None:
    html = progress_html(tally([event("submit", "a"), event("check", "c", points=1.5, of=2)]), course)
    assert f"1 of {len(course.weeks)} labs handed in · 1.5 points" in html
    assert course.week("01").title in html
