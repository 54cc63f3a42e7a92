"""The course's folder is found from anywhere, in a fixed order. Real processes, real folders."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import courseware

_ASK = "from courseware.manifest import course_root; print(course_root())"


def _ask(cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "COURSE_ROOT"} | variables
    command = [sys.executable, "-c", _ASK]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def _folder(path: Path, holds_course: bool = True) -> Path:
    path.mkdir(parents=True)
    if holds_course:
        (path / "course.toml").write_text("")
    return path


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A copy of the package as a wheel would install it, with the course inside."""
    source = Path(courseware.__file__).parent
    site = tmp_path / "site"
    shutil.copytree(source / "manifest", site / "courseware" / "manifest")
    shutil.copy(source / "__init__.py", site / "courseware")
    _folder(site / "courseware" / "_course")
    return site


def test_variable_comes_first(tmp_path: Path) -> None:
    here, named = _folder(tmp_path / "here"), _folder(tmp_path / "named")
    assert _ask(here, COURSE_ROOT=str(named)).stdout.strip() == str(named)


def test_nearest_parent_comes_second(tmp_path: Path, installed: Path) -> None:
    _folder(tmp_path / "outer")
    inner = _folder(tmp_path / "outer" / "inner")
    below = _folder(inner / "notebooks" / "week", holds_course=False)
    assert _ask(below, PYTHONPATH=str(installed)).stdout.strip() == str(inner)


def test_installed_copy_comes_last(tmp_path: Path, installed: Path) -> None:
    foreign = _folder(tmp_path / "foreign", holds_course=False)
    asked = _ask(foreign, PYTHONPATH=str(installed))
    assert asked.stdout.strip() == str(installed / "courseware" / "_course")


def test_nothing_found_says_what_to_do(tmp_path: Path, installed: Path) -> None:
    foreign = _folder(tmp_path / "foreign", holds_course=False)
    (installed / "courseware" / "_course" / "course.toml").unlink()
    asked = _ask(foreign, PYTHONPATH=str(installed))
    assert asked.returncode != 0
    assert f"no course.toml in {foreign} or above it" in asked.stderr
    assert "change to the course folder, or set COURSE_ROOT to it" in asked.stderr


def test_wrong_variable_is_an_error_and_not_skipped(tmp_path: Path) -> None:
    here, empty = _folder(tmp_path / "here"), _folder(tmp_path / "empty", holds_course=False)
    asked = _ask(here, COURSE_ROOT=str(empty))
    assert asked.returncode != 0
    assert "which holds no course.toml; set it to the course folder, or unset it" in asked.stderr
