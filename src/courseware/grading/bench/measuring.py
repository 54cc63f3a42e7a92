"""Has every contender grade the same batch in one run, turn and turn about, and compares what they found."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from courseware.errors import FAILED, CommandError
from courseware.grading.bench.classroom import Classroom
from courseware.grading.bench.contenders import FLOOR, TURNS, Contender, Graded, Scores, grade, preload

Say = Callable[[str], None]


@dataclass(frozen=True)
class Cost:
    """What one contender spent on the batch: the median of its turns. `preload_cpu_s` is part of `cpu_s`."""

    contender: Contender
    turns: int
    cpu_s: float
    preload_cpu_s: float
    wall_s: float


@dataclass(frozen=True)
class Measured:
    """One lab's costs by contender."""

    lab: str
    submissions: int
    costs: dict[str, Cost]


def measure(room: Classroom, say: Say, turns: Sequence[Contender] = TURNS) -> Measured:
    """Have the batch in `room` graded by all, each in a copy of the class, as often as it has a turn.

    Raises:
        CommandError: two contenders differ in a score; the message names the first few.
        GradingError: a contender failed.
    """
    lab, found = room.lab_name, dict[Contender, list[Graded]]()
    preloads = _preloads(turns, room)
    for contender in turns:
        with tempfile.TemporaryDirectory(prefix="course-bench-") as scratch:
            graded = grade(contender, room.copied(Path(scratch) / "class"), preloads[contender])
        say(f"{lab}: {contender.name} {graded.spent.cpu_s:.1f} CPU-s, {graded.spent.wall_s:.1f} s")
        found.setdefault(contender, []).append(graded)
        _require_same_scores(lab, _stated(room), {one.name: every[-1].scores for one, every in found.items()})
    return Measured(lab, len(room.batch), {one.name: _cost(one, every) for one, every in found.items()})


def differences(stated: Scores, found: dict[str, Scores]) -> Iterator[str]:
    """Yield a line for each score that is not the same everywhere, and for each that is not the stated one."""
    for student in sorted({student for scores in (stated, *found.values()) for student in scores}):
        told = {name: scores.get(student, {}) for name, scores in found.items()}
        if student in stated:
            told = {"stated": stated[student], **told}
        for check in sorted({check for scores in told.values() for check in scores}):
            points = {name: scores.get(check) for name, scores in told.items()}
            if len(set(points.values())) > 1:
                yield f"{student}, {check}: " + ", ".join(f"{name} {value}" for name, value in points.items())


def _preloads(contenders: Sequence[Contender], room: Classroom) -> dict[Contender, float]:
    """CPU seconds of one template of each of ours; those that differ in the number of workers have the same."""
    found: dict[tuple[str, ...], float] = {}
    for one in contenders:
        if one.templates and one != FLOOR and one.template_options not in found:
            found[one.template_options] = preload(one, room).cpu_s
    return {one: found.get(one.template_options, 0.0) for one in contenders}


def _stated(room: Classroom) -> Scores:
    points = room.lab.points
    return {
        one.student: {check: points[check] - one.loses.get(check, 0) for check in points}
        for one in room.batch
        if one.loses is not None
    }


def _require_same_scores(lab: str, stated: Scores, found: dict[str, Scores]) -> None:
    wrong = list(differences(stated, found))
    if wrong:
        shown = "; ".join(wrong[:5]) + (f"; and {len(wrong) - 5} more" if len(wrong) > 5 else "")
        raise CommandError(f"the scores of lab {lab} differ, so no figure counts: {shown}", FAILED)


def _cost(contender: Contender, turns: Sequence[Graded]) -> Cost:
    cpu_s, preload_cpu_s, wall_s = (
        median(values)
        for values in (
            [turn.spent.cpu_s for turn in turns],
            [turn.preload_cpu_s for turn in turns],
            [turn.spent.wall_s for turn in turns],
        )
    )
    return Cost(contender, len(turns), cpu_s, preload_cpu_s, wall_s)
