"""One gateway for each user and course: found, started once, started again after it died, ended when not needed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from courseware.gateway import GatewayError, ensure, running
from courseware.gateway.supervision.state import State, read_state, state_path, write_state
from courseware.manifest import course_root

ENSURE = "from courseware.gateway import ensure; c = ensure(); print(c.url, flush=True); input()"
COURSE = Path(__file__).parents[3] / "course.toml"


@pytest.fixture(autouse=True)
def small_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A course of its own with a state folder of its own; whatever gateway runs for it is ended."""
    root = tmp_path / "course"
    (root / "data" / "recordings").mkdir(parents=True)
    shutil.copy(COURSE, root)
    monkeypatch.setenv("COURSE_ROOT", str(root))
    monkeypatch.setenv("COURSE_STATE", str(tmp_path / "state"))
    yield root
    state = running()
    if state is not None:
        end(state.pid)


def end(pid: int) -> None:
    process = psutil.Process(pid)
    process.kill()
    process.wait(10)


def test_four_who_need_it_at_once_get_the_same_one() -> None:
    starts = [
        subprocess.Popen([sys.executable, "-c", ENSURE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    urls = {start.stdout.readline() for start in starts if start.stdout}
    for start in starts:
        start.communicate("\n")
    assert urls == {f"{running().url}\n"}


def test_after_a_kill_the_next_one_has_the_same_address_and_keys() -> None:
    first = ensure()
    end(running().pid)
    assert running() is None
    second = ensure()
    assert (second.url, second.token) == (first.url, first.token)
    assert second.control_token != first.control_token


def test_a_state_file_of_a_dead_gateway_misleads_nobody() -> None:
    old = State(os.getpid(), 0.0, 1, "course-old", "control", "fingerprint")
    write_state(state_path(), old)
    assert running() is None
    assert ensure().status()["exchanges"] == 0


def test_a_state_file_that_is_no_json_is_replaced() -> None:
    state_path().write_text("half of a fi", encoding="utf-8")
    ensure()
    assert read_state(state_path()).is_alive()


def test_a_taken_port_is_left_to_its_owner() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        write_state(state_path(), State(1, 0.0, port, "course-old", "control", "fingerprint"))
        assert ensure().url != f"http://127.0.0.1:{port}"


def test_state_is_for_its_user_alone() -> None:
    ensure()
    path = state_path()
    modes = [stat.S_IMODE(place.stat().st_mode) for place in (path, path.parent)]
    assert modes == [0o600, 0o700]


def test_a_gateway_that_runs_older_recordings_is_replaced(small_course: Path) -> None:
    ensure()
    before = running()
    os.utime(small_course / "course.toml")
    ensure()
    after = running()
    assert (after.pid, after.token) != (before.pid, after.token)
    assert not before.is_alive()


def test_a_recording_that_cannot_be_read_stops_the_start_and_stands_in_the_log(small_course: Path) -> None:
    (small_course / "data" / "recordings" / "broken.yaml").write_text("id: [", encoding="utf-8")
    with pytest.raises(GatewayError, match=r"gateway\.log"):
        ensure()
    assert "broken.yaml" in (state_path().parent / "gateway.log").read_text(encoding="utf-8")


def test_it_ends_when_it_is_told_to() -> None:
    ensure()
    state = running()
    os.kill(state.pid, signal.SIGTERM)
    psutil.Process(state.pid).wait(15)
    assert running() is None


def test_status_says_whether_one_runs(capfd: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-m", "courseware.cli", "status", "--json"]
    nothing = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (nothing.returncode, json.loads(nothing.stdout)) == (1, {"running": False})
    connection = ensure()
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert (told["url"], told["tiers"][:2]) == (connection.url, ["recordings", "scenarios"])


def test_serve_runs_in_the_foreground_and_refuses_a_second(small_course: Path) -> None:
    command = [sys.executable, "-m", "courseware.cli", "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout.readline().startswith("gateway at http://127.0.0.1:")
        second = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (second.returncode, "already runs" in second.stderr) == (3, True)
        serving.send_signal(signal.SIGINT)
        assert serving.wait(15) == 0


def test_a_pid_that_is_used_again_is_not_taken_for_the_gateway() -> None:
    state = State(os.getpid(), psutil.Process().create_time(), 1, "t", "c", "f")
    assert state.is_alive()
    assert not replace(state, started=time.time() - 1e6).is_alive()


def test_folders_of_two_courses_have_two_states(tmp_path: Path) -> None:
    assert state_path(tmp_path) != state_path(course_root())


def test_a_log_that_has_grown_large_is_begun_anew(tmp_path: Path) -> None:
    log = tmp_path / "state" / "gateway.log"
    log.parent.mkdir(mode=0o700)
    with log.open("wb") as stream:
        stream.truncate(5_000_001)
    ensure()
    assert log.stat().st_size < 5_000_001
