"""What every test may use: the course's root and manifest, and an environment that belongs to nobody."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from courseware.manifest import Course, load

ROOT = Path(__file__).resolve().parents[1]

# Tests must not read or write the person's own progress, workspace, class or course.
for name in (
    "COURSE_WORKSPACE",
    "COURSE_PROGRESS",
    "COURSE_CLASS_SEED",
    "COURSE_ATTEMPT",
    "COURSE_GRADERS",
    "COURSE_ROOT",
    "COURSE_GRADEBOOK",
):
    os.environ.pop(name, None)
os.environ["OMP_NUM_THREADS"] = "1"


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout's folder."""
    return ROOT


@pytest.fixture(scope="session")
def course() -> Course:
    """The manifest as committed."""
    return load(ROOT / "course.toml")
