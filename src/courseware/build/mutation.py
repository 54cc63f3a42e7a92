"""The mutation score of a lab's grader, and the survivors its author explains in `survivors.toml`."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from courseware.build.answers import LabRun
from courseware.build.errors import SourceError
from courseware.build.mutants import Mutant, mutants

LEAST = 0.9


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
        equivalent = sum(survivor.equivalent for survivor in self.explained if survivor.change in self.survived)
        return self.killed / max(1, self.killed + len(self.survived) - equivalent)

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

    started = time.monotonic()
    run.scores({})
    seconds = 5 + 4 * (time.monotonic() - started)  # a mutant that loops for ever is noticed by that alone

    def survives(mutant: Mutant) -> bool:
        return not run.scores({mutant.cell: mutant.source}, first_loss=True, seconds=seconds).losses

    with ThreadPoolExecutor(workers) as pool:
        survived = [mutant.change for mutant, alive in zip(every, pool.map(survives, every), strict=True) if alive]
    say(f"{run.week.id}: {len(every) - len(survived)} of {len(every)} mutants lose points")
    return MutationScore(
        len(every) - len(survived), tuple(survived), read_survivors(run.week.graders / "survivors.toml")
    )
