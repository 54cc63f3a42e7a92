"""A class of its own: the course's tree by links, with a gradebook and submissions beside it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from courseware.build.lab import write_source
from courseware.build.places import Week
from courseware.build.source import read_source
from courseware.grading.executors import Executor, LocalExecutor
from courseware.grading.grade import Grading
from courseware.grading.lab import GradedLab, load_lab
from courseware.grading.versions import keep_version
from courseware.manifest import Course, find_week, load

HERE = Path(__file__).parent
TINY = "week_02_embeddings_attention"
LINKED = ("nbgrader_config.py", "graders", "labs", "data", "solutions", "notebooks", "src")


@dataclass(frozen=True)
class Class:
    """A class's folder, with one lab released into its gradebook."""

    root: Path
    lab: str
    reference: Mapping[str, str]

    @property
    def work(self) -> Path:
        return self.root / "build" / "nbgrader"

    def submit(self, student: str, answers: Mapping[str, str] = {}, *, time: str = "") -> Path:
        """Put a submission where a collection would; answers by grade id over the release's."""
        folder = self.work / "submitted" / student / self.lab
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.root / "labs" / self.lab, folder)
        notebook = json.loads((folder / "lab.ipynb").read_text())
        for cell in notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            cell["source"] = answers.get(name, cell["source"])
        (folder / "lab.ipynb").write_text(json.dumps(notebook))
        if time:
            (folder / "timestamp.txt").write_text(time)
        return folder

    def course(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `course` for this class."""
        command = [sys.executable, "-m", "courseware.cli", *arguments]
        return subprocess.run(
            command, cwd=self.root, env=self.environment | variables, capture_output=True, text=True, check=False
        )

    def grade(self, workers: int = 1, executor: Executor | None = None, **settings: Any) -> dict[str, Any]:
        """Grade the lab as `course grade` does and return its report."""
        week = find_week(load(), self.lab)
        grading = Grading(self.root, week, **{"seed": "practice", "say": lambda _: None} | settings)
        return asdict(grading.run(executor or LocalExecutor(self.root, workers)))

    def generate(self) -> None:
        """Have stock nbgrader make the release and the gradebook."""
        command = [sys.executable, "-m", "nbgrader", "generate_assignment", self.lab, "--create", "--force"]
        done = subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        shutil.copyfile(self.work / "gradebook.db", self.work / "empty.db")

    def emptied(self) -> Class:
        """The same class as it was before anything was handed in."""
        for name in ("submitted", "autograded", "journal"):
            if (self.work / name).is_dir():
                subprocess.run(["chmod", "-R", "u+w", self.work / name], check=True)
                shutil.rmtree(self.work / name)
        for path in self.work.glob("gradebook.db*"):
            path.unlink()
        shutil.copyfile(self.work / "empty.db", self.work / "gradebook.db")
        return self

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "COURSE_ROOT": str(self.root),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "JUPYTER_CONFIG_DIR": str(self.root / "jupyter"),
        }

    def scores(self) -> dict[str, dict[str, float | None]]:
        """Automatic points in the gradebook, by learner and cell."""
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self.work / 'gradebook.db'}") as book:
            return {
                submission.student_id: {g.name: g.auto_score for n in submission.notebooks for g in n.grades}
                for submission in book.assignment_submissions(self.lab)
            }


def make_tiny_class(course: Course, root: Path, folder: Path) -> Class:
    """A class with a lab of two small tasks and a memo, in place of one of the course's."""
    link(root, folder, [name for name in LINKED if name not in ("graders", "labs", "solutions")])
    week = Week(folder, TINY)
    for source in ("lab.py", "practice.toml"):
        copy(HERE / "tiny" / source, week.solution / source)
    for source in ("visible.py", "hidden.py"):
        copy(HERE / "tiny" / source, week.graders / source)
    write_source(week, course.week(TINY).lab, folder / "build" / "nbgrader" / "source")
    made = Class(
        folder, TINY, {cell.id: cell.text for cell in read_source(week.solution / "lab.py") if cell.role == "answer"}
    )
    made.generate()
    shutil.copytree(folder / "build" / "nbgrader" / "release" / TINY, folder / "labs" / TINY)
    keep_version(folder, TINY)
    return made


def link(root: Path, folder: Path, names: Sequence[str]) -> None:
    """Make the course's tree below `folder`; the manifest is what kernels may read, and they see no links."""
    for name in names:
        (folder / name).symlink_to(root / name)
    shutil.copyfile(root / "course.toml", folder / "course.toml")


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


@pytest.fixture(scope="module")
def tiny_made(course: Course, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Class:
    """A class with the tiny lab, made once."""
    return make_tiny_class(course, root, tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def tiny(tiny_made: Class) -> Class:
    """The same, with nothing handed in and nothing graded."""
    return tiny_made.emptied()


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk without a byte left, mounted while the test runs."""
    if not (sys.platform == "linux" and os.geteuid() == 0):
        pytest.skip("only root on Linux may mount a disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk], check=True)
    try:
        with contextlib.suppress(OSError):
            (disk / "filler").write_bytes(bytes(2**20))
        yield disk
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


@pytest.fixture
def release(course: Course, root: Path) -> Callable[[str, Path], GradedLab]:
    """A function that releases a lab of the course, as it is now, below a folder."""

    def released(lab: str, folder: Path) -> GradedLab:
        link(root, folder, LINKED)
        write_source(Week(root, lab), course.week(lab).lab, folder / "build" / "nbgrader" / "source")
        return load_lab(folder, course.week(lab), keep_version(folder, lab))

    return released
