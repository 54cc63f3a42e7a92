"""Planted answers: wrong ones that must lose exactly what they say, right ones that must lose nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from courseware.build.answers import LabRun
from courseware.build.errors import SourceError
from courseware.build.forking import Job
from courseware.build.source import read_source

_SHOWS = re.compile(r"^# shows: (.+)$", re.MULTILINE)
_LOSES = re.compile(r"^# loses: (.+)$", re.MULTILINE)
_LOSS = re.compile(r"([a-z0-9-]+) (\d+(?:\.\d+)?)")
_LOSSES = re.compile(rf"{_LOSS.pattern}(, {_LOSS.pattern})*")


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
    if loses and not _LOSSES.fullmatch(loses.group(1).strip()):
        raise SourceError(
            f"{path}:1: losses {loses.group(1)!r}; write them as '# loses: train-visible 2, train-hidden 7'"
        )
    losses = {check: float(points) for check, points in _LOSS.findall(loses.group(1))} if loses else {}
    cells = {cell.id: cell.text for cell in read_source(path) if cell.kind == "code" and cell.named}
    if not cells:
        raise SourceError(f"{path}:1: no cell with the id of an answer; start one with '# %% id=\"...\"'")
    return Planted(path.stem, shows.group(1), losses, cells)


def planted_answers(folder: Path) -> Iterator[Planted]:
    """Return the planted answers of a week's graders folder, wrong ones first."""
    for path in sorted(folder.glob("answers/wrong/*.py")) + sorted(folder.glob("answers/right/*.py")):
        yield read_planted(path)


def planted_problem(run: LabRun, planted: Planted, seed: str) -> str | None:
    """Say how the scores of one planted answer differ from what it states, or return None."""
    return next(iter(planted_problems(run, [planted], [seed])), None)


def planted_problems(run: LabRun, planted: Sequence[Planted], seeds: Sequence[str]) -> list[str]:
    """Run every planted answer on every seed; return one line for each whose losses are not the stated ones."""
    unknown = [
        f"{one.name}: no answer cell {name!r} in the lab"
        for one in planted
        for name in set(one.cells) - set(run.answers)
    ]
    pairs = [(one, seed) for one in planted for seed in seeds]
    scores = run.each([Job(one.cells, seed) for one, seed in pairs])
    return unknown + [
        f"{one.name}: with seed {seed!r} loses {_words(found.losses)}, not {_words(one.loses)}{_because(found.stopped)}"
        for (one, seed), found in zip(pairs, scores, strict=True)
        if found.losses != one.loses
    ]


def _words(losses: dict[str, float]) -> str:
    return ", ".join(f"{check} {points:g}" for check, points in losses.items()) or "nothing"


def _because(stopped: str) -> str:
    return f" ({stopped})" if stopped else ""
