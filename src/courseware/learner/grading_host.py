"""`course doctor --grading`: whether this machine can run submissions in the sandbox, and what mends it if not."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from courseware.checks.world import SEED_VARIABLE
from courseware.kernels import Template, TemplateFailed
from courseware.kernels.template import UIDS
from courseware.learner.doctor import Finding
from courseware.manifest import course_root


def grading_findings(chosen: str) -> Iterator[Finding]:
    """What grading in the `chosen` sandbox, "full" or "lesser", needs beside what learners need."""
    yield _system()
    yield _nbgrader()
    if sys.platform == "linux":
        yield from _parts()
        yield from _sandboxes(chosen)
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


def _parts() -> Iterator[Finding]:
    """What a sandbox is made of; what is not there is no fault where a sandbox can be had without it."""
    from courseware.kernels.sandbox.offered import offered

    for one in offered(UIDS[0]):
        yield Finding(one.name, one.there or None, one.detail.partition(". ")[0])


def _sandboxes(chosen: str) -> Iterator[Finding]:
    """Try both, and say which one grading takes here; it fails where that one cannot be had."""
    problems = {name: _problem(lesser=name == "lesser") for name in _HOLDS}
    for name, problem in problems.items():
        yield Finding(f"{name} sandbox", problem is None or None, _HOLDS[name] if problem is None else problem[0])
    problem = problems[chosen]
    if problem is None:
        yield Finding("sandbox", True, f"{chosen}: this is where grading runs submissions")
    else:
        yield Finding("sandbox", False, f"{chosen}: {problem[0]}", problem[1] or "see docs/concepts/grading.md")


_HOLDS = {
    "full": "namespaces, Landlock, seccomp and limits hold",
    "lesser": "Landlock, seccomp, limits and a watch hold; docs/concepts/grading.md says what it gives up",
}


def _problem(*, lesser: bool) -> tuple[str, str] | None:
    """Close one kernel in, with everything that a submission's kernel has; return what is wrong and what mends it."""
    shown = [course_root() / "course.toml"]
    try:
        with Template.start([], readable=shown, lesser=lesser) as template, template.kernel({}) as kernel:
            status = kernel.run("1 + 1", 10).status
    except TemplateFailed as failed:
        problem, _, fix = str(failed).partition(". ")
        return problem, fix
    return None if status == "ok" else ("a cell that adds numbers failed", "report it")


def _class_seed() -> Finding:
    seeded = bool(os.environ.get(SEED_VARIABLE))
    detail = f"{SEED_VARIABLE} is set" if seeded else f"{SEED_VARIABLE} is not set: hidden draws are everybody's"
    return Finding("class seed", True if seeded else None, detail)
