"""A course of one small lab that a test may change, and a learner's copy of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from courseware.learner.workspace import Change, update_workspace
from courseware.manifest import Course

LAB = "week_00_start_here"
Edit = Callable[[dict[str, Any]], object]


@dataclass(frozen=True)
class Copy:
    """The course at `root`, and a learner's workspace at `folder`."""

    root: Path
    folder: Path
    course: Course

    @property
    def released(self) -> Path:
        """The lab's folder in the course."""
        return self.root / "labs" / LAB

    @property
    def mine(self) -> Path:
        """The lab's folder in the workspace."""
        return self.folder / "labs" / LAB

    def update(self) -> list[Change]:
        return update_workspace(self.root, self.course, self.folder)

    def publish(self, edit: Edit) -> None:
        """Change the lab in the course."""
        edit_notebook(self.released / "lab.ipynb", edit)

    def learn(self, edit: Edit) -> None:
        """Change the learner's copy of it."""
        edit_notebook(self.mine / "lab.ipynb", edit)

    def text(self, name: str) -> str:
        """The text of a cell of the learner's copy."""
        return source(cell_of(json.loads((self.mine / "lab.ipynb").read_bytes()), name))

    def kept(self) -> list[bytes]:
        """Everything that updates put aside."""
        return [path.read_bytes() for path in sorted((self.folder / ".course" / "kept").rglob("*")) if path.is_file()]


def edit_notebook(path: Path, edit: Edit) -> None:
    notebook = json.loads(path.read_bytes())
    edit(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def cell_of(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


@pytest.fixture
def write() -> Callable[[str, str], Edit]:
    """An edit: this cell gets this text."""
    return lambda name, text: lambda notebook: cell_of(notebook, name).update(source=text)


@pytest.fixture
def copy(root: Path, course: Course, tmp_path: Path) -> Copy:
    """A course with one lab, and a workspace made from it."""
    small = tmp_path / "course"
    shutil.copytree(root / "labs" / LAB, small / "labs" / LAB)
    shutil.copy(root / "course.toml", small)
    made = Copy(small, tmp_path / "mine", course)
    made.update()
    return made
