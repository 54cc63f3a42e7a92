"""`course check` runs a learner's lab in a real kernel, says what it found, and leaves their file alone."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from courseware.learner import running
from courseware.learner.visible import run_visible
from courseware.manifest import Course

pytestmark = pytest.mark.kernel

CHECK = [sys.executable, "-m", "courseware.cli", "check"]
LAB = "week_00_start_here"
RIGHT = """def greet(name: str) -> str:
    if not name.strip():
        raise ValueError("a name is needed")
    return f"Hello, {name.strip()}."
"""
WRONG = 'def greet(name: str) -> str:\n    return "Hello."'


@dataclass(frozen=True)
class Learner:
    """A learner with a workspace of their own, and a course that has no graders."""

    root: Path
    home: Path

    @property
    def lab(self) -> Path:
        return self.home / "mine" / "labs" / LAB / "lab.ipynb"

    @property
    def progress(self) -> list[dict[str, Any]]:
        path = self.home / "mine" / ".course" / "progress.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []

    def write(self, texts: Mapping[str, str]) -> None:
        """Write into cells by id; a text for an id that is not there becomes a last cell."""
        notebook = json.loads(self.lab.read_bytes())
        for name, text in texts.items():
            cell = next((cell for cell in notebook["cells"] if cell["id"] == name), None)
            if cell is None:
                cell = {"id": name, "cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
                notebook["cells"].append(cell)
            cell["source"] = text
        self.lab.write_text(json.dumps(notebook))

    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("COURSE_", "JUPYTER"))}
        places = {"COURSE_ROOT": str(self.root), "COURSE_WORKSPACE": str(self.home / "mine"), "HOME": str(self.home)}
        return clean | places

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*CHECK, "00"], env=self.environment(), cwd=self.home, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def check(self, *arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*CHECK, "00", *arguments], env=self.environment() | variables, cwd=cwd or self.home,
            capture_output=True, text=True, encoding="utf-8", check=False, timeout=200,
        )  # fmt: skip


@pytest.fixture
def learner(root: Path, tmp_path: Path) -> Learner:
    """The course is copied as a learner gets it: the manifest and the labs, neither solutions nor graders."""
    for part in ("course", "home/mine/.course", "home/mine/labs"):
        (tmp_path / part).mkdir(parents=True)
    shutil.copy(root / "course.toml", tmp_path / "course")
    shutil.copytree(root / "labs" / LAB, tmp_path / "course" / "labs" / LAB)
    shutil.copytree(root / "labs" / LAB, tmp_path / "home" / "mine" / "labs" / LAB)
    return Learner(tmp_path / "course", tmp_path / "home")


def test_untouched_lab_scores_nothing_and_says_what_is_empty(learner: Learner) -> None:
    before = learner.lab.read_bytes()
    done = learner.check()
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "✗ greet-visible: 0 of 0.5",
        "empty: greet",
        "visible checks: 0 of 0.5 points; the hidden ones run when you submit",
        f"submit with: course submit {LAB}",
    ]
    assert learner.lab.read_bytes() == before


def test_right_lab_passes_and_is_recorded_once(learner: Learner) -> None:
    learner.write({"greet": RIGHT})
    before = learner.lab.read_bytes()
    done = learner.check()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("✓ greet-visible: 0.5 of 0.5\nvisible checks: 0.5 of 0.5 points;")
    (event,) = learner.progress
    assert (event["week"], event["kind"], event["id"]) == (LAB, "check", "greet-visible")
    assert event["value"] == {"points": 0.5, "of": 0.5}
    assert learner.lab.read_bytes() == before


def test_wrong_lab_fails_and_is_recorded(learner: Learner) -> None:
    learner.write({"greet": WRONG})
    done = learner.check("--json")
    said = json.loads(done.stdout)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (1, "", 1)
    assert (said["lab"], said["passed"], said["empty"]) == (LAB, False, [])
    (line,) = said["checks"]
    assert line["score"] < line["points"] == 0.5
    assert learner.progress[0]["value"] == {"points": line["score"], "of": 0.5}


def test_lab_in_the_current_folder_is_the_one_that_is_checked(learner: Learner) -> None:
    elsewhere = learner.home / "other" / LAB
    shutil.copytree(learner.lab.parent, elsewhere)
    learner.write({"greet": RIGHT})
    assert learner.check(cwd=elsewhere).returncode == 1


def test_answer_that_calls_something_finish_is_run(learner: Learner) -> None:
    learner.write({"greet": f"def finish(text):\n    return text\n\n\n{RIGHT}\nfinish('x')"})
    assert learner.check().returncode == 0


@pytest.mark.parametrize("text", ["'no number'", "float('inf')"])
def test_check_cell_the_learner_changed_brings_no_points(learner: Learner, text: str) -> None:
    learner.write({"greet": RIGHT, "greet-visible": f"# changed\n{text}"})
    done = learner.check()
    assert (done.returncode, done.stderr) == (1, "")
    assert "✗ greet-visible: 0 of 0.5" in done.stdout


def test_code_that_ends_the_kernel_is_one_line_and_status_1(learner: Learner) -> None:
    learner.write({"greet": "import os\nos._exit(0)"})
    done = learner.check()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "your code ended the kernel; look for exit() or for more memory than there is\n"
    assert learner.progress == []


def test_last_cell_of_the_notebook_says_the_same(learner: Learner) -> None:
    command = [sys.executable, "-m", "jupyter", "execute", "--inplace", str(learner.lab), "--allow-errors"]
    subprocess.run(command, env=learner.environment(), capture_output=True, check=True, timeout=200)
    last = json.loads(learner.lab.read_bytes())["cells"][-1]
    (shown,) = last["outputs"]
    assert "".join(shown["text"]).startswith("✗ greet-visible: 0 of 0.5\nempty: greet\nvisible checks: 0 of 0.5")
    assert [event["kind"] for event in learner.progress].count("check") == 1


def test_cell_without_an_end_is_one_line(learner: Learner, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    learner.write({"greet": "while True:\n    pass"})
    monkeypatch.setattr(running, "SECONDS", 5)
    monkeypatch.setenv("COURSE_ROOT", str(learner.root))
    with pytest.raises(running.LabStopped, match=r"^a cell ran for more than 5 s; run them one by one to find it$"):
        run_visible(course.weeks[0], learner.lab.parent)


@pytest.mark.skipif(sys.platform == "win32", reason="a console interrupts otherwise")
def test_interrupt_ends_the_check_and_its_kernel(learner: Learner) -> None:
    flag = learner.home / "started"
    learner.write({"greet": f"import pathlib, time\npathlib.Path({str(flag)!r}).touch()\ntime.sleep(100)"})
    process = learner.start()
    while not flag.exists() and process.poll() is None:
        time.sleep(0.05)
    family = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert (process.returncode, said) == (1, "stopped\n")
    assert psutil.wait_procs(family, timeout=30)[1] == []


def test_console_without_the_characters_still_gets_the_report(learner: Learner) -> None:
    learner.write({"greet": RIGHT})
    done = learner.check(PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("? greet-visible: 0.5 of 0.5\n")


@pytest.mark.parametrize("text", ["not JSON", "[]", "{}", ""])
def test_file_that_is_no_notebook_is_one_line_and_left_alone(learner: Learner, text: str) -> None:
    learner.lab.write_text(text)
    done = learner.check()
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert f"{learner.lab} is not a notebook: " in done.stderr
    assert learner.lab.read_text() == text


def test_lab_that_was_never_fetched_says_how_to_get_it(learner: Learner) -> None:
    learner.lab.unlink()
    done = learner.check()
    assert (done.returncode, done.stderr) == (1, f"there is no {learner.lab}; run course lab to make your copy\n")
