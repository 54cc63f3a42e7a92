"""Who grades the batch: each a command run in a class's folder, as a person would type it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from courseware.grading.bench.classroom import Classroom, environment
from courseware.grading.bench.tree import Spent, spend
from courseware.grading.config import ClassFolders

# What sets the number of a library's threads.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_OURS, _FLOOR, _PRELOAD, _OTTER = (
    f"courseware.grading.bench.{module}" for module in ("ours", "floor", "preload", "otter")
)
Scores = Mapping[str, Mapping[str, float | None]]


@dataclass(frozen=True)
class Contender:
    """One way to grade. `arguments` stand behind `python -m`, with the lab's name for `{lab}` and its id for `{id}`.

    `templates` is how many templates it starts, each with `template_options`; `threads` how many threads libraries may
    have, None for their default. One that `prints` its scores has no gradebook.
    """

    name: str
    title: str
    arguments: tuple[str, ...]
    templates: int = 0
    template_options: tuple[str, ...] = ()
    threads: int | None = 1
    prints: bool = False


_STOCK = ("nbgrader", "autograde", "{id}")
STOCK_DEFAULT = Contender("stock_default", "stock nbgrader, default threads", _STOCK, threads=None)
STOCK_ONE_THREAD = Contender("stock_one_thread", "stock nbgrader, one thread", _STOCK)
COLD = Contender("cold", "`course grade --cold`", (_OURS, "{lab}", "--cold"))
_NO_MEMO = ("--no-memo",)
OURS = Contender("ours", "`course grade`, memo off", (_OURS, "{lab}", *_NO_MEMO), 1, _NO_MEMO)
OURS_2_WORKERS = Contender(
    "ours_2_workers",
    "`course grade`, memo off, two workers",
    (_OURS, "{lab}", *_NO_MEMO, "--workers", "2"),
    2,
    _NO_MEMO,
)
MEMO = Contender("memo", "`course grade`, memo on", (_OURS, "{lab}"), 1)
FLOOR = Contender("floor", "floor: bare fork and `exec`", (_FLOOR, "{lab}"), templates=1, prints=True)
OTTER = Contender("otter", "otter-grader, one thread", (_OTTER, "{lab}"), prints=True)
# Who grades after whom. Those that all others are held against have a turn early and one late, so that noise of the
# machine meets both sides.
TURNS = (OURS, FLOOR, MEMO, STOCK_DEFAULT, OURS_2_WORKERS, STOCK_ONE_THREAD, OURS, FLOOR, COLD)


def turns() -> tuple[Contender, ...]:
    """Return `TURNS`, with otter-grader where it is installed."""
    return (*TURNS, OTTER) if find_spec("otter") else TURNS


@dataclass(frozen=True)
class Graded:
    """A batch that was graded: what all of it cost, of that the preload, and automatic points by student and check."""

    spent: Spent
    preload_cpu_s: float
    scores: Scores


def grade(contender: Contender, room: Classroom, preload_cpu_s: float = 0.0) -> Graded:
    """Have the batch in `room` graded, from a command's start to the end of all it started.

    `preload_cpu_s` is what `preload` gives for each template. Raises GradingError where the command fails.
    """
    spent, printed = _run(contender.arguments, contender.threads, room)
    told: dict[str, Any] = json.loads(printed.splitlines()[-1]) if contender.prints else {"scores": _in_gradebook(room)}
    work_cpu_s = told.get("forks_cpu_s", spent.cpu_s - contender.templates * preload_cpu_s)
    return Graded(spent, spent.cpu_s - work_cpu_s, told["scores"])


def preload(contender: Contender, room: Classroom) -> Spent:
    """What one template of a contender of ours costs before its first submission."""
    _, printed = _run((_PRELOAD, "{lab}", *contender.template_options), 1, room)
    return Spent(**json.loads(printed))


def _run(arguments: Sequence[str], threads: int | None, room: Classroom) -> tuple[Spent, str]:
    filled = [argument.format(lab=room.lab_name, id=room.week.id) for argument in arguments]
    variables = {name: value for name, value in environment(room.root).items() if name not in _THREADS}
    if threads is not None:
        variables["OMP_NUM_THREADS"] = str(threads)
    return spend([sys.executable, "-m", *filled], room.root, variables)


def _in_gradebook(room: Classroom) -> Scores:
    from nbgrader.api import Gradebook

    checks = room.lab.points
    with Gradebook(ClassFolders.of(room.root).url) as book:
        return {
            submission.student_id: {
                grade.name: grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
                if grade.name in checks
            }
            for submission in book.assignment_submissions(room.week.id)
        }
