"""Runs a lab's cells with some answers replaced, and checks at their own places, in a forked child.

The reference, the planted answers and the mutants all go through here. It is an author's tool on trusted code: no
sandbox, the grading engine has that.
"""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from courseware.build.places import Week
from courseware.build.source import Cell, read_source
from courseware.checks import Check, LocalChannel, Student, World, load_checks

FULL_SECONDS = 300.0


@dataclass(frozen=True)
class Scores:
    """Points by check id, and the possible points. `stopped` says why the run ended early, if it did."""

    earned: dict[str, float]
    possible: dict[str, float]
    stopped: str = ""

    @property
    def losses(self) -> dict[str, float]:
        """Points lost by check id, for the checks that lost any."""
        lost = {check: round(self.possible[check] - points, 4) for check, points in self.earned.items()}
        return {check: points for check, points in lost.items() if points}


@dataclass(frozen=True)
class LabRun:
    """A lab ready to be run: its cells, its checks, and a folder with what lies beside the notebook."""

    week: Week
    cells: tuple[Cell, ...]
    checks: Mapping[str, Check]
    folder: Path

    @classmethod
    def of(cls, week: Week, folder: Path) -> LabRun:
        """Read the lab of `week`; `folder` holds its `checks.py` and data."""
        checks = load_checks(week.graders / "visible.py") | load_checks(week.graders / "hidden.py")
        return cls(week, read_source(week.solution / "lab.py"), checks, folder)

    @property
    def answers(self) -> dict[str, str]:
        """The reference's answer cells by id."""
        return {cell.id: cell.text for cell in self.cells if cell.role == "answer"}

    def released(self) -> dict[str, str]:
        """The answer cells as the release has them: cut between the solution marks."""
        return {name: _cut(text) for name, text in self.answers.items()}

    def scores(
        self,
        replaced: Mapping[str, str],
        seed: str = "practice",
        *,
        first_loss: bool = False,
        seconds: float = FULL_SECONDS,
    ) -> Scores:
        """Run in a child and return the scores; `first_loss` stops there.

        A child that dies or runs longer than `seconds` scores 0 on the checks it did not reach.
        """
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=self._child, args=(theirs, dict(replaced), seed, first_loss))
        child.start()
        theirs.close()
        try:
            return self._received(ours, seconds)
        finally:
            child.kill()
            child.join()

    def _received(self, pipe: Connection, seconds: float) -> Scores:
        possible = {check.id: check.points for check in self.checks.values()}
        earned: dict[str, float] = {}
        deadline = time.monotonic() + seconds
        with contextlib.suppress(EOFError):
            while pipe.poll(max(0.0, deadline - time.monotonic())):
                message = json.loads(pipe.recv_bytes())
                if "done" in message:
                    return Scores(earned, possible)
                earned |= message
        return Scores(dict.fromkeys(possible, 0.0) | earned, possible, "the run died or passed its time limit")

    def _child(self, pipe: Connection, replaced: dict[str, str], seed: str, first_loss: bool) -> None:
        os.chdir(self.folder)
        sys.path.insert(0, str(self.folder))
        os.environ |= {"COURSE_CLASS_SEED": seed, "COURSE_STATIC": "1", "COURSE_PROGRESS": os.devnull}
        namespace: dict[str, Any] = {"__name__": "__main__"}
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            for cell in self.cells:
                if cell.role in ("check", "hidden"):
                    check = self.checks[cell.id]
                    result = check.run(Student(LocalChannel(namespace)), World(seed, 1, check.id))
                    pipe.send_bytes(json.dumps({check.id: result.score}).encode())
                    if first_loss and not result.passed:
                        break
                elif cell.kind == "code":
                    _execute(replaced.get(cell.id, cell.text), namespace)
        pipe.send_bytes(b'{"done": 1}')
        os._exit(0)


def _execute(source: str, namespace: dict[str, Any]) -> None:
    """Run one cell; as in grading, an exception ends the cell and not the notebook."""
    with contextlib.suppress(Exception, SystemExit):
        exec(compile(source, "<cell>", "exec"), namespace)  # noqa: S102 - the lab's own code


def _cut(text: str) -> str:
    kept: list[str] = []
    inside = False
    for line in text.splitlines():
        if "### BEGIN SOLUTION" in line:
            indent = line[: len(line) - len(line.lstrip())]
            kept.append(f"{indent}raise NotImplementedError()")
            inside = True
        elif "### END SOLUTION" in line:
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept)
