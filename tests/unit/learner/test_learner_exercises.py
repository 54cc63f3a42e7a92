"""`hint` and `reveal`: one step at a time, and the worked answer after an attempt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from courseware.checks import LocalChannel, Student, World, case, check
from courseware.learner import hint, progress, reveal
from courseware.learner.errors import UnknownItemError

Said = Callable[[], str]
WEEK = "week_01_tokenization"


@check("pair-counts", title="Pairs")
def pairs_check(student: Student, _: World) -> None:
    with case("counts") as c:
        c.equal(student.call("pair_counts", [1, 2]), {(1, 2): 1})


def not_written(ids: list[int]) -> object:
    raise NotImplementedError


def wrong(ids: list[int]) -> object:
    return ids


def run_check(answer: Callable[[list[int]], object]) -> None:
    progress.keep_result(pairs_check.run(Student(LocalChannel({"pair_counts": answer})), World.of_class("pair-counts")))


def test_each_call_opens_the_next_hint_and_the_last_one_stays(said: Said) -> None:
    texts = []
    for _ in range(4):
        hint("pair-counts")
        texts.append(said())
    assert ["HINT-ONE" in texts[0], "HINT-TWO" in texts[1], "HINT-THREE" in texts[2], "HINT-THREE" in texts[3]] == [
        True
    ] * 4
    assert "step 2 of 3" in texts[1]
    assert "HINT-TWO" not in texts[0]


def test_a_hint_step_can_be_named(said: Said) -> None:
    hint("pair-counts", step=3)
    assert "HINT-THREE" in said()
    assert progress.state().week(WEEK).hints == {"pair-counts": 3}


@pytest.mark.parametrize("step", [0, 4])
def test_an_unknown_step_names_the_known_ones(step: int) -> None:
    with pytest.raises(UnknownItemError, match="steps are 1 to 3"):
        hint("pair-counts", step)


def test_the_worked_answer_stays_shut_before_an_attempt(said: Said) -> None:
    reveal("pair-counts")
    text = said()
    assert "Try pair-counts first" in text
    assert "WORKED-ANSWER" not in text


def test_running_the_check_on_an_untouched_stub_is_no_attempt(said: Said) -> None:
    run_check(not_written)
    reveal("pair-counts")
    assert "WORKED-ANSWER" not in said()


def test_the_worked_answer_opens_after_a_failed_attempt(said: Said) -> None:
    run_check(wrong)
    reveal("pair-counts")
    assert "WORKED-ANSWER" in said()
    week = progress.state().week(WEEK)
    assert (week.exercises, week.revealed) == ({"pair-counts": False}, ["pair-counts"])


def test_an_exercise_without_a_worked_answer_says_so(said: Said) -> None:
    reveal("open-end")
    assert 'There is no worked answer for open-end. For a hint: hint("open-end")' in said()


def test_an_attempt_at_another_exercise_opens_nothing(said: Said) -> None:
    progress.record("exercise", "open-end", passed=True)
    reveal("pair-counts")
    assert "WORKED-ANSWER" not in said()


def test_an_attempt_in_another_week_opens_nothing(said: Said) -> None:
    progress.record("exercise", "pair-counts", week="week_02_embeddings_attention", passed=True)
    reveal("pair-counts")
    assert "WORKED-ANSWER" not in said()


@pytest.mark.usefixtures("static")
def test_a_built_page_opens_no_step_and_records_nothing(folder: Path, said: Said) -> None:
    hint("pair-counts")
    reveal("pair-counts")
    text = said()
    assert "HINT-ONE" not in text
    assert "WORKED-ANSWER" not in text
    assert not (folder.parent / "progress.jsonl").exists()
