"""Planted answers run against a lab's checks; a stated loss that is not the real one is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from courseware.build.answers import LabRun
from courseware.build.errors import SourceError
from courseware.build.forking import Job
from courseware.build.mutation import mutation_score
from courseware.build.places import Week
from courseware.build.planted import Planted, planted_answers, planted_problem, read_planted

LAB = '''# %% id="given" role="locked"
import asyncio

LIMIT = await asyncio.sleep(0, 5)

# %% id="double" role="answer"
def double(number):
    """Return twice the number."""
    ### BEGIN SOLUTION
    if number > LIMIT:
        raise ValueError("too large")
    return number * 2
    ### END SOLUTION

# %% id="double-visible" role="check" points=3

# %% id="double-hidden" role="hidden" points=7
'''
CHECKS = """from courseware.checks import case, check


@check("double-visible", points=3, title="Small numbers")
def double_visible(student, world):
    with case("two", points=2) as c:
        c.equal(student.call("double", 2), 4)
    with case("six", points=1) as c, c.raises("ValueError"):
        student.call("double", 6)
"""
HIDDEN = """from courseware.checks import case, check


@check("double-hidden", points=7, title="Drawn numbers", hidden=True)
def double_hidden(student, world):
    number = world.rng("number").choice([1, 3, 4])
    with case("a number", points=4) as c:
        c.equal(student.call("double", number), 2 * number)
    with case("the limit", points=3) as c:
        c.equal(student.call("double", 5), 10)
"""
BODY = '# %% id="double"\ndef double(number):\n    return number + 2\n'
ADDS = f"# shows: Adds two.\n# loses: double-visible 1, double-hidden 7\n{BODY}"


@pytest.fixture
def lab(tmp_path: Path) -> LabRun:
    """A lab of one task whose answer doubles a number."""
    week = Week(tmp_path, "week_01_tokenization")
    for path, text in (
        (week.solution / "lab.py", LAB),
        (week.graders / "visible.py", CHECKS),
        (week.graders / "hidden.py", HIDDEN),
        (week.graders / "answers" / "wrong" / "adds.py", ADDS),
        (
            week.graders / "answers" / "right" / "shift.py",
            f"# shows: Adds two.\n{BODY}",
        ),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return LabRun.of(week, tmp_path)


def planted(loses: dict[str, float], body: str, cell: str = "double") -> Planted:
    return Planted("it", "x", loses, {cell: f"def double(number):\n    {body}\n"})


def header(lab: LabRun, side: str, text: str) -> str:
    path = lab.week.graders / "answers" / side / "one.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as refused:
        read_planted(path)
    return str(refused.value)


def test_a_header_says_what_is_shown_and_lost(lab: LabRun) -> None:
    wrong, right = planted_answers(lab.week.graders)
    loses = {"double-visible": 1.0, "double-hidden": 7.0}
    assert wrong == Planted("adds", "Adds two.", loses, {"double": "def double(number):\n    return number + 2"})
    assert (right.name, right.loses) == ("shift", {})


@pytest.mark.parametrize(
    ("side", "text", "says"),
    [
        ("wrong", '# loses: a 1\n# %% id="double"\n1\n', "no '# shows:' line"),
        ("wrong", '# shows: x\n# %% id="double"\n1\n', "a wrong answer states '# loses:'"),
        ("right", '# shows: x\n# loses: a 1\n# %% id="double"\n1\n', "a right one does not"),
        ("wrong", '# shows: x\n# loses: nothing\n# %% id="double"\n1\n', "losses 'nothing'; write them as"),
        ("wrong", '# shows: x\n# loses: a 1; b 2\n# %% id="double"\n1\n', "losses 'a 1; b 2'"),
        ("right", "# shows: x\n# %%\n1\n", "no cell with the id of an answer"),
    ],
)
def test_a_malformed_header_is_refused(lab: LabRun, side: str, text: str, says: str) -> None:
    assert says in header(lab, side, text)


def test_the_reference_scores_full_and_the_release_nothing(lab: LabRun) -> None:
    assert lab.scores({}).losses == {}
    assert lab.scores(lab.released()).earned == {"double-visible": 0.0, "double-hidden": 0.0}


def test_a_wrong_answer_that_loses_what_it_states_is_fine(lab: LabRun) -> None:
    unlimited = planted({"double-visible": 1}, "return 2 * number")
    assert planted_problem(lab, unlimited, "practice") is None


def test_a_right_answer_that_loses_is_noticed(lab: LabRun) -> None:
    found = planted_problem(lab, planted({}, "return 2 * number"), "seed 1")
    assert found == "it: with seed 'seed 1' loses double-visible 1, not nothing"


@pytest.mark.parametrize(
    "loses", [{"double-visible": 2.0}, {"double-hidden": 1.0}, {"double-visible": 1.0, "double-hidden": 7.0}]
)
def test_a_wrong_loss_is_noticed(lab: LabRun, loses: dict[str, float]) -> None:
    found = planted_problem(lab, planted(loses, "return 2 * number"), "practice")
    assert "loses double-visible 1, not " in (found or "")


def test_an_answer_to_no_cell_is_noticed(lab: LabRun) -> None:
    assert "no answer cell 'triple'" in (planted_problem(lab, planted({}, "pass", "triple"), "practice") or "")


def test_an_answer_that_ends_the_process_scores_nothing_after_it(lab: LabRun) -> None:
    scores = lab.scores({"double": "import os\nos._exit(3)"})
    assert scores.losses == {"double-visible": 3.0, "double-hidden": 7.0}
    assert scores.stopped == "the run died"


def test_an_answer_that_never_ends_is_stopped(lab: LabRun) -> None:
    endless = Job({"double": "while True:\n    pass"}, seconds=0.5)
    first, second = lab.each([endless, Job({})], warm=False)
    assert (first.stopped, second.losses) == ("the run passed its time limit", {})


def test_a_check_that_is_itself_wrong_says_so(lab: LabRun) -> None:
    path = lab.week.graders / "visible.py"
    path = path.rename(path.with_name("visible_wrong.py"))
    path.write_text(CHECKS.replace("points=2", "points=1"), encoding="utf-8")
    path.rename(lab.week.graders / "visible.py")
    fresh = Week(lab.week.root / "again", lab.week.id)
    fresh.root.mkdir()
    for room in ("solutions", "graders"):
        (lab.week.root / room).rename(fresh.root / room)
    stopped = LabRun.of(fresh, fresh.root).scores({}).stopped
    assert stopped == "CheckDefinitionError: check 'double-visible': its cases add up to 2 points, not 3"


def test_the_mutation_score_counts_what_loses(lab: LabRun) -> None:
    found = mutation_score(lab, workers=1)
    assert found.killed >= 6
    assert all(change.startswith("double: ") for change in found.survived)
