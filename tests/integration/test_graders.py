"""Every grader: full points for the reference, none for the release, the stated losses, and mutants noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from courseware.build.answers import LabRun
from courseware.build.forking import Job
from courseware.build.lab import write_source
from courseware.build.mutation import mutation_score
from courseware.build.places import Week
from courseware.build.planted import planted_answers, planted_problems
from courseware.build.published import NAME, published_problem, published_text
from courseware.manifest import Course, load

pytestmark = [pytest.mark.needs_models, pytest.mark.timeout(900)]

LABS = [
    week.id for week in load(Path(__file__).resolve().parents[2] / "course.toml").weeks if week.lab.state == "ready"
]
SEEDS = ("practice", "spring", "autumn")


@pytest.fixture(params=LABS)
def run(request: pytest.FixtureRequest, root: Path, course: Course, tmp_path: Path) -> LabRun:
    """One ready lab with its files in a folder of its own."""
    write_source(Week(root, request.param), course.week(request.param).lab, tmp_path)
    return LabRun.of(Week(root, request.param), tmp_path / request.param)


def test_reference_has_all_automatic_points_on_every_seed(run: LabRun, course: Course) -> None:
    scores = run.each([Job({}, seed) for seed in SEEDS])
    assert [sum(found.earned.values()) for found in scores] == [course.week(run.week.id).lab.automatic_points] * 3


def test_untouched_release_has_no_points(run: LabRun) -> None:
    assert set(run.scores(run.released()).earned.values()) == {0.0}


@pytest.mark.parametrize("seeds", [SEEDS[:1], pytest.param(SEEDS[1:2], marks=pytest.mark.slow)], ids="".join)
def test_planted_answers_lose_exactly_what_they_state(run: LabRun, seeds: tuple[str, ...]) -> None:
    assert planted_problems(run, list(planted_answers(run.week.graders)), seeds) == []


def test_wrong_answers_lose_points_in_one_task_only(run: LabRun) -> None:
    for planted in planted_answers(run.week.graders):
        assert len({check.rsplit("-", 1)[0] for check in planted.loses}) <= 1, planted.name


def test_the_published_mutation_score_is_of_these_answers_and_checks(run: LabRun) -> None:
    assert published_problem(run.week) is None


@pytest.mark.slow
def test_mutants_lose_points_and_the_published_score_is_true(run: LabRun) -> None:
    found = mutation_score(run)
    assert found.problems() == []
    assert (run.week.graders / NAME).read_text(encoding="utf-8") == published_text(run.week, found)
    assert published_problem(run.week) is None


def test_changed_checks_make_the_published_score_stale(root: Path, tmp_path: Path) -> None:
    week = Week(tmp_path, "week_00_start_here")
    for folder in ("graders", "solutions"):
        (tmp_path / folder).mkdir()
        source = root / folder / week.id
        (tmp_path / folder / week.id).mkdir()
        for path in source.iterdir():
            if path.is_file():
                (tmp_path / folder / week.id / path.name).write_bytes(path.read_bytes())
    assert published_problem(week) is None
    (week.graders / "hidden.py").write_text("# nothing is asked any more\n", encoding="utf-8")
    assert "changed after the score was measured" in str(published_problem(week))
