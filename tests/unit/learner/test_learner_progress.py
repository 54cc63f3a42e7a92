"""The progress file: nothing is lost, whoever writes, and a file that cannot be written stops nobody."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from courseware.checks import Result
from courseware.checks.cases import Outcome
from courseware.errors import ENVIRONMENT, CommandError
from courseware.learner import progress
from courseware.learner.errors import ProgressError

WEEK = "week_01_tokenization"
RECORD = """
import os, sys
from courseware.learner import progress
if len(sys.argv) > 3:  # become somebody who may not write here; root may write anywhere
    os.setgroups([])
    os.setgid(int(sys.argv[3]))
    os.setuid(int(sys.argv[3]))
for number in range(int(sys.argv[2])):
    progress.record("quiz", f"{sys.argv[1]}-{number}", week="w", answer="x" * 500, right=True)
print(len(progress.state().week("w").quiz), flush=True)
"""
NOBODY = 65534


def result(points: float, *, hidden: bool = False, message: str = "") -> Result:
    status = "failed" if message else "passed"
    outcome = Outcome("case", points, "category", status=status, message=message)  # type: ignore[arg-type]
    return Result("a-check", "A check", points, (outcome,), hidden)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can reach; pytest's own cannot be entered by anybody else."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def run(folder: Path, name: str, count: int, *, as_nobody: bool = False) -> subprocess.CompletedProcess[str]:
    """Record `count` events in a process of its own, without the right to write as root if asked."""
    drop = [str(NOBODY)] if as_nobody and os.getuid() == 0 else []
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", RECORD, name, str(count), *drop],
        env=os.environ | {"COURSE_PROGRESS": str(folder / "progress.jsonl")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_an_event_is_one_line_with_its_time_week_and_value(folder: Path) -> None:
    progress.record("hint", "pair-counts", step=1)
    (line,) = (folder.parent / "progress.jsonl").read_text(encoding="utf-8").splitlines()
    event = json.loads(line)
    assert event.pop("time").endswith("Z")
    assert event == {"week": WEEK, "kind": "hint", "id": "pair-counts", "value": {"step": 1}}


def test_the_week_can_be_named_by_who_records() -> None:
    progress.record("check", "c", week="week_02_embeddings_attention", points=1, of=2)
    assert list(progress.state().weeks) == ["week_02_embeddings_attention"]


def test_two_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    environment = os.environ | {"COURSE_PROGRESS": str(tmp_path / "both.jsonl")}
    writers = [
        subprocess.Popen([sys.executable, "-c", RECORD, name, "300"], env=environment, stdout=subprocess.DEVNULL)
        for name in ("one", "two")
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    lines = (tmp_path / "both.jsonl").read_text(encoding="utf-8").splitlines()
    found = {json.loads(line)["id"] for line in lines}
    assert found == {f"{name}-{number}" for name in ("one", "two") for number in range(300)}


@pytest.mark.parametrize("torn", ['{"time": "2026', '{"time"', "\x00\x00\x00", "[1]", '"text"', "{}"])
def test_a_half_written_last_line_costs_only_itself(folder: Path, torn: str) -> None:
    progress.record("hint", "before", step=1)
    with (folder.parent / "progress.jsonl").open("a", encoding="utf-8") as file:
        file.write(torn)
    progress.record("hint", "after", step=2)
    assert progress.state().week(WEEK).hints == {"before": 1, "after": 2}


def test_bytes_that_are_not_text_cost_only_their_line(folder: Path) -> None:
    progress.record("hint", "before", step=1)
    with (folder.parent / "progress.jsonl").open("ab") as file:
        file.write(b"\xff\xfe\n")
    progress.record("hint", "after", step=2)
    assert set(progress.state().week(WEEK).hints) == {"before", "after"}


def test_a_read_only_folder_is_said_once_and_kept_in_memory(open_folder: Path) -> None:
    if os.getuid() != 0:
        open_folder.chmod(0o555)
    done = run(open_folder, "one", 3, as_nobody=True)
    assert done.returncode == 0
    assert done.stdout == "3\n"
    (line,) = done.stderr.splitlines()
    assert line.startswith("progress is not kept: cannot write ")
    assert "set COURSE_PROGRESS" in line


def test_a_read_only_file_keeps_what_was_there(open_folder: Path) -> None:
    run(open_folder, "before", 2)
    (open_folder / "progress.jsonl").chmod(0o444)
    done = run(open_folder, "after", 3, as_nobody=True)
    assert done.stdout == "5\n"


def test_an_unreadable_file_is_said_once(open_folder: Path) -> None:
    run(open_folder, "before", 2)
    (open_folder / "progress.jsonl").chmod(0o000)
    done = run(open_folder, "after", 1, as_nobody=True)
    assert done.stdout == "1\n"
    assert len(done.stderr.splitlines()) == 1


def test_a_folder_in_place_of_the_file_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path))
    progress.record("hint", "h", step=1)
    assert progress.state().week(WEEK).hints == {"h": 1}
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_disk_that_fills_up_costs_no_event(
    tiny_disk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSE_PROGRESS", str(tiny_disk / "progress.jsonl"))
    for number in range(12):
        progress.record("prediction", f"p{number}", answer="x" * 200_000, right=True)
    assert len(progress.state().week(WEEK).predictions) == 12
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(ProgressError, match="cannot record a 'party'; kinds are prediction, exercise"):
        progress.record("party", "x")


@pytest.mark.parametrize("value", [object(), float("nan"), {1, 2}])
def test_a_value_json_lacks_is_refused_before_anything_is_written(folder: Path, value: object) -> None:
    with pytest.raises(ProgressError, match="cannot record check 'c'"):
        progress.record("check", "c", points=value, of=1)
    assert not (folder.parent / "progress.jsonl").exists()


def test_numpys_numbers_are_numbers() -> None:
    progress.record("check", "c", points=np.float32(1.5), of=np.int64(2))
    assert progress.state().week(WEEK).points == 1.5


def test_text_of_any_kind_survives() -> None:
    progress.record("prediction", "p", answer="\n🙂\ud83d\x00", right=False)
    assert progress.state().week(WEEK).predictions["p"].text == "\n🙂\ud83d\x00"


def test_a_graded_check_is_kept_by_its_points() -> None:
    progress.keep_result(result(3.0))
    assert progress.state().week(WEEK).checks["a-check"].points == 3.0


def test_an_exercise_is_kept_by_whether_it_passed() -> None:
    progress.keep_result(result(0.0, message="the values differ"))
    assert progress.state().week(WEEK).exercises == {"a-check": False}


@pytest.mark.parametrize("kept", [result(3.0, hidden=True), result(3.0, message="not written yet")])
def test_a_hidden_check_or_an_untouched_task_is_not_kept(kept: Result) -> None:
    progress.keep_result(kept)
    assert progress.state().weeks == {}


@pytest.mark.parametrize("name", ["COURSE_STATIC", "NBGRADER_EXECUTION"])
def test_a_built_or_graded_notebook_writes_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    progress.record("hint", "own", step=1)
    monkeypatch.setenv(name, "1")
    progress.record("hint", "other", step=1)
    assert progress.state().week(WEEK).hints == {"other": 1}
    assert "other" not in (folder.parent / "progress.jsonl").read_text(encoding="utf-8")


def test_the_workspace_around_a_notebook_keeps_its_progress(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COURSE_PROGRESS")
    (folder.parent / ".course").mkdir()
    assert progress.progress_path() == folder.parent / ".course" / "progress.jsonl"


def test_outside_a_workspace_the_courses_own_keeps_it(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COURSE_PROGRESS")
    monkeypatch.setenv("COURSE_ROOT", str(root))
    monkeypatch.setenv("COURSE_WORKSPACE", str(tmp_path / "mine"))
    assert progress.progress_path() == tmp_path / "mine" / ".course" / "progress.jsonl"


def test_json_is_one_object_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    progress.record("check", "c", points=1, of=2)
    assert progress.show_progress(None, as_json=True) == 0
    out = json.loads(capsys.readouterr().out)
    assert out["weeks"][WEEK]["points"] == 1
    assert out["review"] == [{"week": WEEK, "what": "check c", "why": "1 of 2 points"}]


def test_a_page_is_written_where_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert progress.show_progress(tmp_path / "mine.html", as_json=False) == 0
    assert (tmp_path / "mine.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "mine.html" in capsys.readouterr().out


def test_a_page_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot write") as caught:
        progress.show_progress(tmp_path / "none" / "mine.html", as_json=False)
    assert caught.value.status == ENVIRONMENT
