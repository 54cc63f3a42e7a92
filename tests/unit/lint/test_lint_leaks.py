"""Rules that keep answers and hidden checks out of labs/, wherever and however they are written there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from courseware.build.notebook import read_notebook, to_text

SOLUTION = "total_of_first = sum(map(len, text.split()))"
HIDDEN = 'with case("counts hidden text", points=20, category="many words") as c:'


def in_cell(course: Any, text: str) -> None:
    """Write `text` into a cell of the released notebook."""
    name = f"{course.RELEASE}/lab.ipynb"
    notebook = read_notebook(course.text(name))
    notebook.cells[3].source += f"\n{text}"
    course.write(name, to_text(notebook))


def beside(course: Any, text: str) -> None:
    """Write `text` into the released checks."""
    course.append(f"{course.RELEASE}/checks.py", f"\n{text}\n")


SPOILT: list[tuple[str, str, Callable[[Any], object]]] = [
    (
        "no-marks-are-released",
        "lab.ipynb:1: holds the mark 'BEGIN SOLUTION'",
        lambda c: in_cell(c, "### BEGIN SOLUTION"),
    ),
    (
        "no-marks-are-released",
        "checks.py:1: holds the mark 'BEGIN HIDDEN'",
        lambda c: beside(c, "# BEGIN HIDDEN TESTS"),
    ),
    ("no-solutions-are-released", "lab.ipynb:1: holds a line of the solution", lambda c: in_cell(c, SOLUTION)),
    (
        "no-solutions-are-released",
        "lab.ipynb:1: holds a line of the solution",
        lambda c: in_cell(c, f"x = 1; {SOLUTION}"),
    ),
    (
        "no-solutions-are-released",
        "checks.py:1: holds a line of the solution",
        lambda c: beside(c, SOLUTION.replace(" ", "")),
    ),
    (
        "no-solutions-are-released",
        "practice.toml:1: holds a line of the solution",
        lambda c: c.append(f"{c.RELEASE}/practice.toml", f"# {SOLUTION}\n"),
    ),
    ("no-solutions-are-released", "extra.txt:1: holds a line", lambda c: c.write(f"{c.RELEASE}/extra.txt", SOLUTION)),
    (
        "no-solutions-are-released",
        "labs/other/x.py:1: holds a line",
        lambda c: c.write("labs/other/x.py", f"  {SOLUTION}"),
    ),
    ("no-hidden-checks-are-released", "lab.ipynb:1: holds a line of the hidden checks", lambda c: in_cell(c, HIDDEN)),
    (
        "no-hidden-checks-are-released",
        "practice.toml:1: holds",
        lambda c: c.append(f"{c.RELEASE}/practice.toml", f"# {HIDDEN}"),
    ),
    (
        "no-hidden-checks-are-released",
        "first_hidden(student:Student,world:World)",
        lambda c: beside(c, "def first_hidden(student: Student, world: World) -> None:"),
    ),
]


@pytest.mark.parametrize(("rule", "says", "spoil"), SPOILT, ids=[f"{rule}: {says}" for rule, says, _ in SPOILT])
def test_a_broken_rule_is_noticed(small: Any, rule: str, says: str, spoil: Callable[[Any], object]) -> None:
    spoil(small)
    found = small.broken(rule)
    assert [problem for problem in found if says in problem], found


def test_a_line_with_quotes_is_found_inside_a_notebooks_json(small: Any) -> None:
    small.replace(small.LAB, "return max(total_of_first, 0)", 'return {"total": total_of_first, "of": text}')
    in_cell(small, '    return {"total": total_of_first, "of": text}')
    assert len(small.broken("no-solutions-are-released")) == 1


def test_lines_that_are_given_anyway_are_no_secret(small: Any) -> None:
    small.replace(small.LAB, "GIVEN_0 = 0", SOLUTION)
    in_cell(small, SOLUTION)
    beside(small, 'c.equal(student.call("first", "a b"), 2)')
    small.append(small.HIDDEN, '\n\ndef again(student, c):\n    c.equal(student.call("first", "a b"), 2)\n')
    assert small.broken("no-solutions-are-released") == small.broken("no-hidden-checks-are-released") == []


def test_short_lines_are_no_secret(small: Any) -> None:
    in_cell(small, "return total")
    assert small.broken("no-solutions-are-released") == []
