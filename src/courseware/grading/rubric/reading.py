"""Reads `solutions/<lab>/rubric.md`: criteria with the points of each level, and a bank of comments by short code.

The page has a title, what counts for the whole, and sections; two of them are read:

    ## Criteria            a table; its head names the points of each level, its rows begin with number and name
    ## Comment bank        a list, each item a code, a space, and the comment
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from courseware.grading.errors import GradingError

_CODE = re.compile(r"- (?P<code>[A-Z]\d+) (?P<text>\S.*)")
_CRITERION = re.compile(r"\d+ (?P<name>\S.*)")
CRITERIA, COMMENTS = "Criteria", "Comment bank"


@dataclass(frozen=True)
class Criterion:
    """What is judged by itself: `levels` says, by points, what earns them."""

    name: str
    levels: Mapping[float, str]

    @property
    def points(self) -> float:
        """The most that it can earn."""
        return max(self.levels)


@dataclass(frozen=True)
class Rubric:
    """A lab's rubric. `texts` holds the other sections by title, the first one's being empty, as Markdown."""

    criteria: tuple[Criterion, ...]
    comments: Mapping[str, str]
    texts: Mapping[str, str]

    @property
    def points(self) -> float:
        """What all criteria can earn together."""
        return sum(criterion.points for criterion in self.criteria)


def read_rubric(path: Path) -> Rubric:
    """Return the rubric in this file. Raises GradingError where it is missing or not in the form that is read."""
    try:
        sections = _sections(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GradingError(f"cannot read the rubric {path}: {error.strerror}; write it or repair it") from error
    try:
        criteria = tuple(_criteria(sections.pop(CRITERIA)))
        comments = dict(_comments(sections.pop(COMMENTS)))
    except KeyError as error:
        raise GradingError(f"{path} has no section {error.args[0]!r}; write it as other rubrics do") from None
    except ValueError as error:
        raise GradingError(f"{path}: {error}; write it as other rubrics do") from None
    return Rubric(criteria, comments, sections)


def _sections(text: str) -> dict[str, str]:
    """The page's parts by title; what stands below the page's own title has none."""
    parts = re.split(r"^## +(.+)$", text.partition("\n")[2], flags=re.MULTILINE)
    return {title: body.strip() for title, body in zip(["", *parts[1::2]], parts[::2], strict=True)}


def _criteria(section: str) -> Iterator[Criterion]:
    head, _, *rows = [_fields(line) for line in section.splitlines() if line.startswith("|")] or [[], []]
    points = [float(field) for field in head[1:]]
    if not (points and rows):
        raise ValueError(f"{CRITERIA} is no table of levels")
    for name, *levels in rows:
        named = _CRITERION.fullmatch(name)
        if named is None or len(levels) != len(points):
            raise ValueError(f"criterion {name!r} has no number, or another number of levels than the table's head")
        yield Criterion(named["name"], dict(zip(points, levels, strict=True)))


def _comments(section: str) -> Iterator[tuple[str, str]]:
    for item in re.split(r"\n(?=- )", section):
        line = " ".join(item.split())
        found = _CODE.fullmatch(line)
        if found is None:
            raise ValueError(f"the comment {line[:40]!r} does not begin with a code, such as E1")
        yield found["code"], found["text"]


def _fields(row: str) -> list[str]:
    return [field.strip() for field in row.strip().strip("|").split("|")]
