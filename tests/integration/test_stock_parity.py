"""Stock nbgrader gives every planted answer exactly the automatic points its header states."""

from __future__ import annotations

from pathlib import Path

import pytest

from courseware.build.answers import LabRun
from courseware.build.places import Week
from courseware.build.planted import planted_answers
from courseware.manifest import Course, load

pytestmark = [pytest.mark.kernel, pytest.mark.needs_models]

WARNING = "import sys, warnings\nwarnings.warn('an honest warning', stacklevel=1)\nprint('noise', file=sys.stderr)"
HELPER = "def my_own_helper(x):\n    return x"


def losses(scores: dict[str, float], points: dict[str, float]) -> dict[str, float]:
    return {name: round(points[name] - scores[name], 4) for name in points if scores[name] != points[name]}


def submit_all(stock, course: Course, lab: str, every: int) -> dict[str, dict[str, float]]:
    """Place one in `every` planted submissions beside reference and release; return the losses each must have."""
    stock.write_source(course, lab)
    stock.run({"step": "generate_assignment", "lab": lab})
    run = LabRun.of(Week(stock.root, lab), stock.folder / "source" / lab)
    points = {check.id: check.points for check in run.checks.values()}
    expected: dict[str, dict[str, float]] = {"reference": {}, "untouched": points, "noisy": {}}
    stock.submit_folder(lab, "reference", run.answers)
    stock.submit_folder(lab, "untouched", {})
    first = next(iter(run.answers))
    programs = {cell.id for cell in run.cells if cell.file}
    noisy = {name: text if name in programs else f"{WARNING}\n{text}" for name, text in run.answers.items()}
    stock.submit_folder(lab, "noisy", noisy, before={first: HELPER, f"{first}-visible": WARNING})
    for planted in list(planted_answers(stock.root / "graders" / lab))[::every]:
        stock.submit_folder(lab, planted.name, run.answers | planted.cells)
        expected[planted.name] = planted.loses
    return expected


# One lab a unit where time is short, and of its planted answers a part.
QUICK = {
    "week_00_start_here": 2,
    "week_02_embeddings_attention": 8,
    "week_03_openai_api": 12,
    "week_05_claude_messages": 12,
}
LABS = [
    week.id for week in load(Path(__file__).resolve().parents[2] / "course.toml").weeks if week.lab.state == "ready"
]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("lab", "every"), [*QUICK.items(), *(pytest.param(lab, 1, marks=pytest.mark.slow) for lab in LABS)]
)
def test_stock_points_are_the_stated_ones(stock_course, course: Course, root: Path, lab: str, every: int) -> None:
    expected = submit_all(stock_course, course, lab, every)
    stock_course.run(*({"step": "autograde", "lab": lab, "learner": learner} for learner in expected))
    checks = LabRun.of(Week(root, lab), root).checks
    points = {check.id: check.points for check in checks.values()}
    assert {who: losses(scores, points) for who, scores in stock_course.scores(lab).items()} == expected
