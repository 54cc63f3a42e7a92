"""Runs a lab's cells with some answers replaced, and checks at their own places.

The reference, the planted answers and the mutants all go through here. It is an author's tool on trusted code: no
sandbox, the grading engine has that.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from courseware.build.errors import BuildError
from courseware.build.forking import Job, Outcome, serve_jobs
from courseware.build.places import Week
from courseware.build.source import Cell, read_source
from courseware.checks import Check, load_checks


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
    checks: Mapping[str, Check] = field(repr=False)
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
        return {name: cut(text) for name, text in self.answers.items()}

    def scores(self, replaced: Mapping[str, str], seed: str = "practice") -> Scores:
        """Run once with `replaced` answers and return the scores."""
        return self.each([Job(dict(replaced), seed)], warm=False)[0]

    def each(self, jobs: Sequence[Job], *, workers: int = 2, warm: bool = True) -> list[Scores]:
        """Run every job in a fork of its own, `workers` at a time, and return the scores in the jobs' order.

        The cells before the first answer run once. `warm` also runs the reference once before, for its imports and
        caches. A job that dies or passes its limit scores 0 on the checks it did not reach.
        """
        ours, theirs = multiprocessing.get_context("fork").Pipe(duplex=False)
        arguments = (theirs, self.week.root, self.folder, self.cells, self.checks, list(jobs), workers, warm)
        template = multiprocessing.get_context("fork").Process(target=serve_jobs, args=arguments)
        template.start()
        theirs.close()
        outcomes: dict[int, Outcome] = {}
        try:
            while len(outcomes) < len(jobs):
                message = json.loads(ours.recv_bytes())
                outcomes[message["job"]] = Outcome(message["earned"], message["stopped"])
        except EOFError as error:
            raise BuildError(
                f"{self.week.id}: the process that runs the lab died; run it by hand to see why"
            ) from error
        finally:
            template.kill()
            template.join()
        return [self._scores(outcomes[number]) for number in range(len(jobs))]

    def _scores(self, outcome: Outcome) -> Scores:
        possible = {check.id: check.points for check in self.checks.values()}
        missed = dict.fromkeys(possible, 0.0) if outcome.stopped else {}
        return Scores(missed | outcome.earned, possible, outcome.stopped)


def cut(text: str) -> str:
    """Return an answer cell as the release has it; nbgrader's own step makes the release, this only shows it."""
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
