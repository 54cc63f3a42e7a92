"""Builds the labs of `course bench grading`, which are no weeks of the course, and reads their planted answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from courseware.build.lab import write_source
from courseware.build.places import Week
from courseware.build.planted import Planted, planted_answers
from courseware.build.source import read_source
from courseware.manifest import Week as Planned


def build_bench_lab(root: Path, planned: Planned) -> tuple[dict[str, str], Sequence[Planted]]:
    """Write nbgrader's source of the lab below `root`; return the reference's answers and the planted ones."""
    week = Week(root, planned.id)
    write_source(week, planned.lab, root / "build" / "nbgrader" / "source")
    answers = {cell.id: cell.text for cell in read_source(week.solution / "lab.py") if cell.role == "answer"}
    return answers, tuple(planted_answers(week.graders))
