"""Examines one submission: runs its cells in a kernel and asks the checks from here, outside the learner's process.

Expected values, hidden inputs' answers and scores never leave this process. What comes back from the kernel is data
of a stranger: outputs are shown as text, replies go through the checks' codec.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from courseware.checks import Check, Student, World
from courseware.checks.check import Result
from courseware.checks.table import result_html, result_text
from courseware.gateway import GatewayError
from courseware.grading.errors import DisturbedError
from courseware.grading.results import CellResult, CheckResult, Examined, Task
from courseware.grading.runs import Runs
from courseware.kernels import TemplateFailed

MOST_OUTPUT = 5_000_000  # characters of all cells' outputs, as JSON; journal and notebook keep them
Tell = Callable[[CheckResult], None]


def examine(task: Task, checks: Mapping[str, Check], runs: Runs, tell: Tell = lambda _: None) -> Examined:
    """Return what the submission of `task` earned; `tell` hears each check as soon as it is known.

    `runs` gives the kernels. An exception other than a learner's is the grading side's and comes out as it is.
    """
    begun = time.monotonic()
    cells, results = [], []
    room = _Room(MOST_OUTPUT)
    for cell in task.cells:
        outputs: tuple[Mapping[str, Any], ...] = ()
        if cell["role"] == "check":
            if task.ask is None or cell["id"] in task.ask:
                result, outputs = _asked(checks[cell["id"]], task, runs)
                results.append(result)
                tell(result)
        elif cell["kind"] == "code":
            outputs = tuple(room.fitting(runs.cell(cell["text"])))
        cells.append(_cell(cell, outputs))
    cpu_s = runs.close()
    seconds = round(time.monotonic() - begun, 3)
    return Examined(task.student, tuple(results), tuple(cells), task.notes, tuple(runs.endings), cpu_s, seconds)


class _Room:
    """What is left of the room for a submission's outputs: a cell has a limit of its own, but there may be many."""

    def __init__(self, most: int) -> None:
        self._left = most

    def fitting(self, outputs: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Yield the outputs that there is room for, and say where there is none."""
        for output in outputs:
            self._left -= len(json.dumps(output))
            if self._left < 0:
                text = "[the outputs of this notebook are more than can be kept; those from here on are left out]\n"
                yield {"output_type": "stream", "name": "stdout", "text": text}
                return
            yield output


def _cell(cell: Mapping[str, Any], outputs: tuple[Mapping[str, Any], ...]) -> CellResult:
    return CellResult(cell["id"], cell["kind"], cell["role"], cell["text"], outputs)


def _asked(check: Check, task: Task, runs: Runs) -> tuple[CheckResult, tuple[Mapping[str, Any], ...]]:
    """Ask one check, and show its table and score as the notebook's own cell would."""
    begun = time.monotonic()
    runs.begin_check()
    try:
        result = check.run(Student(runs), World(task.seed, task.attempt, check.id))
    except (TemplateFailed, GatewayError, DisturbedError):  # ours: the whole submission is examined again
        raise
    except Exception as error:
        why = f"{type(error).__name__}: {str(error)[:500]}"
        failed = CheckResult(check.id, 0.0, check.points, round(time.monotonic() - begun, 3), failed=why)
        return failed, tuple(_failed(check))
    return CheckResult.of(result, time.monotonic() - begun), tuple(_table(result))


def _table(result: Result) -> Iterator[Mapping[str, Any]]:
    data = {"text/html": result_html(result), "text/plain": result_text(result)}
    yield {"output_type": "display_data", "data": data, "metadata": {}}
    yield {
        "output_type": "execute_result",
        "data": {"text/plain": repr(result.score)},
        "metadata": {},
        "execution_count": None,
    }


def _failed(check: Check) -> Iterator[Mapping[str, Any]]:
    text = f"{check.title}: this check could not be completed; its points wait for a person\n"
    yield {"output_type": "stream", "name": "stdout", "text": text}
