"""Planted answers: wrong ones that must lose exactly what they say, right ones that must lose nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from courseware.build.answers import LabRun
from courseware.build.errors import SourceError
from courseware.build.source import read_source

_SHOWS = re.compile(r"^# shows: (.+)$", re.MULTILINE)
_LOSES = re.compile(r"^# loses: (.+)$", re.MULTILINE)
_LOSS = re.compile(r"([a-z0-9-]+) (\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Planted:
    """One planted answer: what it shows, the points it must lose by check, its cells by grade id."""

    name: str
    shows: str
    loses: dict[str, float]
    cells: dict[str, str]


def read_planted(path: Path) -> Planted:
    """Return the planted answer at `path`.

    Raises:
        SourceError: its header does not say what it shows, or is a wrong answer without losses.
    """
    text = path.read_text(encoding="utf-8")
    shows, loses = _SHOWS.search(text), _LOSES.search(text)
    if shows is None:
        raise SourceError(f"{path}:1: no '# shows:' line; say which misconception or variant it is")
    if (path.parent.name == "wrong") != (loses is not None):
        raise SourceError(f"{path}:1: a wrong answer states '# loses:', a right one does not; mend the header")
    losses = {check: float(points) for check, points in _LOSS.findall(loses.group(1))} if loses else {}
    cells = {
        cell.id: cell.text for cell in read_source(path) if cell.kind == "code" and not cell.id.startswith("code-")
    }
    return Planted(path.stem, shows.group(1), losses, cells)


def planted_answers(folder: Path) -> Iterator[Planted]:
    """Return the planted answers of a week's graders folder, wrong ones first."""
    for path in sorted(folder.glob("answers/wrong/*.py")) + sorted(folder.glob("answers/right/*.py")):
        yield read_planted(path)


def planted_problem(run: LabRun, planted: Planted, seed: str) -> str | None:
    """Say how the scores of a planted answer differ from what it states, or return None."""
    unknown = set(planted.cells) - set(run.answers)
    if unknown:
        return f"{planted.name}: no answer cell {sorted(unknown)[0]!r} in the lab; known are {', '.join(run.answers)}"
    scores = run.scores(planted.cells, seed)
    if scores.losses == planted.loses:
        return None
    found = f"loses {_words(scores.losses)}, not {_words(planted.loses)}{_because(scores.stopped)}"
    return f"{planted.name}: with seed {seed!r} {found}"


def _words(losses: dict[str, float]) -> str:
    return ", ".join(f"{check} {points:g}" for check, points in losses.items()) or "nothing"


def _because(stopped: str) -> str:
    return f" ({stopped})" if stopped else ""
