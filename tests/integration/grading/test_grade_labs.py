"""The course's own labs under the engine: reference, release and planted answers get the points that are stated."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from courseware.build.answers import LabRun
from courseware.build.places import Week
from courseware.build.planted import planted_answers
from courseware.grading.executors import LocalExecutor, News
from courseware.grading.executors.dask import DaskExecutor
from courseware.grading.journal import Attempt
from courseware.grading.lab import GradedLab
from courseware.grading.results import Examined
from courseware.grading.submissions import Submission, SubmittedCell
from courseware.grading.work import Work
from courseware.manifest import load

pytestmark = [pytest.mark.needs_models, pytest.mark.timeout(3000)]
LABS = [
    week.id for week in load(Path(__file__).resolve().parents[3] / "course.toml").weeks if week.lab.state == "ready"
]
Release = Callable[[str, Path], GradedLab]
# One lab a unit; the others cost minutes.
QUICK = ("week_00_start_here", "week_02_embeddings_attention", "week_03_openai_api", "week_05_claude_messages")
EVERY = 12  # of the planted answers, one in so many is examined where time is short
Asked = tuple[str, bytes]
WARNING = "import sys, warnings\nwarnings.warn('an honest warning', stacklevel=1)\nprint('noise', file=sys.stderr)\n"


def in_order(tasks: list[Asked], folder: Path, _: Any) -> list[News]:
    return list(LocalExecutor(folder, 2).run(tasks))


def backwards(tasks: list[Asked], folder: Path, _: Any) -> list[News]:
    return list(LocalExecutor(folder, 1).run(tasks[::-1]))


def shuffled(tasks: list[Asked], folder: Path, dask_cluster: Any) -> list[News]:
    with dask_cluster(folder) as cluster:
        return list(DaskExecutor(cluster.scheduler_address).run(random.Random(4).sample(tasks, len(tasks))))


PLACES = {"two": in_order, "one, backwards": backwards, "cluster, shuffled": shuffled}


def work_of(lab: GradedLab, name: str, answers: Mapping[str, str], folder: Path) -> Work:
    cells = tuple(
        SubmittedCell((cell.id,), cell.kind == "code", _text(lab, cell.id, cell.released, answers))
        for cell in lab.cells
    )
    submission = Submission(name, cells, lab.version, {}, None, name)
    return Work(submission, lab, Attempt(folder / f"{name}.jsonl", 1), "practice")


def _text(lab: GradedLab, cell: str, released_text: str, answers: Mapping[str, str]) -> str:
    if cell not in answers:
        return released_text
    magic = released_text.partition("\n")[0]
    return f"{magic}\n{answers[cell]}" if magic.startswith("%%writefile") else answers[cell]


def losses(examined: Examined) -> dict[str, float]:
    assert [check.failed for check in examined.checks if check.failed] == []
    return {
        check.check: round(check.points - check.score, 4) for check in examined.checks if check.score != check.points
    }


@pytest.mark.parametrize(
    ("lab", "every", "place"),
    [(lab, EVERY, "two") for lab in QUICK]
    + [pytest.param(lab, 1, place, marks=pytest.mark.slow) for lab in LABS for place in PLACES],
)
def test_points_are_the_stated_ones(
    root: Path, tmp_path: Path, release: Release, dask_cluster: Any, lab: str, every: int, place: str
) -> None:
    graded = release(lab, tmp_path)
    run = LabRun.of(Week(root, lab), root / "labs" / lab)
    expected: dict[str, Mapping[str, float]] = {"reference": {}, "untouched": graded.points, "noisy": {}}
    noisy = {name: text if run_as_program(graded, name) else WARNING + text for name, text in run.answers.items()}
    works = [
        work_of(graded, "reference", run.answers, tmp_path),
        work_of(graded, "untouched", {}, tmp_path),
        work_of(graded, "noisy", noisy, tmp_path),
    ]
    for planted in list(planted_answers(root / "graders" / lab))[::every]:
        expected[planted.name] = planted.loses
        works.append(work_of(graded, planted.name, run.answers | planted.cells, tmp_path))
    tasks = [(work.submission.student, work.task(cold=False)) for work in works]
    news = PLACES[place](tasks, tmp_path, dask_cluster)
    assert [told for told in news if "failed" in told] == []
    found = {
        told["examined"]["student"]: losses(Examined.of_json(told["examined"])) for told in news if "examined" in told
    }
    assert found == {name: dict(lost) for name, lost in expected.items()}


def run_as_program(lab: GradedLab, cell: str) -> bool:
    return next(one.released for one in lab.cells if one.id == cell).startswith("%%writefile")
