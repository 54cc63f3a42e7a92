"""The `course` command in processes of its own, users without rights, and disks without room."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

AS_NOBODY = Path(__file__).with_name("as_nobody.py")
Mount = Callable[[Path, str], None]


@dataclass(frozen=True)
class CourseCommand:
    """`course` as a person runs it, with a home and a workspace that are the test's own."""

    root: Path
    home: Path

    def __call__(
        self, *arguments: str, cwd: Path | None = None, nobody: bool = False, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end. `nobody` runs it as a user who owns nothing; `variables` join the environment."""
        start = [str(AS_NOBODY)] if nobody else ["-m", "courseware.cli"]
        return subprocess.run(
            [sys.executable, *start, *arguments],
            cwd=cwd or self.home, env=self.environment(**variables),
            capture_output=True, text=True, encoding="utf-8", check=False, timeout=120,
        )  # fmt: skip

    def environment(self, **variables: str) -> dict[str, str]:
        """Return the variables of a process: nothing of the person's own course, weights or notebooks."""
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("COURSE_", "JUPYTER", "XDG_"))
        }
        return clean | {"COURSE_ROOT": str(self.root), "HOME": str(self.home), "COURSE_LEARNER": "ada"} | variables


@pytest.fixture
def run_course(root: Path, tmp_path: Path) -> CourseCommand:
    """`course` on the real course, in an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    return CourseCommand(root, home)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """An empty folder that every user may enter and read, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="course-test-")).resolve()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def tiny_disk() -> Iterator[Path]:
    """A disk of 1 MB, mounted while the test runs."""
    if not (sys.platform == "linux" and os.geteuid() == 0):
        pytest.skip("only root on Linux may mount a disk")
    folder = Path(tempfile.mkdtemp(prefix="course-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip(f"this container may not mount a disk: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()
