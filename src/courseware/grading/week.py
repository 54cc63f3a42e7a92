"""The instructor's steps around grading, each one call of stock nbgrader."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from courseware.errors import ENVIRONMENT, USAGE, CommandError
from courseware.grading.collect import collect_bundles
from courseware.grading.versions import keep_version
from courseware.manifest import Week, course_root
from courseware.nbgrader_settings import alembic_on_path


def release(week: Week, *, exchange: bool = True) -> int:
    """Generate the lab from its built source, keep this version, and put it into the exchange."""
    source = course_root() / "build" / "nbgrader" / "source" / week.id
    if not source.is_dir():
        raise CommandError(f"no built source of {week.id} at {source}; run course build first")
    version = keep_version(course_root(), week.id)
    _nbgrader("generate_assignment", week.id, "--create", "--force")
    if exchange:
        _nbgrader("release_assignment", week.id, "--force")
    print(f"released {week.id}, version {version}")
    return 0


def collect(week: Week, folder: Path | None) -> int:
    """Take submissions from the exchange, or from bundles in `folder`; return 1 where one was refused."""
    if folder is None:
        _nbgrader("collect", week.id, "--update")
        return 0
    if not folder.is_dir():
        raise CommandError(f"{folder} is not a folder; name the one that holds the bundles with --from", USAGE)
    submitted = course_root() / "build" / "nbgrader" / "submitted"
    try:
        found = collect_bundles(week.id, week.lab.files, folder, submitted)
    except OSError as error:
        where = error.filename or submitted
        raise CommandError(
            f"cannot write {where}: {error.strerror}; repair it and collect again", ENVIRONMENT
        ) from error
    for bundle in found.taken:
        print(f"collected {bundle.learner}, handed in {bundle.time}, receipt {bundle.receipt[:12]}")
    for reason in found.refused:
        print(f"refused {reason}", file=sys.stderr)
    print(f"{week.id}: {len(found.taken)} collected, {len(found.refused)} refused")
    return 1 if found.refused else 0


def feedback(week: Week) -> int:
    """Write each graded learner's feedback and put it into the exchange."""
    _nbgrader("generate_feedback", week.id, "--force")
    _nbgrader("release_feedback", week.id)
    print(f"feedback for {week.id} is out")
    return 0


def _nbgrader(step: str, *arguments: str) -> None:
    """Run one nbgrader command in the course's folder; its programs must find `alembic` beside Python."""
    alembic_on_path()
    command = [sys.executable, "-m", "nbgrader", step, *arguments]
    done = subprocess.run(command, cwd=course_root(), capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (
            [line for line in done.stderr.splitlines() if "ERROR" in line] or done.stderr.splitlines() or ["no reason"]
        )
        raise CommandError(f"nbgrader {step} failed: {lines[-1].strip()}")
