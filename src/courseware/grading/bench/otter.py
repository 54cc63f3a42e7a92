"""The batch under otter-grader, without its containers: `python -m courseware.grading.bench.otter LAB`.

One process grades every submission through `otter.api`, which starts a Jupyter kernel for each. The checks become
otter's tests, one each, behind the cells they ask about, and give their points in the message of an assertion.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import nbformat
from otter.api import grade_submission

from courseware.grading.bench.classroom import Classroom, bench_week
from courseware.grading.config import ClassFolders
from courseware.grading.lab import GradedLab, LabCell
from courseware.grading.rebuild import rebuild
from courseware.grading.submissions import Submission, read_submission
from courseware.manifest import course_root

_SCORED = re.compile(r"scored ([0-9.]+)")
_TEST = """\
from otter.test_files import test_case

OK_FORMAT = False
name = {check!r}


@test_case(points={points})
def test(env):
    from pathlib import Path

    from courseware.checks import LocalChannel, Student, World, load_checks

    graders = Path({graders!r})
    checks = load_checks(graders / "visible.py") | load_checks(graders / "hidden.py")
    score = checks[{check!r}].run(Student(LocalChannel(env)), World(check={check!r})).score
    assert score == {points}, f"scored {{score}}"
"""


def main() -> None:
    """Grade the batch and print the points as JSON."""
    root = course_root()
    room = Classroom(root, bench_week(sys.argv[1]), ())
    lab = room.lab
    with tempfile.TemporaryDirectory() as scratch:
        autograder = _autograder(Path(scratch) / "autograder.zip", lab, root / "graders" / lab.id)
        scores = {}
        for folder in sorted(ClassFolders.of(root).submitted.glob(f"*/{lab.id}")):
            submission = read_submission(folder, folder.parent.name, ())
            notebook = Path(scratch) / f"{submission.student}.ipynb"
            nbformat.write(_notebook(lab, submission), notebook)
            scores[submission.student] = _points(grade_submission(str(notebook), str(autograder), quiet=True), lab)
    print(json.dumps({"scores": scores}))


def _autograder(path: Path, lab: GradedLab, graders: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"lang": "python", "pdf": False}))
        for check, points in lab.points.items():
            text = _TEST.format(check=check, points=points, graders=str(graders))
            archive.writestr(f"tests/{check}.py", text)
    return path


def _notebook(lab: GradedLab, submission: Submission) -> Any:
    cells = [_cell(cell) for cell in rebuild(lab.cells, submission.cells).cells if cell.kind == "code"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=kernel)


def _cell(cell: LabCell) -> Any:
    if cell.role == "check":
        return nbformat.v4.new_code_cell("", metadata={"otter": {"tests": [cell.id]}})
    return nbformat.v4.new_code_cell(cell.text)


def _points(results: Any, lab: GradedLab) -> dict[str, float]:
    return {check: _of_test(results.results[check], points) for check, points in lab.points.items()}


def _of_test(file: Any, points: float) -> float:
    case = file.test_case_results[0]
    if case.passed:
        return points
    told = _SCORED.search(str(case.message))
    return float(told[1]) if told else 0.0


if __name__ == "__main__":
    main()
