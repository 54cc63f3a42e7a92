"""Reading practice.toml: what it gives, and how every slip is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from courseware.learner.errors import PracticeError, UnknownItemError
from courseware.learner.practice import load_practice


def problems(folder: Path, text: str) -> tuple[str, ...]:
    """What is wrong with `text` as a practice file."""
    path = folder / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PracticeError) as caught:
        load_practice(path)
    return caught.value.problems


def predict_with(line: str) -> str:
    lines = {
        "id": 'id = "a-b"',
        "question": 'question = "Q"',
        "options": 'options = ["1", "2"]',
        "answer": 'answer = "1"',
    }
    lines |= {"why": 'why = "W"', line.partition(" ")[0]: line}
    return "# first line\n[[predict]]\n" + "\n".join(lines.values())


def quiz_with(options: str, objective: str = "1") -> str:
    return f'[[quiz]]\nid = "q"\nquestion = "Q"\nobjective = {objective}\noptions = [{options}]'


def test_a_practice_file_gives_its_items_in_order(folder: Path) -> None:
    practice = load_practice(folder / "practice.toml")
    assert [item.id for item in practice.predictions] == ["emoji-bytes"]
    assert [item.id for item in practice.exercises] == ["pair-counts", "open-end"]
    assert [item.id for item in practice.quiz] == ["length", "second"]
    assert practice.quiz_item("length").right.text == "Code points"
    assert practice.exercise("open-end").answer is None


def test_an_empty_file_is_a_practice_without_items(folder: Path) -> None:
    (folder / "practice.toml").write_text("", encoding="utf-8")
    practice = load_practice(folder / "practice.toml")
    assert (practice.predictions, practice.exercises, practice.quiz) == ((), (), ())


def test_an_unknown_id_names_the_known_ones(folder: Path) -> None:
    with pytest.raises(UnknownItemError, match=r"'pair'.*pair-counts, open-end"):
        load_practice(folder / "practice.toml").exercise("pair")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('answer = "3"', "answer '3' is not one of its options; copy one of: 1, 2"),
        ('answer = "one\'s"', 'answer "one\'s" is not one of its options'),
        ("options = [1, 2]", "options is [1, 2]; write each as text between quotes"),
        ('options = ["1"]', "options has 1 items; write 2 to 8"),
        ('options = ["1", "1"]', "options says the same thing twice"),
        ('why = " "', "why is ' '; write some text between quotes"),
        ('id = "A b"', "id 'A b' is not lower-case words joined by hyphens"),
        ('because = "x"', "key 'because' is not known; known keys: id, question, options, answer, why"),
    ],
)
def test_a_slip_in_a_prediction_names_file_line_and_remedy(folder: Path, line: str, problem: str) -> None:
    (found,) = problems(folder, predict_with(line))
    assert found.startswith("bad.toml:2: predict ")
    assert problem in found


def test_a_missing_key_is_named(folder: Path) -> None:
    assert problems(folder, predict_with('why = "W"').replace('why = "W"', "")) == (
        "bad.toml:2: predict 'a-b': why is missing; write some text between quotes",
    )


def test_an_entry_without_an_id_is_named_by_its_number(folder: Path) -> None:
    assert "predict number 1: id is ''" in problems(folder, predict_with('id = ""'))[0]


@pytest.mark.parametrize("rights", ["", ", right = true"])
def test_a_quiz_item_has_exactly_one_right_option(folder: Path, rights: str) -> None:
    both = f'{{ text = "a", why = "w"{rights} }}, {{ text = "b", why = "w"{rights} }}'
    assert "mark exactly one with `right = true`" in problems(folder, quiz_with(both))[0]


def test_a_quiz_option_is_named_by_its_number(folder: Path) -> None:
    options = '{ text = "a", right = true, why = "w" }, { text = "b" }'
    assert problems(folder, quiz_with(options))[0].startswith("bad.toml:1: quiz 'q' option 2: why is missing")


@pytest.mark.parametrize("objective", ["0", '"1"', "true", "1.0"])
def test_an_objective_is_a_number_from_one(folder: Path, objective: str) -> None:
    options = '{ text = "a", right = true, why = "w" }, { text = "b", why = "w" }'
    assert "objective is" in problems(folder, quiz_with(options, objective))[0]


def test_an_exercise_has_three_hints(folder: Path) -> None:
    found = problems(folder, '[[exercise]]\nid = "e"\nhints = ["one", "two"]')
    assert found == ("bad.toml:1: exercise 'e': hints has 2 items; write 3",)


def test_the_same_id_twice_is_reported_at_the_second(folder: Path) -> None:
    twice = '[[exercise]]\nid = "e"\nhints = ["1", "2", "3"]\n'
    assert problems(folder, twice * 2) == ("bad.toml:4: exercise 'e': id 'e' is used twice; give each its own",)


def test_every_problem_is_found_and_the_message_counts_them(folder: Path) -> None:
    found = problems(folder, '[[exercise]]\nid = "e"\nhints = []\n[[predictions]]\nid = "p"')
    assert len(found) == 2
    with pytest.raises(PracticeError, match=r"\(and 1 more\)"):
        load_practice(folder / "bad.toml")


@pytest.mark.parametrize("text", ["[[predict]\n", "\ufeff= 1", "a = '\x00'"])
def test_text_that_is_not_toml_is_one_line(folder: Path, text: str) -> None:
    (found,) = problems(folder, text)
    assert found.startswith("bad.toml: is not TOML")


def test_bytes_that_are_not_text_are_one_line(folder: Path) -> None:
    (folder / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PracticeError, match="is not TOML"):
        load_practice(folder / "bad.toml")


def test_a_missing_file_is_one_line(folder: Path) -> None:
    with pytest.raises(PracticeError, match=r"none.toml: cannot be read"):
        load_practice(folder / "none.toml")


def test_the_courses_own_practice_files_are_read(root: Path) -> None:
    paths = sorted([*root.glob("notebooks/*/practice.toml"), *root.glob("labs/*/practice.toml")])
    assert paths
    for path in paths:
        load_practice(path)
