"""The published mutation score of each grader, `graders/<week>/mutation.toml`, and whether it is still true."""

from __future__ import annotations

import hashlib
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

from courseware.build.answers import LabRun
from courseware.build.errors import SourceError
from courseware.build.lab import write_source
from courseware.build.mutation import LEAST, MutationScore, mutation_score
from courseware.build.places import Week
from courseware.build.source import read_source
from courseware.manifest import Lab

NAME = "mutation.toml"
_FIX = "run `course build --mutate` and commit the result"


def publish(week: Week, lab: Lab, say: Callable[[str], None]) -> MutationScore:
    """Run the mutants of a lab's reference, write the score and return it."""
    with tempfile.TemporaryDirectory() as scratch:
        write_source(week, lab, Path(scratch))
        found = mutation_score(LabRun.of(week, Path(scratch) / week.id), say=say)
    (week.graders / NAME).write_text(published_text(week, found), encoding="utf-8")
    return found


def published_problem(week: Week) -> str | None:
    """Say why the published score cannot be trusted, or return None."""
    path = week.graders / NAME
    if not path.is_file():
        return f"no {NAME}; {_FIX}"
    try:
        row = tomllib.loads(path.read_text(encoding="utf-8"))
        graded, score = str(row["graded"]), float(row["score"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise SourceError(f"{path}: {error}; {_FIX}") from error
    if graded != graded_digest(week):
        return f"the answers or checks changed after the score was measured; {_FIX}"
    return None if score >= LEAST else f"mutation score {score:.0%} is below {LEAST:.0%}; strengthen the hidden checks"


def graded_digest(week: Week) -> str:
    """Return a hash of the reference's answers and of all checks: what a mutation score depends on."""
    answers = [f"{cell.id}\0{cell.text}" for cell in read_source(week.solution / "lab.py") if cell.role == "answer"]
    checks = [(week.graders / name).read_text(encoding="utf-8") for name in ("visible.py", "hidden.py")]
    return hashlib.sha256("\0".join(answers + checks).encode()).hexdigest()[:16]


def published_text(week: Week, found: MutationScore) -> str:
    equivalent = len({one.change for one in found.explained if one.equivalent} & set(found.survived))
    return (
        "# Made by `course build --mutate`: one small change at a time to the reference, and how many of them\n"
        "# the checks notice. Equivalent ones behave as the reference does; survivors.toml explains each survivor.\n"
        f'graded = "{graded_digest(week)}"  # the answers and checks it was measured on\n'
        f"mutants = {found.killed + len(found.survived)}\n"
        f"killed = {found.killed}\n"
        f"equivalent = {equivalent}\n"
        f"score = {found.score:.3f}\n"
    )
