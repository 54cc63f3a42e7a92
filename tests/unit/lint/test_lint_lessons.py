"""Rules about the anatomy of lessons, and about practice files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def move_right(course: Any, item: str) -> None:
    """Make the first option of an item the right one."""
    before, after = course.text(course.EXERCISES).split(f'"{item}"')
    mine, rest = after.split("]\n", 1)
    mine = mine.replace("right = true, ", "").replace('1", why', '1", right = true, why')
    course.write(course.EXERCISES, f'{before}"{item}"{mine}]\n{rest}')


SPOILT: list[tuple[str, str, Callable[[Any], object]]] = [
    (
        "lessons-state-objectives",
        "3 objectives in a list",
        lambda c: c.replace(c.LESSON, "3. **Choose** a size.\n", ""),
    ),
    ("lessons-state-objectives", "0 objectives", lambda c: c.replace(c.LESSON, "## You will be able to", "## Goals")),
    (
        "objectives-are-tested",
        "objective 4 is tested nowhere",
        lambda c: c.replace(c.LESSON, "with `fit`", "with care"),
    ),
    (
        "objectives-are-tested",
        "objective 4 is tested nowhere",
        lambda c: c.replace(c.LESSON, "with `fit`", "with `own`"),
    ),
    (
        "objectives-are-tested",
        "objective 1 is tested",
        lambda c: c.replace(c.EXERCISES, "objective = 1", "objective = 2"),
    ),
    (
        "objectives-are-tested",
        "quiz 'item-1': objective is 7, not 1 to 4",
        lambda c: c.replace(c.EXERCISES, "objective = 1", "objective = 7"),
    ),
    ("lessons-have-their-parts", "a call of predict()", lambda c: c.replace(c.LESSON, 'predict("bytes")', "1")),
    ("lessons-have-their-parts", "a call of quiz()", lambda c: c.replace(c.LESSON, "quiz()", "1")),
    ("lessons-have-their-parts", "tagged raises", lambda c: c.replace(c.LESSON, ' tags=["raises-exception"]', "")),
    (
        "lessons-have-their-parts",
        "a control",
        lambda c: (
            c.replace(c.LESSON, "## A control", "## A sweep")
            .replace(c.LESSON, "negative control", "baseline")
            .replace(c.LESSON, "(#a-control)", "(#a-sweep)")
        ),
    ),
    ("lessons-have-their-parts", "tier stretch", lambda c: c.replace(c.LESSON, "**Tier** stretch", "**Tier** core")),
    ("quizzes-have-their-length", "4 quiz items", lambda c: c.replace(c.EXERCISES, '[[quiz]]\nid = "item-5"', "[x]")),
    (
        "quizzes-have-their-length",
        "7 quiz items",
        lambda c: c.append(c.EXERCISES, '[[quiz]]\nid = "y"\n[[quiz]]\nid = "z"\n'),
    ),
    (
        "practice-is-used",
        "predict('bits'): practice.toml has no such predict",
        lambda c: c.replace(c.LESSON, 'predict("bytes")', 'predict("bits")'),
    ),
    ("practice-is-used", "no cell calls predict('bytes')", lambda c: c.replace(c.LESSON, 'predict("bytes")', "1")),
    ("practice-is-used", "hint('fits')", lambda c: c.replace(c.LESSON, 'hint("fit")', 'hint("fits")')),
    (
        "practice-is-used",
        "exercise 'own': no cell has this id",
        lambda c: c.replace(c.LESSON, ' (`hint("own")` helps)', ""),
    ),
    ("practice-is-used", "exercise 'third': no cell", lambda c: c.replace(c.HINTS, 'id = "second"', 'id = "third"')),
    ("practice-is-used", "task 'second' has no hints", lambda c: c.replace(c.HINTS, 'id = "second"', 'id = "third"')),
    (
        "practice-is-whole",
        "predict 'bytes': the answer '5' is none of its options",
        lambda c: c.replace(c.EXERCISES, 'answer = "4"', 'answer = "5"'),
    ),
    ("practice-is-whole", "exercise 'first': 2 hints, not 3", lambda c: c.replace(c.HINTS, ' "An approach.",', "")),
    (
        "practice-is-whole",
        "item-1': 2 right options",
        lambda c: c.replace(c.EXERCISES, '2", why', '2", right = true, why'),
    ),
    ("practice-is-whole", "item-1': 0 right options", lambda c: c.replace(c.EXERCISES, "right = true, ", "")),
    ("practice-is-whole", "option 1 has no why", lambda c: c.replace(c.EXERCISES, "because of 1", "")),
    (
        "practice-is-whole",
        "item-1': 2 options, not 3 to 5",
        lambda c: c.replace(c.EXERCISES, '    { text = "not this one 3", why = "because of 3" },\n', ""),
    ),
    ("practice-is-whole", "2 entries exercise 'fit'", lambda c: c.replace(c.EXERCISES, 'id = "own"', 'id = "fit"')),
    ("right-options-are-spread", "3 of 5 right options stand at position 1", lambda c: move_right(c, "item-2")),
    (
        "right-options-are-not-the-longest",
        "the right option is the longest in 3 of 5 items, item-1, item-2, item-5",
        lambda c: c.replace(c.EXERCISES, 'text = "right"', 'text = "right, and longer than all others"'),
    ),
    (
        "hints-keep-the-graders-rules",
        "exercise 'first': a hint names a hidden check's category: 'many words'",
        lambda c: c.replace(c.HINTS, "An approach.", "Think of Many words."),
    ),
]


@pytest.mark.parametrize(("rule", "says", "spoil"), SPOILT, ids=[f"{rule}: {says}" for rule, says, _ in SPOILT])
def test_a_broken_rule_is_noticed(small: Any, rule: str, says: str, spoil: Callable[[Any], object]) -> None:
    spoil(small)
    found = small.broken(rule)
    assert [problem for problem in found if says in problem], found


def test_a_category_that_the_task_itself_names_is_no_secret(small: Any) -> None:
    small.replace(small.HINTS, "An approach.", "Ties come last.").replace(small.HIDDEN, "many words", "ties")
    assert small.broken("hints-keep-the-graders-rules") == []


def test_an_option_as_long_as_another_is_not_the_longest(small: Any) -> None:
    small.replace(small.EXERCISES, 'text = "right"', 'text = "not this one x"', times=9)
    assert small.broken("right-options-are-not-the-longest") == []
