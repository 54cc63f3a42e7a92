"""`course doctor --grading`: whether this machine can run submissions in the sandbox, and what mends it if not."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from courseware.checks.world import SEED_VARIABLE
from courseware.kernels import Template, TemplateFailed
from courseware.learner.doctor import Finding
from courseware.manifest import course_root


def grading_findings() -> Iterator[Finding]:
    """What grading needs beside what learners need."""
    yield _system()
    yield _nbgrader()
    if sys.platform == "linux":
        yield _sandbox()
    yield Finding("cores", True, f"{os.cpu_count()}: as many submissions at a time")
    yield _class_seed()


def _system() -> Finding:
    fix = "grade on Linux, or in a Linux container there; learners may work on any system"
    return Finding("system", sys.platform == "linux", sys.platform, fix)


def _nbgrader() -> Finding:
    """nbgrader runs `alembic` as a program; it is looked for beside this Python."""
    missing = [name for name in ("nbgrader", "distributed") if importlib.util.find_spec(name) is None]
    if not (Path(sys.executable).parent / "alembic").exists():
        missing.append("alembic")
    detail = f"missing: {', '.join(missing)}" if missing else "nbgrader, alembic and Dask are installed"
    return Finding("graders' packages", not missing, detail, "python -m pip install -e '.[grade]' in the course folder")


def _sandbox() -> Finding:
    """Close one kernel in, with everything that a submission's kernel has."""
    try:
        with Template.start([], readable=[course_root() / "course.toml"]) as template, template.kernel({}) as kernel:
            status = kernel.run("1 + 1", 10).status
    except TemplateFailed as failed:
        problem, _, fix = str(failed).partition(". ")
        return Finding("sandbox", False, problem, fix or "see docs/concepts/grading.md")
    return Finding("sandbox", status == "ok", "namespaces, Landlock, seccomp and limits are there")


def _class_seed() -> Finding:
    seeded = bool(os.environ.get(SEED_VARIABLE))
    detail = f"{SEED_VARIABLE} is set" if seeded else f"{SEED_VARIABLE} is not set: hidden draws are everybody's"
    return Finding("class seed", True if seeded else None, detail)
