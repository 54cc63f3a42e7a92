"""The set of rules as a whole: none without a test that shows it go red, none that objects to a good course."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from courseware.build.lint import RULES


def test_a_good_course_breaks_no_rule(small: Any) -> None:
    assert small.lint() == []


def test_every_rule_has_a_test_in_which_it_is_broken() -> None:
    spoilt = set()
    for path in Path(__file__).parent.glob("test_lint_*.py"):
        spec = importlib.util.spec_from_file_location(f"_spoilt_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        spoilt |= {rule for rule, _, _ in getattr(module, "SPOILT", ())}
    assert spoilt == set(RULES)


def test_every_rule_says_in_its_docstring_what_it_asks() -> None:
    assert [name for name, rule in RULES.items() if not rule.__doc__] == []


def test_problems_are_sorted_and_name_file_line_and_rule(small: Any) -> None:
    small.replace(small.LAB, "20 · **Points**", "99 · **Points**").append(small.PAGE, "\nSimply [gone](gone.md)\n")
    assert small.lint() == [
        f"{small.PAGE}:7: links to 'gone.md', which does not exist; correct or remove the link (links-lead-to-files)",
        f"{small.PAGE}:7: says 'Simply': 'Simply [gone](gone.md)'; leave the word out (nothing-is-simple)",
        f"{small.LAB}:1: the cards add up to 119 minutes, more than the lab's minutes in course.toml, 60; change one"
        " (card-minutes-fit)",
    ]
