"""`predict` and `quiz`: asked, answered, explained, recorded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from courseware.learner import predict, progress, quiz
from courseware.learner.errors import NoPracticeError, UnknownItemError
from courseware.learner.tally import Answer

Said = Callable[[], str]
WEEK = "week_01_tokenization"


def test_a_prediction_is_asked_without_its_answer(said: Said) -> None:
    predict("emoji-bytes")
    text = said()
    assert "How many bytes" in text
    assert "C. 4" in text
    assert "PREDICTION-WHY" not in text


@pytest.mark.parametrize("answer", ["2", 2, " 2 ", "b", "B"])
def test_a_prediction_takes_an_options_text_or_letter(answer: object) -> None:
    predict("emoji-bytes", answer)
    assert progress.state().week(WEEK).predictions == {"emoji-bytes": Answer("2", right=False)}


def test_a_wrong_prediction_counts_and_says_what_is_right(said: Said) -> None:
    predict("emoji-bytes", "2")
    text = said()
    assert "You said 2. Not this time: it is 4." in text
    assert "PREDICTION-WHY" in text


def test_a_right_prediction_says_so(said: Said) -> None:
    predict("emoji-bytes", "4")
    assert "You said 4. Right." in said()


def test_an_answered_prediction_shows_its_answer_again(said: Said) -> None:
    predict("emoji-bytes", "2")
    said()
    predict("emoji-bytes")
    assert "You said 2." in said()


def test_an_unknown_option_names_the_known_ones_and_records_nothing() -> None:
    with pytest.raises(UnknownItemError, match=r"no option 3; choose A '1', B '2', C '4'"):
        predict("emoji-bytes", 3)
    assert progress.state().weeks == {}


@pytest.mark.parametrize("ask", [predict, quiz])
def test_an_unknown_id_names_the_known_ones(ask: Callable[[str], None]) -> None:
    with pytest.raises(UnknownItemError, match=r"'nothing' in practice.toml; it has: (emoji-bytes|length, second)"):
        ask("nothing")


def test_without_a_practice_file_the_next_step_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    with pytest.raises(NoPracticeError, match="run the set-up cell first"):
        predict("emoji-bytes")


def test_an_edit_of_the_practice_file_shows_at_once(folder: Path, said: Said) -> None:
    predict("emoji-bytes")
    path = folder / "practice.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("How many bytes", "HOW MANY"), encoding="utf-8")
    predict("emoji-bytes")
    assert "HOW MANY" in said()


def test_a_quiz_shows_every_item_and_no_answer(said: Said) -> None:
    quiz()
    text = said()
    assert "Question 1 of 2: What does `len` count?" in text
    assert "Question 2 of 2" in text
    assert "0 of 2 answered" in text
    assert "WHY" not in text


@pytest.mark.parametrize("answer", [2, "2", "b", "B", "Code points", "code points"])
def test_a_quiz_item_takes_a_number_a_letter_or_the_text(answer: object) -> None:
    quiz("length", answer)
    assert progress.state().week(WEEK).quiz == {"length": Answer("Code points", right=True)}


@pytest.mark.parametrize("answer", [0, 3, -1, "c", "", True, 1.5])
def test_an_unknown_quiz_option_names_the_known_ones(answer: object) -> None:
    with pytest.raises(UnknownItemError, match="choose a number from 1 to 2 or a letter from A to B"):
        quiz("length", answer)


def test_an_answered_quiz_item_explains_every_option(said: Said) -> None:
    quiz("length", 1)
    text = said()
    assert "Not this one: B is right." in text
    assert "A. Bytes (your answer)" in text
    assert "B. Code points (right)" in text
    assert "WHY-BYTES" in text
    assert "WHY-POINTS" in text
    assert "1 of 2 answered, 0 right." in text


def test_a_finished_quiz_can_be_read_again(said: Said) -> None:
    quiz("length", 1)
    quiz("second", "a")
    said()
    quiz()
    text = said()
    assert "A. Bytes (your answer)" in text
    assert "A. Yes (your answer, right)" in text
    assert "2 of 2 answered, 1 right." in text


def test_one_quiz_item_can_be_asked_alone(said: Said) -> None:
    quiz("second")
    text = said()
    assert "Question 2 of 2" in text
    assert "Question 1 of 2" not in text


def test_an_answer_whose_option_was_rewritten_is_asked_again(folder: Path, said: Said) -> None:
    quiz("length", 1)
    path = folder / "practice.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"Bytes"', '"Octets"'), encoding="utf-8")
    said()
    quiz()
    assert "0 of 2 answered" in said()


def test_a_notebook_without_a_quiz_says_so(folder: Path, said: Said) -> None:
    (folder / "practice.toml").write_text("", encoding="utf-8")
    quiz()
    assert said() == "This notebook has no quiz.\n"


@pytest.mark.usefixtures("static")
def test_a_built_page_records_nothing_on_disk(folder: Path) -> None:
    predict("emoji-bytes", "2")
    quiz("length", 1)
    assert not (folder.parent / "progress.jsonl").exists()
