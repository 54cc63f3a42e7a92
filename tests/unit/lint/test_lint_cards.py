"""Rules about cards: the form, one above each task, sums that agree with the cells and the manifest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CARD = "> **Skill** x · **Difficulty** 1/5 · **Importance** 1/5 · **Minutes** 1 · **Points** 1 · **Tier** open"

SPOILT: list[tuple[str, str, Callable[[Any], object]]] = [
    (
        "cards-have-their-form",
        "not a card",
        lambda c: c.replace(c.LAB, "> **Skill** write first ·", "> **Skill** write first,"),
    ),
    ("cards-have-their-form", "not a card", lambda c: c.replace(c.LESSON, "· **Importance** 4/5 ", "")),
    (
        "cards-have-their-form",
        "difficulty is 6",
        lambda c: c.replace(c.LAB, "**Difficulty** 3/5", "**Difficulty** 6/5"),
    ),
    (
        "cards-have-their-form",
        "importance is 0",
        lambda c: c.replace(c.LAB, "**Importance** 5/5", "**Importance** 0/5"),
    ),
    ("cards-have-their-form", "tier is 'basic'", lambda c: c.replace(c.LESSON, "**Tier** core", "**Tier** basic")),
    ("cards-have-their-form", "0 minutes", lambda c: c.replace(c.LAB, "**Minutes** 20", "**Minutes** 0")),
    ("cards-have-their-form", "card has points; add", lambda c: c.replace(c.LAB, " · **Points** 30", "")),
    (
        "cards-have-their-form",
        "card has no points; remove",
        lambda c: c.replace(c.LESSON, "**Minutes** 10", "**Minutes** 10 · **Points** 5"),
    ),
    (
        "tasks-have-one-card",
        "0 cards above task 'first'",
        lambda c: c.replace(c.LAB, "> **Skill** write first", "> write"),
    ),
    (
        "tasks-have-one-card",
        "2 cards above task 'second'",
        lambda c: c.replace(c.LAB, "> **Skill** write second", f"{CARD}\n\n> **Skill** write second"),
    ),
    (
        "tasks-have-one-card",
        "a card above no task",
        lambda c: c.append(c.LAB, f'\n# %% [markdown]\nr"""\n{CARD}\n"""\n'),
    ),
    (
        "tasks-have-one-card",
        "2 cards for 3 exercises",
        lambda c: c.replace(c.LESSON, "> **Skill** compare two", "> two"),
    ),
    (
        "tasks-have-one-card",
        "exercise 'fit' stands above its card",
        lambda c: (
            c.replace(c.EXERCISES, 'id = "fit"', 'id = "x"')
            .replace(c.EXERCISES, 'id = "compare"', 'id = "fit"')
            .replace(c.EXERCISES, 'id = "x"', 'id = "compare"')
        ),
    ),
    (
        "card-points-add-up",
        "the card of 'first' says 29 points, its cells 30",
        lambda c: c.replace(c.LAB, "**Points** 30", "**Points** 29"),
    ),
    (
        "card-minutes-fit",
        "lab.py:1: the cards add up to 61 minutes, more than the lab's minutes in course.toml, 60",
        lambda c: c.replace(c.LAB, "**Minutes** 20", "**Minutes** 41"),
    ),
    (
        "card-minutes-fit",
        "lesson.py:1: the cards add up to 121 minutes, more than practice_minutes",
        lambda c: c.replace(c.LESSON, "**Minutes** 10", "**Minutes** 101"),
    ),
    (
        "headers-repeat-the-manifest",
        "says minutes 60, course.toml says 75",
        lambda c: c.plan("lab", minutes=75),
    ),
    (
        "headers-repeat-the-manifest",
        "says assistance tools, course.toml says closed",
        lambda c: c.plan("lab", assistance="closed"),
    ),
]


@pytest.mark.parametrize(("rule", "says", "spoil"), SPOILT, ids=[f"{rule}: {says}" for rule, says, _ in SPOILT])
def test_a_broken_rule_is_noticed(small: Any, rule: str, says: str, spoil: Callable[[Any], object]) -> None:
    spoil(small)
    found = small.broken(rule)
    assert [problem for problem in found if says in problem], found


def test_a_problem_with_a_card_names_the_cards_line(small: Any) -> None:
    lines = small.replace(small.LAB, "**Points** 20", "**Points** 21").text(small.LAB).splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "**Points** 21" in text)
    assert small.broken("card-points-add-up")[0].startswith(f"{small.LAB}:{line}: ")


def test_two_answers_may_share_a_card_and_a_pair_of_checks(small: Any) -> None:
    small.replace(small.LAB, '# %% id="first-look"', '# %% id="claims" role="answer"')
    assert small.broken("tasks-have-one-card") == small.broken("tasks-have-their-checks") == []
