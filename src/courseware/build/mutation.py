"""The mutation score of a lab's grader, and the survivors its author explains in `survivors.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from courseware.build.answers import LabRun
from courseware.build.errors import SourceError
from courseware.build.forking import Job
from courseware.build.mutants import mutants

LEAST = 0.9
MUTANT_SECONDS = 15.0  # one that loops for ever is noticed by this alone
PROGRAM_SECONDS = 40.0  # the same for a lab whose checks run a program


@dataclass(frozen=True)
class Survivor:
    """An explained survivor. An `equivalent` one behaves as the reference for every input and is not counted."""

    change: str
    equivalent: bool
    why: str


@dataclass(frozen=True)
class MutationScore:
    """How many mutants lost points, and which did not."""

    killed: int
    survived: tuple[str, ...]
    explained: tuple[Survivor, ...]

    @property
    def score(self) -> float:
        """Killed mutants over all that are not equivalent."""
        equivalent = {survivor.change for survivor in self.explained if survivor.equivalent} & set(self.survived)
        return self.killed / max(1, self.killed + len(self.survived) - len(equivalent))

    def problems(self) -> list[str]:
        """Return one line for each reason the grader does not pass."""
        known = {survivor.change for survivor in self.explained}
        lines = [f"survives unexplained: {change}" for change in self.survived if change not in known]
        lines += [f"explained but does not survive: {change}" for change in sorted(known - set(self.survived))]
        if self.score < LEAST:
            lines.append(f"mutation score {self.score:.0%} is below {LEAST:.0%}; strengthen the hidden checks")
        return lines


def read_survivors(path: Path) -> tuple[Survivor, ...]:
    """Return the explained survivors in the file at `path`; none where there is no file."""
    if not path.is_file():
        return ()
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("survivor", [])
        return tuple(Survivor(row["change"], row["equivalent"], row["why"]) for row in rows)
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise SourceError(f"{path}: {error}; each [[survivor]] has change, equivalent and why") from error


def mutation_score(run: LabRun, *, workers: int = 2, say: Callable[[str], None] = lambda _: None) -> MutationScore:
    """Run every mutant of every answer cell against all checks."""
    every = [mutant for cell, text in run.answers.items() for mutant in mutants(cell, text)]
    seconds = PROGRAM_SECONDS if any(cell.file for cell in run.cells) else MUTANT_SECONDS
    jobs = [Job({mutant.cell: mutant.source}, first_loss=True, seconds=seconds) for mutant in every]
    scores = run.each(jobs, workers=workers)
    survived = tuple(mutant.change for mutant, found in zip(every, scores, strict=True) if not found.losses)
    say(f"{run.week.id}: {len(every) - len(survived)} of {len(every)} mutants lose points")
    return MutationScore(len(every) - len(survived), survived, read_survivors(run.week.graders / "survivors.toml"))
