"""Runs the bench and prints the figures."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from courseware.errors import DONE, USAGE, CommandError
from courseware.grading.bench.classroom import LABS, Build, open_classroom
from courseware.grading.bench.contenders import OTTER, turns
from courseware.grading.bench.figures import figures
from courseware.grading.bench.measuring import Measured, measure
from courseware.grading.bench.page import write_page
from courseware.machine import busy_machine


@dataclass(frozen=True)
class Wanted:
    """Which labs, how many submissions of each, whether everybody has one turn only, and where the figures go."""

    labs: tuple[str, ...] = LABS
    submissions: int = 20
    once: bool = False
    write: bool = False
    as_json: bool = False


def bench_command(course: Path, build: Build, wanted: Wanted) -> int:
    """Have a batch of each lab graded by all contenders, and print what it cost. Raises CommandError."""
    if wanted.submissions < 1:
        raise CommandError(f"--submissions is {wanted.submissions}; give 1 or more", USAGE)
    if OTTER not in turns():
        _say("otter-grader is not installed and is left out: pip install otter-grader==7.0.0")
    machine = busy_machine()
    measured = [_measured(course, lab, build, wanted) for lab in wanted.labs]
    found = {name: value for one in measured for name, value in figures(one).items()}
    if wanted.as_json:
        print(json.dumps({"bench": "grading", "machine": machine, "figures": found}))
    else:
        print("\n".join(f"{name}: {value}" for name, value in found.items()))
    if wanted.write:
        _say(f"wrote {write_page(course, measured, machine, date.today())}")
    return DONE


def _measured(course: Path, lab: str, build: Build, wanted: Wanted) -> Measured:
    order = tuple(dict.fromkeys(turns())) if wanted.once else turns()
    with tempfile.TemporaryDirectory(prefix="course-bench-") as scratch:
        room = open_classroom(course, lab, Path(scratch) / "class", build, wanted.submissions)
        return measure(room, _say, order)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
