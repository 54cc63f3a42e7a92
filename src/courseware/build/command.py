"""`course build`: builds, or says what is not built and what lint finds."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from courseware.build.places import Week
from courseware.build.published import publish
from courseware.build.tree import build, verify
from courseware.errors import ENVIRONMENT, CommandError
from courseware.manifest import Week as Planned
from courseware.manifest import course_root, find_week, load


def build_command(week: str | None, *, check: bool, execute: bool, mutate: bool) -> int:
    """Build all or one week; with `check` write nothing and return 1 where anything differs or lint objects.

    With `mutate` measure and write the mutation score of each lab's grader instead.
    """
    root, course = course_root(), load()
    only = find_week(course, week) if week else None
    _need_sources(root)
    if mutate:
        return _mutate(root, [only] if only else course.weeks)
    if not check:
        build(root, course, print, only.id if only else None, again=execute)
        return 0
    from courseware.build.lint import lint

    problems = verify(root, course, print, execute=execute) + [str(problem) for problem in lint(root, course)]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(problems)} problems" if problems else "everything is built and lint has nothing to say")
    return 1 if problems else 0


def _mutate(root: Path, weeks: Iterable[Planned]) -> int:
    found = [publish(Week(root, week.id), week.lab, print) for week in weeks if week.lab.state == "ready"]
    problems = [problem for score in found for problem in score.problems()]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _need_sources(root: Path) -> None:
    if not (root / "solutions").is_dir():
        raise CommandError(f"{root} has no sources to build; run course build in a checkout of the course", ENVIRONMENT)
