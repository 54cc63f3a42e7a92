"""`course bench grading`: all contenders grade a small batch, the figures have their names, unequal scores stop it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from courseware.build.bench_labs import build_bench_lab
from courseware.errors import CommandError
from courseware.grading.bench.classroom import Classroom, open_classroom
from courseware.grading.bench.contenders import FLOOR, OURS, STOCK_DEFAULT, STOCK_ONE_THREAD, TURNS
from courseware.grading.bench.figures import figures
from courseware.grading.bench.measuring import differences, measure
from courseware.grading.bench.tree import spend

pytestmark = pytest.mark.kernel
NAMED = (
    "stock_default_over_ours_cpu",
    "stock_one_thread_over_ours_cpu",
    "ours_over_floor_cpu",
    "ours_cpu_s_per_submission",
    "submissions_per_minute",
)


@pytest.fixture(scope="module")
def room(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """A class with four submissions to the light lab: right, blank, no Python, and a planted one."""
    return open_classroom(root, "light", tmp_path_factory.mktemp("bench") / "class", build_bench_lab, 4)


@pytest.mark.timeout(300)
def test_stock_ours_and_the_floor_give_equal_points_and_the_named_figures(room: Classroom) -> None:
    found = figures(measure(room, print, (OURS, STOCK_DEFAULT, STOCK_ONE_THREAD, FLOOR)))
    assert found["submissions_light"] == 4
    assert [name for name in NAMED if not found[f"{name}_light"] > 0] == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_json_holds_the_figures_of_every_contender_and_nothing_else(root: Path) -> None:
    command = ["bench", "grading", "--lab", "light", "--submissions", "3", "--json"]
    whole = [sys.executable, "-m", "courseware.cli", *command]
    done = subprocess.run(whole, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["bench"] == "grading"
    assert {f"{one.name}_cpu_s_per_submission_light" for one in TURNS} <= found["figures"].keys()


def test_a_score_that_is_not_the_stated_one_stops_the_bench(room: Classroom) -> None:
    *others, planted = room.batch
    stated = "confusion_turned, confusion-hidden: stated 2.0, floor 0.0; .*confusion-visible: stated 1.0, floor 0.0"
    with pytest.raises(CommandError, match=f"the scores of lab light differ, so no figure counts: {stated}"):
        measure(replace(room, batch=(*others, replace(planted, loses={}))), print, (FLOOR,))


def test_scores_that_differ_between_contenders_are_named() -> None:
    found = {"stock": {"ada": {"one": 1.0, "two": 0.0}}, "ours": {"ada": {"one": 1.0, "two": None}}, "floor": {}}
    assert list(differences({}, {name: found[name] for name in ("stock", "ours")})) == [
        "ada, two: stock 0.0, ours None"
    ]
    assert len(list(differences({}, found))) == 2


def test_without_a_checkout_the_bench_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(
        CommandError, match=r"nbgrader_config\.py is not there; run `course bench grading` in a checkout"
    ):
        open_classroom(tmp_path, "light", tmp_path / "class", build_bench_lab, 1)


def test_what_outlives_the_command_counts(tmp_path: Path) -> None:
    busy = "import time; end = time.process_time() + 0.5\nwhile time.process_time() < end: pass"
    start = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {busy!r}], start_new_session=True)"
    spent, _ = spend([sys.executable, "-c", start], tmp_path, {})
    assert spent.cpu_s > 0.5
