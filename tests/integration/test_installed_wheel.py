"""A learner may install the package and have no checkout: the course's files come with it, solutions do not."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the checkout and installed, not editable, in a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(installed), "HOME": str(folder), "COURSE_PROGRESS": os.devnull}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_course_is_found_from_a_foreign_folder(installed: Path, tmp_path: Path) -> None:
    code = "from courseware.manifest import course_root, load; print(course_root()); print(len(load().weeks))"
    done = run(installed, tmp_path, "-c", code)
    assert done.stdout.split() == [str(installed / "courseware" / "_course"), "49"], done.stderr


def test_a_workspace_is_made_from_it_in_the_home_folder(installed: Path, tmp_path: Path) -> None:
    code = (
        "from courseware.manifest import course_root, load\n"
        "from courseware.learner.workspace import update_workspace, workspace_folder\n"
        "update_workspace(course_root(), load(), workspace_folder(course_root()))"
    )
    done = run(installed, tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "ai-engineer-course" / "labs" / "week_01_tokenization" / "lab.ipynb").is_file()


def test_no_solution_and_no_hidden_check_is_in_it(installed: Path) -> None:
    names = [path.name for path in installed.rglob("*") if path.is_file()]
    assert "hidden.py" not in names
    assert "rubric.md" not in names
    texts = [path.read_text(encoding="utf-8") for path in (installed / "courseware" / "_course").rglob("*.ipynb")]
    assert len(texts) >= 5
    assert not [text for text in texts if "BEGIN SOLUTION" in text or "BEGIN HIDDEN" in text]


def test_a_hidden_check_asked_for_without_graders_says_where_they_belong(installed: Path, tmp_path: Path) -> None:
    code = "from courseware.checks import hidden_check; hidden_check('week_00_start_here', 'greet-hidden')"
    done = run(installed, tmp_path, "-c", code)
    assert "set COURSE_GRADERS to the course's graders folder" in done.stderr
