"""Runs a lab's visible checks in a fresh kernel: `course check LAB`, and `finish()` in the lab's last cell.

The kernel is plain, on every platform: it runs the learner's own code for the learner.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from courseware.learner import progress
from courseware.learner.errors import NotebookError
from courseware.learner.notebook import is_static
from courseware.learner.opening import course_and_week
from courseware.learner.running import run_notebook
from courseware.learner.workspace import workspace_folder
from courseware.manifest import Week, course_root, find_week, load

NOTEBOOK = "lab.ipynb"
_CHECKING = "COURSE_CHECKING"  # set in the kernel that runs the checks: `finish` there would run them again
_EMPTY = ("raise NotImplementedError()", "*Write your answer here.*")


class LabUnreadable(NotebookError):
    """The lab's notebook is missing or is not a notebook."""


@dataclass(frozen=True)
class CheckLine:
    """One visible check: its grade id, the points it brought and the points there are."""

    check: str
    score: float
    points: float


@dataclass(frozen=True)
class LabReport:
    """What `course check` found: every visible check, and the answer cells still empty."""

    lab: str
    checks: tuple[CheckLine, ...]
    empty: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every visible check brought all its points."""
        return all(line.score == line.points for line in self.checks)


def check_lab(lab: str, *, as_json: bool) -> int:
    """Run, print and record; return 0 where all visible checks pass, else 1."""
    week = find_week(load(), lab)
    report = run_visible(week, lab_folder(week))
    print(json.dumps({**asdict(report), "passed": report.passed}) if as_json else report_text(report))
    return 0 if report.passed else 1


def lab_folder(week: Week) -> Path:
    """Return the learner's folder of this lab: where they are, if it is there, else the workspace's."""
    if (Path.cwd() / NOTEBOOK).is_file() and (Path.cwd() / "checks.py").is_file() and Path.cwd().name == week.id:
        return Path.cwd()
    return workspace_folder(course_root()) / "labs" / week.id


def run_visible(week: Week, folder: Path) -> LabReport:
    """Run the notebook in `folder` from top to bottom and read the score of each visible check.

    Raises:
        LabUnreadable: there is no notebook; the learner's file is never written to.
        LabStopped: a cell ended the kernel or took longer than is allowed.
    """
    notebook = _read(folder / NOTEBOOK)
    empty = tuple(_grade_id(cell) for cell in notebook.cells if _is_empty_answer(cell))
    run_notebook(notebook, folder, {"COURSE_PROGRESS": os.devnull, _CHECKING: "1"})
    lines = tuple(_line(cell) for cell in notebook.cells if _is_visible_check(cell))
    for line in lines:
        progress.record("check", line.check, week=week.id, points=line.score, of=line.points)
    return LabReport(week.id, lines, empty)


def report_text(report: LabReport) -> str:
    """Return the report as a learner reads it."""
    lines = [f"{'✓' if c.score == c.points else '✗'} {c.check}: {c.score:g} of {c.points:g}" for c in report.checks]
    lines += [f"empty: {name}" for name in report.empty]
    total, points = sum(c.score for c in report.checks), sum(c.points for c in report.checks)
    lines.append(f"visible checks: {total:g} of {points:g} points; the hidden ones run when you submit")
    return "\n".join([*lines, f"submit with: course submit {report.lab}"])


def finish(week: str) -> None:
    """Save first; then run the saved lab's visible checks in a fresh kernel and show what is left to do."""
    _, found = course_and_week(week)
    if is_static() or os.environ.get("NBGRADER_EXECUTION") or os.environ.get(_CHECKING):
        print("finish() has nothing to do while the lab is graded")
        return
    print(report_text(run_visible(found, lab_folder(found))))


def essay_text(grade_id: str) -> str:
    """Return the text of the Markdown answer `grade_id` as it was last saved, for a pre-check to read."""
    for cell in _read(Path.cwd() / NOTEBOOK).cells:
        if _grade_id(cell) == grade_id:
            return "" if _is_empty_answer(cell) else str(cell.source)
    raise LabUnreadable(f"{NOTEBOOK} has no cell {grade_id!r}; restore it from a fresh copy of the lab")


def _read(path: Path) -> Any:
    import nbformat

    if not path.is_file():
        raise LabUnreadable(f"there is no {path}; run course lab to make your copy")
    try:
        return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except Exception as error:
        reason = str(error).splitlines()[0]
        raise LabUnreadable(
            f"{path} is not a notebook: {reason}; move it away and run course lab for a fresh one"
        ) from error


def _flags(cell: Any) -> dict[str, Any]:
    return dict(cell.metadata.get("nbgrader", {}))


def _grade_id(cell: Any) -> str:
    return str(_flags(cell).get("grade_id", ""))


def _is_visible_check(cell: Any) -> bool:
    flags = _flags(cell)
    return bool(flags.get("grade") and not flags.get("solution") and cell.source.strip())


def _is_empty_answer(cell: Any) -> bool:
    return bool(_flags(cell).get("solution")) and any(mark in cell.source for mark in _EMPTY)


def _line(cell: Any) -> CheckLine:
    values = [out["data"].get("text/plain") for out in cell.outputs if out.output_type == "execute_result"]
    failed = not values or any(out.output_type == "error" for out in cell.outputs)
    return CheckLine(_grade_id(cell), 0.0 if failed else _number(values[0]), _number(_flags(cell).get("points")))


def _number(text: object) -> float:
    """Return the number a check ended in; 0 for anything else, as a cell may hold that the learner changed."""
    try:
        number = float(str(text))
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0
