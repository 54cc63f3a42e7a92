"""`course grade` from submissions to gradebook: scores, repairs, reports, and the same again on a second run."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from courseware.grading.errors import GradingError

POSITIVE = "def twice(number):\n    return abs(2 * number)"
KEEPS_FOUR = "def kept(numbers):\n    return [n for n in numbers if n < LIMIT]"
NOISY = "import sys, warnings\nwarnings.warn('honest', stacklevel=1)\nprint('noise', file=sys.stderr)\n"


def checks_of(scores: dict[str, float | None]) -> dict[str, float | None]:
    return {name: score for name, score in scores.items() if name != "memo"}


def edited(folder: Path, change: Any) -> None:
    """Change the cells of a submission's notebook."""
    notebook = json.loads((folder / "lab.ipynb").read_text())
    notebook["cells"] = change(notebook["cells"])
    (folder / "lab.ipynb").write_text(json.dumps(notebook))


def named(cell: dict[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", cell["id"]))


@pytest.mark.parametrize("workers", [1, 2])
def test_scores_are_those_of_the_work(tiny: Any, full: dict[str, float], workers: int) -> None:
    tiny.submit("ada", tiny.reference)
    tiny.submit("bob", tiny.reference | {"twice": POSITIVE})
    tiny.submit("cyd", tiny.reference | {"kept": KEEPS_FOUR, "memo": "Twice is more, I say."})
    tiny.submit("dan")
    tiny.submit("eve", {name: NOISY + text for name, text in tiny.reference.items()})
    report = tiny.grade(workers)
    assert {one["student"]: one["score"] for one in report["graded"]} == {
        "ada": 7,
        "bob": 6,
        "cyd": 4,
        "dan": 0,
        "eve": 7,
    }
    scores = tiny.scores()
    assert checks_of(scores["ada"]) == checks_of(scores["eve"]) == full
    assert checks_of(scores["bob"]) == full | {"twice-hidden": 1}
    assert checks_of(scores["cyd"]) == full | {"kept-visible": 0, "kept-hidden": 1}
    assert checks_of(scores["dan"]) == dict.fromkeys(full, 0)
    assert (scores["ada"]["memo"], scores["cyd"]["memo"]) == (0, None)


def test_a_second_run_examines_nothing_and_changes_nothing(tiny: Any) -> None:
    tiny.submit("ada", tiny.reference)
    tiny.submit("bob", tiny.reference | {"twice": POSITIVE})
    first, scores = tiny.grade(), tiny.scores()
    journals = {path: path.read_bytes() for path in (tiny.work / "journal").rglob("*.jsonl")}
    again = tiny.grade()
    assert (first["reused"], again["reused"]) == (0, 2)
    assert again["graded"] == first["graded"]
    assert {path: path.read_bytes() for path in (tiny.work / "journal").rglob("*.jsonl")} == journals
    assert tiny.scores() == scores


def test_a_new_submission_is_the_next_attempt_with_draws_of_its_own(tiny: Any, full: dict[str, float]) -> None:
    tiny.submit("ada")
    tiny.grade()
    tiny.submit("ada", tiny.reference)
    report = tiny.grade()
    assert [(one["attempt"], one["score"]) for one in report["graded"]] == [(2, 7)]
    assert sorted(path.name[:3] for path in (tiny.work / "journal").rglob("*.jsonl")) == ["001", "002"]
    assert checks_of(tiny.scores()["ada"]) == full


def without_checks(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [cell for cell in cells if not named(cell).endswith(("visible", "hidden"))]


def twice_over(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for cell in cells for one in [cell] * (1 + (named(cell) == "kept-visible"))]


def told_to_skip(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [cell | {"metadata": cell["metadata"] | {"tags": ["skip-execution"]}} for cell in cells]


def declared_ungraded(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [json.loads(json.dumps(cell).replace('"grade": true', '"grade": false')) for cell in cells]


def retyped(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [cell | {"cell_type": "markdown"} for cell in cells]


def with_a_helper(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*cells[:2], {"cell_type": "code", "source": "def helper(): pass", "metadata": {}}, *cells[2:]]


REPAIRS = (without_checks, twice_over, told_to_skip, declared_ungraded, retyped, with_a_helper)


@pytest.mark.timeout(120)
def test_whatever_was_done_to_the_notebook_the_work_keeps_its_points(tiny: Any) -> None:
    for change in REPAIRS:
        edited(tiny.submit(f"right-{change.__name__}", tiny.reference), change)
        edited(tiny.submit(f"blank-{change.__name__}"), change)
    report = tiny.grade()
    found = {one["student"]: one["score"] for one in report["graded"]}
    names = [change.__name__ for change in REPAIRS]
    assert found == {f"right-{name}": 7 for name in names} | {f"blank-{name}": 0 for name in names}
    assert report["reported"] == []


def test_what_cannot_be_read_is_reported_and_the_others_are_graded(tiny: Any) -> None:
    for student in ("ada", "torn", "huge", "other", "empty"):
        tiny.submit(student, tiny.reference)
    at = tiny.work / "submitted"
    (at / "torn" / tiny.lab / "lab.ipynb").write_text("{")
    with (at / "huge" / tiny.lab / "lab.ipynb").open("r+b") as file:
        file.truncate(50 * 2**20)
    notebook = json.loads((at / "other" / tiny.lab / "lab.ipynb").read_text())
    notebook["metadata"]["course"]["version"] = "0123456789abcdef"
    (at / "other" / tiny.lab / "lab.ipynb").write_text(json.dumps(notebook))
    (at / "empty" / tiny.lab / "lab.ipynb").unlink()
    done = tiny.course("grade", tiny.lab)
    assert done.returncode == 1
    assert "1 graded (0 as before), 4 reported" in done.stdout
    for said in ("torn: ", "is not JSON", "has 50 MB, the limit is 20 MB", "version '0123456789abcdef'", "is missing"):
        assert said in done.stdout
    assert set(tiny.scores()) == {"ada"}


def test_nothing_to_grade_is_one_line(tiny: Any) -> None:
    done = tiny.course("grade", tiny.lab)
    assert (done.returncode, done.stdout) == (
        0,
        f"no submissions of {tiny.lab}; run `course collect {tiny.lab}` first\n",
    )


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["week_99"], 2, "week_99"),
        (["week_02", "--workers", "0"], 2, "--workers is 0; give 1 or more"),
        (["week_08"], 2, "has no lab that is ready"),
    ],
)
def test_usage_is_explained_in_one_line(tiny: Any, arguments: list[str], status: int, said: str) -> None:
    done = tiny.course("grade", *arguments)
    assert done.returncode == status
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_lab_that_was_not_released_is_said(tiny: Any) -> None:
    tiny.submit("ada", tiny.reference)
    for path in tiny.work.glob("gradebook.db*"):
        path.unlink()
    done = tiny.course("grade", tiny.lab)
    assert (done.returncode, done.stderr) == (
        3,
        f"{tiny.lab} is not in the gradebook; run `course release {tiny.lab}` first\n",
    )


DEADLY = "def twice(number):\n    import os\n    os._exit(0)"


def test_points_earned_before_and_after_a_process_that_ended_are_kept(tiny: Any, full: dict[str, float]) -> None:
    tiny.submit("ada", tiny.reference | {"twice": DEADLY})
    tiny.submit("bob", tiny.reference | {"kept": "import os\nos._exit(3)"})
    report = tiny.grade()
    scores = tiny.scores()
    assert checks_of(scores["ada"]) == full | {"twice-visible": 0, "twice-hidden": 0}
    assert checks_of(scores["bob"]) == full | {"kept-visible": 0, "kept-hidden": 0}
    notes = {one["student"]: one["notes"] for one in report["graded"]}
    assert notes["bob"] == ["exited with status 3"]


def test_a_person_s_points_stay_when_the_rest_is_graded_anew(tiny: Any) -> None:
    from nbgrader.api import Gradebook

    tiny.submit("ada", tiny.reference | {"memo": "Mine."})
    tiny.grade()
    with Gradebook(f"sqlite:///{tiny.work / 'gradebook.db'}") as book:
        grade = book.find_grade("memo", "lab", tiny.lab, "ada")
        assert grade.needs_manual_grade
        grade.manual_score, grade.needs_manual_grade = 3.5, False
        book.db.commit()
    tiny.submit("ada", tiny.reference | {"memo": "Mine.", "twice": POSITIVE})
    tiny.grade()
    with Gradebook(f"sqlite:///{tiny.work / 'gradebook.db'}") as book:
        grade = book.find_grade("memo", "lab", tiny.lab, "ada")
        assert (grade.manual_score, grade.needs_manual_grade) == (3.5, False)
        assert book.find_submission(tiny.lab, "ada").score == 9.5


def test_stock_feedback_shows_the_tables_and_the_score(tiny: Any) -> None:
    import subprocess
    import sys

    tiny.submit("ada", tiny.reference | {"twice": POSITIVE}, time="2026-11-22 10:00:00 UTC")
    tiny.grade()
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", tiny.lab, "--force"]
    done = subprocess.run(command, cwd=tiny.root, env=tiny.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    page = (tiny.work / "feedback" / "ada" / tiny.lab / "lab.html").read_text()
    shutil.rmtree(tiny.work / "feedback")
    assert "Score: 6.0" in page
    assert "fails on: negative numbers" in page


def test_a_locked_gradebook_loses_nothing(tiny: Any, full: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("courseware.grading.config.LOCKED_S", 1)
    tiny.submit("ada", tiny.reference)
    with sqlite3.connect(tiny.work / "gradebook.db", isolation_level=None) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GradingError, match=r"gradebook\.db cannot be used: database is locked; .* grade again"):
            tiny.grade()
        other.execute("ROLLBACK")
    report = tiny.grade()
    assert (report["reused"], report["graded"][0]["score"]) == (1, 7)
    assert checks_of(tiny.scores()["ada"]) == full


@pytest.mark.parametrize("name", ["autograded", "journal"])
def test_a_full_disk_is_one_line_and_loses_nothing(
    tiny: Any, full: dict[str, float], name: str, full_disk: Path
) -> None:
    tiny.submit("ada", tiny.reference)
    (tiny.work / name).symlink_to(full_disk)
    with pytest.raises(GradingError, match=r"cannot write .*: No space left on device; make room") as caught:
        tiny.grade()
    assert "\n" not in str(caught.value)
    (tiny.work / name).unlink()
    report = tiny.grade()
    assert checks_of(tiny.scores()["ada"]) == full
    assert report["reported"] == []


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root closes others in")
def test_where_no_sandbox_can_be_had_the_first_submission_ends_the_run(tiny: Any) -> None:
    for student in ("ada", "bob"):
        tiny.submit(student, tiny.reference)
    as_user = Path(__file__).parents[1] / "kernels" / "as_user.py"
    command = ["--without-namespaces", "-m", "courseware.cli", "grade", tiny.lab, "--workers", "1"]
    done = subprocess.run(
        [sys.executable, as_user, "0", *command],
        cwd=tiny.root, env=tiny.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1), done.stderr
    assert "the sandbox cannot be had: a mount namespace" in done.stderr
    assert "--sandbox lesser" in done.stderr
    assert "bob" not in done.stdout
