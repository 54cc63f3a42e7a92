"""A class in a folder of its own: one of the bench's labs, released, with a batch of submissions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from pathlib import Path
from typing import Any, Protocol

from courseware.errors import ENVIRONMENT, CommandError
from courseware.grading.errors import GradingError
from courseware.grading.lab import NOTEBOOK, GradedLab, load_lab
from courseware.grading.versions import keep_version
from courseware.manifest import Week, load

LABS = ("heavy", "light")
_SOURCES = Path(__file__).parent / "labs"
_PREFIX = "bench_"
_CELL_S = 120  # what stock nbgrader gives a cell here; a busy machine takes long to import what this lab needs
_OF_A_CLASS = ("COURSE_ATTEMPT", "COURSE_CLASS_SEED", "COURSE_GRADEBOOK", "COURSE_GRADERS")
_MEMO = "Because the length of a vector says nothing about a text."


class Planted(Protocol):
    """A planted answer: its cells by grade id, and the points that it loses by check."""

    @property
    def name(self) -> str: ...
    @property
    def loses(self) -> Mapping[str, float]: ...
    @property
    def cells(self) -> Mapping[str, str]: ...


# Writes nbgrader's source of the week's lab below a root; returns the reference's answers and the planted ones.
Build = Callable[[Path, Week], tuple[Mapping[str, str], Sequence[Planted]]]


@dataclass(frozen=True)
class Submitted:
    """One submission of the batch: answers by grade id, and what it must lose where that is stated."""

    student: str
    answers: Mapping[str, str]
    loses: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Classroom:
    """A class's folder with a lab that was released and a batch that was handed in."""

    root: Path
    week: Week
    batch: tuple[Submitted, ...]

    def copied(self, folder: Path) -> Classroom:
        """The same class again, in another folder."""
        shutil.copytree(self.root, folder, symlinks=True)
        return Classroom(folder, self.week, self.batch)

    @property
    def lab_name(self) -> str:
        """What the bench calls the lab."""
        return self.week.id.removeprefix(_PREFIX)

    @property
    def lab(self) -> GradedLab:
        """The lab as it was released."""
        version = next((self.root / "build" / "nbgrader" / "versions" / self.week.id).iterdir()).name
        return load_lab(self.root, self.week, version)


def bench_week(lab: str) -> Week:
    """A week that has one of the bench's labs; the course's manifest knows nothing of it."""
    first = load().weeks[0]
    limits = first.lab.limits.model_copy(update={"cell_seconds": _CELL_S, "submission_seconds": 10 * _CELL_S})
    needs = {"data": (), "files": (), "models": (), "tokenizers": (), "gateway": False, "limits": limits}
    return first.model_copy(update={"id": f"{_PREFIX}{lab}", "lab": first.lab.model_copy(update=needs)})


def open_classroom(course: Path, lab: str, folder: Path, build: Build, size: int) -> Classroom:
    """Release the lab named `lab` into a class below `folder`, and hand in `size` submissions of it.

    Raises:
        CommandError: the course's folder `course` is no checkout, which has what an instructor needs.
    """
    config, source, week = course / "nbgrader_config.py", _SOURCES / lab, bench_week(lab)
    if not (config.is_file() and source.is_dir()):
        missing = config if source.is_dir() else source
        raise CommandError(f"{missing} is not there; run `course bench grading` in a checkout", ENVIRONMENT)
    folder.mkdir(parents=True)
    (folder / "src").symlink_to(course / "src")
    for path in (config, course / "course.toml"):
        shutil.copy(path, folder)
    of_graders = ("visible.py", "hidden.py", "warm.py", "answers")
    shutil.copytree(source, folder / "solutions" / week.id, ignore=shutil.ignore_patterns(*of_graders))
    shutil.copytree(source, folder / "graders" / week.id, ignore=shutil.ignore_patterns("lab.py", "practice.toml"))
    reference, planted = build(folder, week)
    _release(folder, week.id)
    batch = tuple(islice(_batch(reference, planted), size))
    for submitted in batch:
        _hand_in(folder, week.id, submitted)
    return Classroom(folder, week, batch)


def environment(root: Path) -> dict[str, str]:
    """The variables for a command on the class at `root`: nobody's settings but the class's own, and no network."""
    own = {
        "COURSE_ROOT": str(root),
        "COURSE_PROGRESS": os.devnull,
        "HF_HUB_OFFLINE": "1",
        "IPYTHONDIR": str(root / "ipython"),
        "JUPYTER_CONFIG_DIR": str(root / "jupyter"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    return {name: value for name, value in os.environ.items() if name not in _OF_A_CLASS} | own


def _release(root: Path, lab: str) -> None:
    """Release as `course release` does."""
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", lab, "--create", "--force"]
    done = subprocess.run(command, cwd=root, env=environment(root), capture_output=True, text=True, check=False)
    if done.returncode:
        raise GradingError(f"nbgrader cannot release {lab} in {root}: {done.stderr.splitlines()[-1]}")
    shutil.copytree(root / "build" / "nbgrader" / "release" / lab, root / "labs" / lab)
    keep_version(root, lab)


def _batch(reference: Mapping[str, str], planted: Sequence[Planted]) -> Iterator[Submitted]:
    """All submissions: right, blank, one that is no Python, each planted answer, then those of two tasks at once."""
    *_, (name, text) = reference.items()
    yield Submitted("reference", reference, {})
    yield Submitted("blank", {})
    yield Submitted("no_python", {**reference, name: text.replace(":", "", 1)})
    for one in planted:
        yield Submitted(one.name, {**reference, **one.cells}, one.loses)
    for one, other in combinations(planted, 2):
        if not one.cells.keys() & other.cells.keys():
            yield Submitted(f"{one.name}-{other.name}", {**reference, **one.cells, **other.cells})


def _hand_in(root: Path, lab: str, submitted: Submitted) -> None:
    folder = root / "build" / "nbgrader" / "submitted" / submitted.student / lab
    shutil.copytree(root / "labs" / lab, folder)
    notebook: dict[str, Any] = json.loads((folder / NOTEBOOK).read_text(encoding="utf-8"))
    answers = {"memo": _MEMO, **submitted.answers}
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = answers.get(name, cell["source"])
    (folder / NOTEBOOK).write_text(json.dumps(notebook), encoding="utf-8")
