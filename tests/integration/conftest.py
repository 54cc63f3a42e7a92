"""A course under stock nbgrader: gradebook, submissions and exchange in a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from courseware.build.lab import write_source
from courseware.build.places import Week
from courseware.kernels import Template, TemplateFailed
from courseware.manifest import Course

DRIVER = Path(__file__).with_name("stock_driver.py")


@dataclass(frozen=True)
class StockCourse:
    """A course folder driven by nbgrader alone; `run` calls steps of its Python API in one process."""

    root: Path
    folder: Path

    def write_source(self, course: Course, lab: str) -> None:
        """Put the lab's nbgrader source where `generate` looks for it."""
        write_source(Week(self.root, lab), course.week(lab).lab, self.folder / "source")

    def run(self, *steps: Mapping[str, str]) -> list[dict[str, object]]:
        """Run steps such as `{"step": "autograde", "lab": ...}`; return their results, failing on the first error."""
        bin_folder = Path(sys.executable).parent
        environment = os.environ | {
            "COURSE_ROOT": str(self.root),
            "COURSE_PROGRESS": os.devnull,
            "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
            "JUPYTER_CONFIG_DIR": str(self.folder / "jupyter"),
        }
        done = subprocess.run(
            [sys.executable, str(DRIVER), str(self.folder), json.dumps(steps)],
            env=environment, cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return list(json.loads(done.stdout.splitlines()[-1]))

    def submit_folder(self, lab: str, learner: str, answers: Mapping[str, str], before: Mapping[str, str] = {}) -> None:
        """Place a submission as if collected: the release with `answers`, and extra cells `before` named cells."""
        target = self.folder / "submitted" / learner / lab
        shutil.copytree(self.folder / "release" / lab, target)
        fill(target / "lab.ipynb", answers, before)

    def fill(self, learner: str, lab: str, answers: Mapping[str, str]) -> None:
        """Write answers into the notebook a learner fetched."""
        fill(self.folder.parent / learner / lab / "lab.ipynb", answers)

    def feedback(self, learner: str, lab: str) -> str:
        """Return the feedback page a learner fetched."""
        page = next((self.folder.parent / learner / lab / "feedback").rglob("lab.html"))
        return page.read_text(encoding="utf-8")

    def scores(self, lab: str) -> dict[str, dict[str, float]]:
        """Return the automatic points of each learner's graded cells by grade id."""
        return self.run({"step": "scores", "lab": lab})[0]  # type: ignore[return-value]


def fill(path: Path, answers: Mapping[str, str], before: Mapping[str, str] = {}) -> None:
    """Write `answers` into the notebook's cells by grade id, and new cells before those `before` names."""
    notebook = nbformat.read(path, as_version=4)
    cells = []
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in before:
            cells.append(nbformat.v4.new_code_cell(before[name]))
        if name in answers:
            first, _, _ = cell.source.partition("\n")
            cell.source = f"{first}\n{answers[name]}" if first.startswith("%%writefile") else answers[name]
        cells.append(cell)
    notebook.cells = cells
    nbformat.write(notebook, path)


@pytest.fixture
def stock_course(root: Path, tmp_path: Path) -> StockCourse:
    """An empty course folder with an exchange beside it."""
    for name in ("course", "exchange"):
        (tmp_path / name).mkdir()
    (tmp_path / "exchange").chmod(0o777)
    return StockCourse(root, tmp_path / "course")


@pytest.fixture(scope="session")
def sandboxed() -> Callable[..., Template]:
    """Start a template; skip where this machine has no sandbox."""

    def start(*arguments: Any, **settings: Any) -> Template:
        try:
            return Template.start(*arguments, **settings)
        except TemplateFailed as failed:
            if "the sandbox cannot be had" not in str(failed):
                raise
            pytest.skip(str(failed))

    return start
