"""Rules about points: manifest, cells and checks agree, both ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SPOILT: list[tuple[str, str, Callable[[Any], object]]] = [
    (
        "points-are-the-manifests",
        "the cells add up to 50 points, course.toml says 60",
        lambda c: c.plan("lab", points=60),
    ),
    (
        "points-are-the-manifests",
        "the cells add up to 0 manual_points, course.toml says 10",
        lambda c: c.plan("lab", manual_points=10),
    ),
    (
        "tasks-have-their-checks",
        "task 'first' is graded by check first-visible, not",
        lambda c: c.replace(c.LAB, '# %% id="first-hidden" role="hidden" points=20', ""),
    ),
    (
        "tasks-have-their-checks",
        "task 'second' is graded by nothing",
        lambda c: c.replace(c.LAB, '# %% id="second-visible" role="check" points=10', "").replace(
            c.LAB, '# %% id="second-hidden" role="hidden" points=10', ""
        ),
    ),
    (
        "tasks-have-their-checks",
        "no answer cell is called 'first', its answers: one",
        lambda c: c.replace(c.LAB, 'id="first" role="answer"', 'id="one" role="answer"'),
    ),
    (
        "checks-match-their-cells",
        "cell 'first-visible' has 10 points, its check 11",
        lambda c: c.replace(c.VISIBLE, "points=10", "points=11"),
    ),
    (
        "checks-match-their-cells",
        "no check 'second-hidden' in graders",
        lambda c: c.replace(c.HIDDEN, '"second-hidden"', '"other-hidden"'),
    ),
    (
        "checks-match-their-cells",
        "check 'other-hidden' has no hidden cell",
        lambda c: c.replace(c.HIDDEN, '"second-hidden"', '"other-hidden"'),
    ),
    (
        "checks-match-their-cells",
        "check 'first-hidden' has hidden=False in graders",
        lambda c: c.replace(c.HIDDEN, ", hidden=True", ""),
    ),
    (
        "checks-match-their-cells",
        "hidden.py:1: cannot be imported: NameError",
        lambda c: c.append(c.HIDDEN, "\nundefined\n"),
    ),
    (
        "checks-match-their-cells",
        "visible.py:1: cannot be imported: CheckDefinitionError",
        lambda c: c.replace(c.VISIBLE, '"second-visible"', '"first-visible"'),
    ),
    (
        "exercises-have-their-checks",
        "check 'cut' is no exercise",
        lambda c: c.replace(c.LESSON_CHECKS, '@check("fit"', '@check("cut"'),
    ),
    (
        "exercises-have-their-checks",
        "exercise 'fit': a core exercise without a check",
        lambda c: c.write(c.LESSON_CHECKS, ""),
    ),
    (
        "exercises-have-their-checks",
        "check 'fit' of a lesson has points",
        lambda c: c.replace(c.LESSON_CHECKS, 'title="Cut a text"', 'title="Cut a text", points=1'),
    ),
    (
        "exercises-have-their-checks",
        "exercise 'fit': a core exercise without a worked answer",
        lambda c: c.replace(c.EXERCISES, "answer = '''return text'''", ""),
    ),
    (
        "exercises-have-their-checks",
        "checks.py:1: cannot be imported",
        lambda c: c.append(c.LESSON_CHECKS, "\n1 / 0\n"),
    ),
]


@pytest.mark.parametrize(("rule", "says", "spoil"), SPOILT, ids=[f"{rule}: {says}" for rule, says, _ in SPOILT])
def test_a_broken_rule_is_noticed(small: Any, rule: str, says: str, spoil: Callable[[Any], object]) -> None:
    spoil(small)
    found = small.broken(rule)
    assert [problem for problem in found if says in problem], found


def test_a_manual_task_has_no_checks_and_its_points_count(small: Any) -> None:
    card = "> **Skill** s · **Difficulty** 1/5 · **Importance** 1/5 · **Minutes** 9 · **Points** 10 · **Tier** core"
    small.append(
        small.LAB, f'\n# %% [markdown]\nr"""\n{card}\n"""\n\n# %% [markdown] id="memo" role="manual" points=10\n'
    )
    small.append(small.LAB, 'r"""\n### BEGIN SOLUTION\nA memo.\n### END SOLUTION\n"""\n')
    small.plan("lab", points=60, manual_points=10).write(small.LAB.replace("lab.py", "rubric.md"), "# Rubric\n")
    assert small.lint() == []
