"""A check's fingerprint changes with what it depends on, and with nothing else."""

from __future__ import annotations

import pytest

from courseware.grading.fingerprints import fingerprints

HIDDEN = """
import math
from pathlib import Path

from courseware.checks import case, check
from courseware.checks.loading import load_module

draw = load_module(Path(__file__).with_name("drawing.py"))
LIMIT = 5
UNUSED = 1


def doubled(number):
    return LIMIT * number


@check("one", points=1, title="One", hidden=True)
def one(student, world):
    with case("a", points=1) as c:
        c.equal(student.call("f"), doubled(2))


@check("two", points=1, title="Two", hidden=True)
def two(student, world):
    with case("a", points=1) as c:
        c.equal(student.call("g"), draw.numbers(world))
"""
GRADERS = {"hidden.py": HIDDEN, "drawing.py": "def numbers(world):\n    return [1]\n"}
CHANGES = {
    "its own case": ('student.call("f")', 'student.call("f", 1)', {"one"}),
    "a helper": ("LIMIT * number", "LIMIT + number", {"one"}),
    "a constant of a helper": ("LIMIT = 5", "LIMIT = 6", {"one"}),
    "points": ('"two", points=1', '"two", points=2', {"two"}),
    "what nobody uses": ("UNUSED = 1", "UNUSED = 2", set()),
    "a comment": ("LIMIT = 5", "LIMIT = 5  # at most", set()),
    "layout": ("LIMIT * number", "(LIMIT\n        * number)", set()),
}


@pytest.mark.parametrize(("old", "new", "changed"), CHANGES.values(), ids=CHANGES)
def test_what_changed_is_named(old: str, new: str, changed: set[str]) -> None:
    before = fingerprints(GRADERS)
    assert old in HIDDEN
    after = fingerprints(GRADERS | {"hidden.py": HIDDEN.replace(old, new)})
    assert {name for name in before if before[name] != after[name]} == changed


def test_a_module_beside_counts_for_the_checks_that_use_it() -> None:
    before = fingerprints(GRADERS)
    after = fingerprints(GRADERS | {"drawing.py": "def numbers(world):\n    return [2]\n"})
    assert {name for name in before if before[name] != after[name]} == {"two"}
    after = fingerprints(GRADERS | {"drawing.py": "# numbers\n" + GRADERS["drawing.py"]})
    assert after == before
