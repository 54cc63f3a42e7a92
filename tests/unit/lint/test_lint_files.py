"""Rules about files: what is missing, unreadable or called wrongly is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SPOILT: list[tuple[str, str, Callable[[Any], object]]] = [
    (
        "sources-can-be-read",
        "lesson.py:9: unknown role 'solved'",
        lambda c: c.replace(c.LESSON, '# %% id="setup"', '# %% id="setup" role="solved"'),
    ),
    ("sources-can-be-read", "practice.toml:1: is not TOML", lambda c: c.append(c.EXERCISES, "= 3")),
    ("sources-can-be-read", "variant_0.py:1: no '# shows:'", lambda c: c.write(f"{c.ANSWERS}/wrong/variant_0.py", "x")),
    ("sources-can-be-read", "lesson.ipynb:1: not a notebook", lambda c: c.write(c.LESSON_BUILT, "{}")),
    ("ready-weeks-have-their-files", "checks.py:1: missing", lambda c: c.remove(c.LESSON_CHECKS)),
    ("ready-weeks-have-their-files", "lab.py:1: missing", lambda c: c.remove(c.LAB)),
    ("ready-weeks-have-their-files", "hidden.py:1: missing", lambda c: c.remove(c.HIDDEN)),
    ("ready-weeks-have-their-files", "rubric.md:1: missing", lambda c: c.plan("lab", manual_points=10)),
    ("ready-weeks-have-their-files", "data/gold/x.csv:1: missing", lambda c: c.plan("lab", data=("gold/x.csv",))),
    ("labs-have-planted-answers", "5 wrong answers, not 6", lambda c: c.remove(f"{c.ANSWERS}/wrong/variant_0.py")),
    ("labs-have-planted-answers", "1 right answers, not 2", lambda c: c.remove(f"{c.ANSWERS}/right/variant_0.py")),
    (
        "planted-answers-fit-their-lab",
        "no answer cell 'third'",
        lambda c: c.replace(f"{c.ANSWERS}/right/variant_0.py", 'id="first"', 'id="third"'),
    ),
    (
        "planted-answers-fit-their-lab",
        "loses 21 of 'first-hidden', which has 20 points",
        lambda c: c.replace(f"{c.ANSWERS}/wrong/variant_0.py", "hidden 20", "hidden 21"),
    ),
    (
        "planted-answers-fit-their-lab",
        "loses 20 of 'third-hidden', which has 0 points",
        lambda c: c.replace(f"{c.ANSWERS}/wrong/variant_0.py", "first-hidden", "third-hidden"),
    ),
    ("folders-belong-to-weeks", "labs/week_01_tokens:1", lambda c: c.write("labs/week_01_tokens/lab.ipynb", "")),
]


@pytest.mark.parametrize(("rule", "says", "spoil"), SPOILT, ids=[f"{rule}: {says}" for rule, says, _ in SPOILT])
def test_a_broken_rule_is_noticed(small: Any, rule: str, says: str, spoil: Callable[[Any], object]) -> None:
    spoil(small)
    found = small.broken(rule)
    assert [problem for problem in found if says in problem], found


def test_a_planned_week_needs_no_files(small: Any) -> None:
    small.plan("lab", state="planned").plan("lesson", state="planned").remove(small.LAB).remove(small.LESSON)
    assert small.broken("ready-weeks-have-their-files") == []


def test_week_00_needs_one_wrong_answer_alone(small: Any) -> None:
    small.plan(id="week_00_start_here")
    for path in (small.root / small.ANSWERS).rglob("*.py"):
        path.unlink()
    assert [problem.partition(": ")[2] for problem in small.broken("labs-have-planted-answers")] == []
