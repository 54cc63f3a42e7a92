"""Stock nbgrader gives every planted answer exactly the automatic points its header states."""

from __future__ import annotations

from pathlib import Path

import pytest

from courseware.build.answers import LabRun
from courseware.build.places import Week
from courseware.build.planted import planted_answers
from courseware.manifest import Course

pytestmark = [pytest.mark.kernel, pytest.mark.needs_models]

WARNING = "import sys, warnings\nwarnings.warn('an honest warning', stacklevel=1)\nprint('noise', file=sys.stderr)"
HELPER = "def my_own_helper(x):\n    return x"


def losses(scores: dict[str, float], points: dict[str, float]) -> dict[str, float]:
    return {name: round(points[name] - scores[name], 4) for name in points if scores[name] != points[name]}


def submit_all(stock, course: Course, lab: str) -> dict[str, dict[str, float]]:
    """Place every planted submission; return the losses each must have."""
    stock.write_source(course, lab)
    stock.run({"step": "generate_assignment", "lab": lab})
    run = LabRun.of(Week(stock.root, lab), stock.folder / "source" / lab)
    points = {check.id: check.points for check in run.checks.values()}
    expected: dict[str, dict[str, float]] = {"reference": {}, "untouched": points, "noisy": {}}
    stock.submit_folder(lab, "reference", run.answers)
    stock.submit_folder(lab, "untouched", {})
    first = next(iter(run.answers))
    noisy = {name: f"{WARNING}\n{text}" for name, text in run.answers.items()}
    stock.submit_folder(lab, "noisy", noisy, before={first: HELPER, f"{first}-visible": WARNING})
    for planted in planted_answers(stock.root / "graders" / lab):
        stock.submit_folder(lab, planted.name, run.answers | planted.cells)
        expected[planted.name] = planted.loses
    return expected


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    "lab",
    [
        "week_00_start_here",
        pytest.param("week_01_tokenization", marks=pytest.mark.slow),
        "week_02_embeddings_attention",
        pytest.param("week_03_openai_api", marks=pytest.mark.slow),
        pytest.param("week_05_claude_messages", marks=pytest.mark.slow),
    ],
)
def test_stock_points_are_the_stated_ones(stock_course, course: Course, root: Path, lab: str) -> None:
    expected = submit_all(stock_course, course, lab)
    stock_course.run(*({"step": "autograde", "lab": lab, "learner": learner} for learner in expected))
    checks = LabRun.of(Week(root, lab), root).checks
    points = {check.id: check.points for check in checks.values()}
    assert {who: losses(scores, points) for who, scores in stock_course.scores(lab).items()} == expected
