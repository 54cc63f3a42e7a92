"""Which learners' answers share code that neither the lab nor most of the class has. It says where, and judges nobody.

Two people who think alike, or read the same page, share code too: a pair is a reason to look, no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from courseware.grading.lab import GradedLab
from courseware.grading.report.reading import Graded
from courseware.grading.report.tokens import code_tokens, fenced_code
from courseware.grading.report.winnowing import grams, winnowed

# Measured on the right answers of labs 01 to 06 (2026-11): own ways share up to 0.12, with one task of several taken
# from another 0 to 0.6, mostly below 0.35; copies with other names and an idle line in every function 0.65 and more.
LEAST_SHARE = 0.5
# Below these, a share says little: a line or two, and a group that could be the copy itself.
_LEAST_FINGERPRINTS = 4
_LARGEST_GROUP = 3
_WRITTEN = ("answer", "look")
# Far above what a lab asks for; somebody may hand in 20 MB.
_MOST_CHARACTERS = 200_000


@dataclass(frozen=True)
class SharedCell:
    """Two cells with code in common, the first learner's and the second's, and how many fingerprints they share."""

    first: str
    second: str
    fingerprints: int


@dataclass(frozen=True)
class Pair:
    """Two learners. `share` is the common part of the smaller work's fingerprints, 0 to 1."""

    first: str
    second: str
    share: float
    fingerprints: int
    cells: tuple[SharedCell, ...]


Prints = Mapping[str, frozenset[int]]


def answers(one: Graded) -> dict[str, str]:
    """The code a learner wrote, by cell, and by name the programs they handed in; each up to a length."""
    cells = {cell.id: cell.text for cell in one.examined.cells if cell.kind == "code" and cell.role in _WRITTEN}
    found, left = {}, _MOST_CHARACTERS
    for name, text in (cells | dict(one.files)).items():
        found[name] = text[:left]
        left -= len(found[name])
    return found


def released(labs: Iterable[GradedLab]) -> list[str]:
    """All code that these versions of a lab gave out."""
    found: list[str] = []
    for lab in labs:
        for cell in lab.cells:
            found += [cell.released] if cell.kind == "code" else fenced_code(cell.released)
        found += [content.decode("utf-8", "replace") for name, content in lab.files.items() if name.endswith(".py")]
    return found


def similar_pairs(works: Mapping[str, Mapping[str, str]], release: Iterable[str]) -> list[Pair]:
    """Return the pairs that share at least LEAST_SHARE, most alike first; `works` is code by learner and cell."""
    hashes = {who: {cell: grams(code_tokens(text)) for cell, text in work.items()} for who, work in works.items()}
    given = {one for text in release for one in grams(code_tokens(text))}
    without = given | _common(hashes)
    prints = {who: _prints(cells, without) for who, cells in hashes.items()}
    return sorted(_pairs(prints), key=lambda pair: (-pair.share, -pair.fingerprints, pair.first, pair.second))


def _common(hashes: Mapping[str, Mapping[str, Sequence[int]]]) -> set[int]:
    """What more than half of the class has, and more than a small group."""
    holders = Counter(one for cells in hashes.values() for one in {h for cell in cells.values() for h in cell})
    return {one for one, count in holders.items() if count > max(_LARGEST_GROUP, len(hashes) / 2)}


def _prints(cells: Mapping[str, Sequence[int]], without: set[int]) -> Prints:
    return {cell: frozenset(winnowed(hashes, without)) for cell, hashes in cells.items()}


def _pairs(prints: Mapping[str, Prints]) -> Iterator[Pair]:
    whole = {who: frozenset[int]().union(*cells.values()) for who, cells in prints.items()}
    for first, second in combinations(sorted(prints), 2):
        common, smaller = whole[first] & whole[second], min(len(whole[first]), len(whole[second]))
        if len(common) >= _LEAST_FINGERPRINTS and len(common) / smaller >= LEAST_SHARE:
            cells = tuple(_cells(prints[first], prints[second]))
            yield Pair(first, second, round(len(common) / smaller, 4), len(common), cells)


def _cells(first: Prints, second: Prints) -> Iterator[SharedCell]:
    for one, ours in first.items():
        for other, theirs in second.items():
            if common := ours & theirs:
                yield SharedCell(one, other, len(common))
