"""Every lesson and lab runs with the network cut, and does not even try to leave loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from courseware.build.lab import write_source
from courseware.build.places import Week
from courseware.manifest import Course, load

HERE = Path(__file__).parent
LABS = [week.id for week in load(HERE.parents[1] / "course.toml").weeks if week.lab.state == "ready"]
pytestmark = [pytest.mark.kernel, pytest.mark.needs_models, pytest.mark.timeout(900)]


def run_without_network(command: list[str], log: Path, root: Path) -> subprocess.CompletedProcess[str]:
    """Run `command` where only loopback exists; `log` gets a line for each attempt to leave it."""
    cut = ["unshare", "-rn", sys.executable, str(HERE / "network_cut.py")]
    if shutil.which("unshare") is None or subprocess.run([*cut, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system does not let a test make a network namespace")
    environment = os.environ | {
        "PYTHONPATH": str(HERE / "counting"),
        "COUNTING_LOG": str(log),
        "COURSE_ROOT": str(root),
    }
    environment |= {"COURSE_PROGRESS": os.devnull, "COURSE_STATIC": "1"}
    return subprocess.run([*cut, *command], env=environment, cwd=root, capture_output=True, text=True, check=False)


def attempts(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").splitlines() if log.is_file() else []


def test_counting_notices_an_attempt_to_leave(root: Path, tmp_path: Path) -> None:
    leave = "import socket; socket.socket().connect_ex(('192.0.2.1', 80))"
    run_without_network([sys.executable, "-c", leave], tmp_path / "log", root)
    assert attempts(tmp_path / "log") == ["socket.connect 192.0.2.1"]


def test_lessons_give_their_committed_outputs_without_network(root: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "courseware.cli", "build", "--check", "--execute"]
    done = run_without_network(build, tmp_path / "log", root)
    assert done.returncode == 0, done.stderr[-3000:]
    assert attempts(tmp_path / "log") == []


@pytest.mark.parametrize("lab", LABS)
def test_labs_run_without_network(root: Path, course: Course, tmp_path: Path, lab: str) -> None:
    write_source(Week(root, lab), course.week(lab).lab, tmp_path)
    command = [sys.executable, str(HERE / "run_notebook.py"), str(tmp_path / lab / "lab.ipynb")]
    done = run_without_network(command, tmp_path / "log", root)
    assert done.returncode == 0, done.stderr[-3000:]
    assert attempts(tmp_path / "log") == []
