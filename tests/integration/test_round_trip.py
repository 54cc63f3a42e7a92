"""A lab goes all the way round under stock nbgrader: released, fetched, answered, handed in, graded, given back."""

from __future__ import annotations

from pathlib import Path

import pytest

from courseware.build.answers import LabRun
from courseware.build.places import Week
from courseware.build.planted import Planted, planted_answers
from courseware.manifest import Course

pytestmark = [pytest.mark.kernel, pytest.mark.needs_models]

LEARNERS = ("reference", "untouched", "wrong")


def one_step(step: str, lab: str) -> dict[str, str]:
    return {"step": step, "lab": lab}


def each(step: str, lab: str) -> list[dict[str, str]]:
    return [{"step": step, "lab": lab, "learner": learner} for learner in LEARNERS]


def go_round(stock, course: Course, lab: str, wrong: Planted) -> None:
    """Take the three learners through every step; the wrong one hands in `wrong`."""
    stock.write_source(course, lab)
    reference = LabRun.of(Week(stock.root, lab), stock.folder / "source" / lab).answers
    stock.run(one_step("generate_assignment", lab), one_step("release_assignment", lab), *each("fetch", lab))
    stock.fill("reference", lab, reference)
    stock.fill("wrong", lab, reference | wrong.cells)
    stock.run(*each("submit", lab), one_step("collect", lab), *each("autograde", lab))
    stock.run(one_step("generate_feedback", lab), one_step("release_feedback", lab), *each("fetch_feedback", lab))


@pytest.mark.parametrize("lab", ["week_00_start_here", "week_02_embeddings_attention"])
def test_three_learners_get_their_scores_and_their_feedback(stock_course, course: Course, root: Path, lab: str) -> None:
    wrong = next(iter(planted_answers(root / "graders" / lab)))
    go_round(stock_course, course, lab, wrong)
    scores = stock_course.scores(lab)
    totals = {learner: sum(points for points in scores[learner].values() if points) for learner in LEARNERS}
    full = course.week(lab).lab.automatic_points
    assert totals == {"reference": full, "untouched": 0, "wrong": full - sum(wrong.loses.values())}
    for learner in LEARNERS:
        page = stock_course.feedback(learner, lab)
        assert f"Score: {totals[learner]}" in page
        assert "shows: " not in page
