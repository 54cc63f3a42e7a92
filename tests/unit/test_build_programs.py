"""A lab whose answer is a program: built as a cell that writes it, run by its checks, planted and mutated like any."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from courseware.build.answers import LabRun
from courseware.build.errors import SourceError
from courseware.build.forking import Job
from courseware.build.mutation import mutation_score
from courseware.build.places import Week
from courseware.build.planted import Planted, planted_problem
from courseware.build.source import read_source

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="labs are run in forks")

LAB = '''# %% id="given" role="locked"
LIMIT = 5

# %% id="first" role="answer"
def first():
    """Return one."""
    ### BEGIN SOLUTION
    return 1
    ### END SOLUTION

# %% id="first-visible" role="check" points=1

# %% id="first-hidden" role="hidden" points=1

# %% id="double" role="answer" file="double.py"
"""Print twice the number on standard input."""
import sys

### BEGIN SOLUTION
print(int(sys.stdin.read()) * 2)
### END SOLUTION

# %% id="double-visible" role="check" points=1

# %% id="double-hidden" role="hidden" points=2
'''
VISIBLE = """from courseware.checks import case, check


@check("first-visible", points=1, title="One")
def first_visible(student, world):
    with case("one", points=1) as c:
        c.equal(student.call("first"), 1)


@check("double-visible", points=1, title="A number")
def double_visible(student, world):
    with case("three", points=1) as c:
        c.equal(student.run("double.py", stdin="3").out, "6\\n")
"""
HIDDEN = """from courseware.checks import case, check


@check("first-hidden", points=1, title="One again", hidden=True)
def first_hidden(student, world):
    with case("one", points=1) as c:
        c.equal(student.call("first"), 1)


@check("double-hidden", points=2, title="Drawn numbers", hidden=True)
def double_hidden(student, world):
    number = world.rng("number").randrange(10, 99)
    with case("a number", points=1) as c:
        c.equal(student.run("double.py", stdin=str(number)).out, f"{2 * number}\\n")
    with case("no number", points=1) as c:
        c.equal(student.run("double.py").status, 1)
"""


@pytest.fixture
def lab(tmp_path: Path) -> LabRun:
    """A lab of two tasks, the second of which is a program."""
    week = Week(tmp_path, "week_01_tokenization")
    for path, text in (
        (week.solution / "lab.py", LAB),
        (week.graders / "visible.py", VISIBLE),
        (week.graders / "hidden.py", HIDDEN),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return LabRun.of(week, tmp_path)


@pytest.mark.parametrize("forks", [True, False])
def test_the_reference_scores_full_in_a_fork_and_in_a_fresh_python(lab: LabRun, forks: bool) -> None:
    [found] = lab.each([Job({}, forks=forks)], warm=False)
    assert (found.losses, found.stopped) == ({}, "")


def test_the_release_scores_nothing(lab: LabRun) -> None:
    """Neither does its program, although it ends with the status that one case asks for."""
    cut = lab.released()
    assert cut["double"].endswith("raise NotImplementedError()")
    assert lab.scores({**cut, "double": "raise SystemExit(3)"}).losses == dict.fromkeys(lab.checks, 1.0) | {
        "double-hidden": 2.0
    }


def test_planted_programs_lose_what_they_state(lab: LabRun) -> None:
    thrice = Planted("it", "x", {"double-visible": 1, "double-hidden": 1}, {"double": "print(int(input()) * 3)"})
    assert planted_problem(lab, thrice, "practice") is None


def test_runs_at_the_same_time_do_not_meet(lab: LabRun) -> None:
    thrice, twice = Job({"double": "print(int(input()) * 3)"}), Job({"double": "print(int(input()) * 2)"})
    found = lab.each([thrice, twice] * 3, workers=3, warm=False)
    assert [bool(scores.losses) for scores in found] == [True, False] * 3
    assert not (lab.folder / "double.py").exists()


def test_checks_above_the_first_replaced_answer_are_left_out(lab: LabRun) -> None:
    [found] = lab.each([Job({"double": "print(int(input()) * 2)"})], warm=False)
    assert set(found.earned) == {"double-visible", "double-hidden"}
    assert found.losses == {}


def test_mutants_of_a_program_are_noticed(lab: LabRun) -> None:
    found = mutation_score(lab, workers=1)
    assert found.survived == ()
    assert found.killed >= 5


def test_cells_inherit_no_future_import_of_the_one_who_runs_them(lab: LabRun) -> None:
    annotated = "from dataclasses import dataclass, fields\n@dataclass\nclass One:\n    at: int\n"
    scores = lab.scores({"first": annotated + "def first():\n    return 1 if fields(One)[0].type is int else 0"})
    assert scores.losses == {}


@pytest.mark.parametrize(
    "marker", ['role="locked" file="double.py"', 'role="answer" file="../double.py"', 'role="answer" file="double"']
)
def test_a_file_is_an_answers_program(tmp_path: Path, marker: str) -> None:
    source = tmp_path / "lab.py"
    source.write_text(f'# %% id="double" {marker}\nprint(1)\n', encoding="utf-8")
    with pytest.raises(SourceError, match=r'write|such as file="chatbot\.py"'):
        read_source(source)
