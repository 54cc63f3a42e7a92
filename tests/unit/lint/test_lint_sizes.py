"""Rules about size: cells, words, lines, bytes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

SENTENCE = "What surprises is asked first, so that the reader has something at stake when the answer arrives."


def prose(words: int) -> str:
    return f'\n# %% [markdown]\nr"""\n{"word " * words}\n"""\n'


def task(name: str) -> str:
    graded = f'# %% id="{name}-visible" role="check" points=1\n\n# %% id="{name}-hidden" role="hidden" points=1\n'
    return f'\n# %% id="{name}" role="answer"\npass\n\n{graded}'


def function(lines: int) -> str:
    return "def long():\n" + "    pass\n" * (lines - 1)


def big(course: Any, name: str) -> None:
    course.write(name, "")
    with (course.root / name).open("wb") as file:
        file.truncate(60_000_001)


SPOILT: list[tuple[str, str, Callable[[Any], object]]] = [
    (
        "lessons-have-their-length",
        "24 cells, not 25 to 40; add",
        lambda c: [c.replace(c.LESSON, f'# %% id="step-{n}"\nprint({n - 1})\n', "") for n in (3, 4, 5, 6)],
    ),
    ("lessons-have-their-length", "43 cells, not 25 to 40; cut", lambda c: c.append(c.LESSON, "\n# %%\n1\n" * 15)),
    (
        "lessons-have-their-length",
        "words of prose, not 900 to 1,500; add",
        lambda c: c.replace(c.LESSON, SENTENCE, "", times=99),
    ),
    ("lessons-have-their-length", "words of prose, not 900 to 1,500; cut", lambda c: c.append(c.LESSON, prose(600))),
    (
        "labs-have-their-length",
        "19 cells, not 20 to 35; add",
        lambda c: [c.replace(c.LAB, f'# %% id="given-{n}" role="locked"\nGIVEN_{n} = {n}\n', "") for n in (0, 2)],
    ),
    ("labs-have-their-length", "36 cells, not 20 to 35; cut", lambda c: c.append(c.LAB, "\n# %%\n1\n" * 15)),
    ("labs-have-their-length", "5 tasks, more than 4", lambda c: c.append(c.LAB, "".join(map(task, "xyz")))),
    ("cells-are-short", "26 lines in cell 'step-3'", lambda c: c.replace(c.LESSON, "print(2)", "print(2)\n" * 26)),
    ("cells-are-short", "201 words in cell 'mark-", lambda c: c.append(c.LESSON, prose(201))),
    ("notebooks-are-small", "lesson.ipynb:1: 251 KB, more than 250", lambda c: c.write(c.LESSON_BUILT, "x" * 251_000)),
    ("repository-is-small", "data/big.bin:1: 60.", lambda c: big(c, "data/big.bin")),
    ("modules-can-be-parsed", "small.py:1: is not Python", lambda c: c.write(c.MODULE, "def")),
    ("modules-are-short", "small.py:1: 401 lines, more than 400", lambda c: c.write(c.MODULE, "x = 1\n" * 401)),
    ("modules-are-short", "hidden.py:1: 401 lines, more than 400", lambda c: c.write(c.HIDDEN, "x = 1\n" * 401)),
    (
        "functions-are-short",
        "small.py:2: long has 51 lines, more than 50",
        lambda c: c.write(c.MODULE, "\n" + function(51)),
    ),
]


@pytest.mark.parametrize(("rule", "says", "spoil"), SPOILT, ids=[f"{rule}: {says}" for rule, says, _ in SPOILT])
def test_a_broken_rule_is_noticed(small: Any, rule: str, says: str, spoil: Callable[[Any], object]) -> None:
    spoil(small)
    found = small.broken(rule)
    assert [problem for problem in found if says in problem], found


def test_limits_may_be_reached(small: Any) -> None:
    small.write(small.MODULE, function(50) + "x = 1\n" * 350).append(small.LESSON, "\n# %%\n" + "1\n" * 25)
    assert [small.broken(rule) for rule in ("modules-are-short", "functions-are-short", "cells-are-short")] == [
        [],
        [],
        [],
    ]


def test_the_reference_does_not_count_towards_an_answer_cells_lines(small: Any) -> None:
    small.replace(small.LAB, "    ### BEGIN SOLUTION\n", "    ### BEGIN SOLUTION\n" + "    pass\n" * 40)
    assert small.broken("cells-are-short") == []


def test_code_links_and_cards_are_not_words(small: Any) -> None:
    code = "```python\n" + "one two three\n" * 200 + "```"
    small.append(small.LESSON, f'\n# %% [markdown]\nr"""\n{code}\n"""\n')
    assert small.broken("cells-are-short") == small.broken("lessons-have-their-length") == []


def test_week_00_may_be_of_any_length(small: Any) -> None:
    small.plan(id="week_00_start_here")
    assert small.broken("lessons-have-their-length") == small.broken("labs-have-their-length") == []


def test_in_a_checkout_only_what_git_would_commit_counts(small: Any) -> None:
    subprocess.run(["git", "init", "--quiet", str(small.root)], check=True)
    big(small, "data/generated/big.bin")
    assert len(small.broken("repository-is-small")) == 1
    small.write(".gitignore", "/data/generated/\n")
    assert small.broken("repository-is-small") == []
