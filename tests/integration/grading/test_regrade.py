"""A check that was corrected is asked again, and nothing else; a late submission costs what the policy says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from courseware.grading.commands import before_and_after
from courseware.grading.errors import GradingError
from courseware.grading.journal import Journal
from courseware.grading.versions import adopt_graders

POSITIVE = "def twice(number):\n    return abs(2 * number)"


@pytest.fixture
def graders(tiny: Any) -> Iterator[Path]:
    """The tiny lab's checks, put back in the end."""
    folder = tiny.root / "graders" / tiny.lab
    before = {path: path.read_text() for path in folder.glob("*.py")}
    yield folder
    for path, text in before.items():
        path.write_text(text)
    adopt_graders(tiny.root, tiny.lab)


def corrected(graders: Path, old: str, new: str) -> None:
    text = (graders / "hidden.py").read_text()
    assert old in text
    (graders / "hidden.py").write_text(text.replace(old, new))


def asked(tiny: Any, student: str) -> list[str]:
    """The checks that were asked, over all runs."""
    [attempt] = Journal(tiny.work / "journal" / tiny.lab).attempts(student)
    return [line["check"]["check"] for line in attempt.lines if "check" in line]


def test_only_the_corrected_check_is_asked_again(tiny: Any, graders: Path, full: dict[str, float]) -> None:
    tiny.submit("ada", tiny.reference)
    tiny.submit("bob", tiny.reference | {"twice": POSITIVE})
    tiny.grade()
    corrected(graders, 'student.call("twice", -number), -2 * number', 'student.call("twice", number), 2 * number')
    assert len(adopt_graders(tiny.root, tiny.lab)) == 1
    report = tiny.grade()
    assert report["changed"] == [{"student": "bob", "check": "twice-hidden", "before": 1, "after": 2}]
    assert [asked(tiny, student) for student in ("ada", "bob")] == [[*full, "twice-hidden"]] * 2
    assert tiny.scores()["bob"]["twice-hidden"] == 2
    notebook = json.loads((tiny.work / "autograded" / "bob" / tiny.lab / "lab.ipynb").read_text())
    shown = [cell for cell in notebook["cells"] if cell["id"] in full]
    assert all(cell["outputs"] for cell in shown)
    again = tiny.grade()
    assert (again["reused"], again["changed"]) == (2, [])


def test_a_check_can_be_asked_again_by_name(tiny: Any, full: dict[str, float]) -> None:
    tiny.submit("ada", tiny.reference)
    tiny.grade()
    report = tiny.grade(again=("kept-visible",))
    assert report["changed"] == []
    assert asked(tiny, "ada") == [*full, "kept-visible"]


def test_a_check_that_is_not_there_is_a_usage_error_that_names_those_that_are(
    tiny: Any, full: dict[str, float]
) -> None:
    tiny.submit("ada", tiny.reference)
    done = tiny.course("regrade", tiny.lab, "--check", "twice")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{tiny.lab} has no check 'twice'; give one of {', '.join(full)}\n"


def test_the_command_prints_what_changed(tiny: Any, graders: Path) -> None:
    tiny.submit("bob", tiny.reference | {"twice": POSITIVE})
    tiny.grade()
    corrected(graders, "-2 * number", "2 * number")
    done = tiny.course("regrade", tiny.lab)
    assert done.returncode == 0, done.stderr
    assert "learner  check         before  after\nbob      twice-hidden       1      2\n" in done.stdout


def test_other_checks_are_another_lab(tiny: Any, graders: Path) -> None:
    corrected(graders, '@check("kept-hidden"', '@check("kept-well"')
    with pytest.raises(GradingError, match=r"check 'kept-(hidden' is gone|well' is new).*release the lab again"):
        adopt_graders(tiny.root, tiny.lab)


def test_no_change_is_said() -> None:
    assert before_and_after([]) == ["no score changed"]


def test_a_late_submission_costs_what_the_policy_says(tiny: Any) -> None:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{tiny.work / 'gradebook.db'}") as book:
        book.update_or_create_assignment(tiny.lab, duedate="2026-11-22 10:00:00 UTC")
    config = tiny.root / "nbgrader_config.py"
    linked = config.readlink()
    config.unlink()
    config.write_text(
        linked.read_text()
        + 'c.AssignLatePenalties.plugin_class = "courseware.grading.late.LatePolicy"\nc.LatePolicy.steps = [(0, 50)]\n'
    )
    try:
        tiny.submit("early", tiny.reference, time="2026-11-22 09:59:00 UTC")
        tiny.submit("late", tiny.reference, time="2026-11-22 10:01:00 UTC")
        tiny.grade()
    finally:
        config.unlink()
        config.symlink_to(linked)
    with Gradebook(f"sqlite:///{tiny.work / 'gradebook.db'}") as book:
        found = {name: book.find_submission_notebook("lab", tiny.lab, name) for name in ("early", "late")}
        assert {name: notebook.late_submission_penalty for name, notebook in found.items()} == {
            "early": None,
            "late": 3.5,
        }
