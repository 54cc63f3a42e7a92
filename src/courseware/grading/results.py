"""What examining a submission gives, as plain JSON: it crosses processes, machines and restarts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from courseware.checks import Result, World


@dataclass(frozen=True)
class CheckResult:
    """One check: points, how its cases went, seconds. `failed` says what was wrong with the check itself, or is empty.

    A check that failed by itself is no learner's loss: its points wait for a person.
    """

    check: str
    score: float
    points: float
    seconds: float
    cases: tuple[Mapping[str, Any], ...] = ()
    failed: str = ""

    @classmethod
    def of(cls, result: Result, seconds: float) -> CheckResult:
        """Return a check's result without the objects in it."""
        cases = tuple(
            {"title": o.title, "points": o.points, "status": o.status, "message": o.message, "category": o.category}
            for o in result.outcomes
        )
        return cls(result.check, result.score, result.points, round(seconds, 3), cases)


@dataclass(frozen=True)
class CellResult:
    """A cell of the rebuilt notebook with its outputs, in nbformat's shape."""

    id: str
    kind: str
    role: str
    text: str
    outputs: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Examined:
    """One submission, examined. `endings` says how its process ended each time it did so early."""

    student: str
    checks: tuple[CheckResult, ...]
    cells: tuple[CellResult, ...]
    notes: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    cpu_s: float = 0.0
    seconds: float = 0.0

    def over(self, earlier: Examined) -> Examined:
        """This result, completed by an earlier one of the same notebook for the checks that were not asked again."""
        asked = {check.check for check in self.checks}
        known = {check.check: check for check in earlier.checks} | {check.check: check for check in self.checks}
        shown = {cell.id: cell for cell in earlier.cells if cell.role == "check" and cell.id not in asked}
        order = [cell.id for cell in self.cells if cell.role == "check"]
        return replace(
            self,
            checks=tuple(known[name] for name in order),
            cells=tuple(shown.get(cell.id, cell) for cell in self.cells),
        )

    @property
    def score(self) -> float:
        """Automatic points."""
        return round(sum(check.score for check in self.checks), 4)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> Examined:
        """Return what `to_json` gave. Raises KeyError or TypeError on anything else."""
        checks = tuple(CheckResult(**{**check, "cases": tuple(check["cases"])}) for check in value["checks"])
        cells = tuple(CellResult(**{**cell, "outputs": tuple(cell["outputs"])}) for cell in value["cells"])
        rest = {name: tuple(value[name]) for name in ("notes", "endings")}
        return cls(value["student"], checks, cells, **rest, cpu_s=value["cpu_s"], seconds=value["seconds"])


@dataclass(frozen=True)
class Task:
    """One submission to examine, with all that a worker needs: JSON too, so that a worker keeps nothing.

    `ask` names the checks to ask, None for all of them; `released` those of `files` that every learner was given.
    `programs`: the lab hands in Python programs that checks run. Without `memo` a template remembers no results for its
    forks, to measure what that saves. `lesser` asks for the lesser sandbox.
    """

    student: str
    lab: str
    version: str
    cells: tuple[Mapping[str, Any], ...]
    files: Mapping[str, str] = field(repr=False)
    graders: Mapping[str, str] = field(repr=False)
    imports: tuple[str, ...] = ()
    seed: str = World.seed
    attempt: int = 1
    notes: tuple[str, ...] = ()
    limits: Mapping[str, float] = field(default_factory=dict)
    gateway: bool = False
    tokenizers: tuple[str, ...] = ()
    cold: bool = False
    ask: tuple[str, ...] | None = None
    released: tuple[str, ...] = ()
    programs: bool = False
    memo: bool = True
    lesser: bool = False
