"""Keeps the documents that show the manifest up to date.

Pure but for reading them: writing and comparing is the build's work. A document holds a table between
`<!-- course:begin NAME -->` and `<!-- course:end NAME -->`; what stands between is replaced.
"""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from courseware.manifest import model_tables, schedule_tables
from courseware.manifest.course import Course
from courseware.manifest.errors import DocumentError

GENERATED = (Path("docs/syllabus.md"), Path("docs/reference/models.md"))
README = Path("README.md")

_BEGIN = re.compile(r"<!-- course:begin ([\w-]+) -->")


def render_documents(root: Path, course: Course) -> dict[Path, str]:
    """What each generated document under `root` should contain, keyed by its path relative to `root`.

    README.md is left out while it has no markers. Raises `DocumentError` if a document or marker is missing.
    """
    expected = {}
    for path in (README, *GENERATED):
        text = _read(root, path)
        if path == README and not _BEGIN.search(text):
            continue
        expected[path] = _refreshed(path, text, course)
    return expected


def replace_between(text: str, marker: str, new: str) -> str:
    """`text` with what stands between the begin and end comment of `marker` replaced by `new`.

    Raises `DocumentError` unless each comment occurs exactly once, begin first.
    """
    begin, end = f"<!-- course:begin {marker} -->", f"<!-- course:end {marker} -->"
    for comment in (begin, end):
        if text.count(comment) != 1:
            raise DocumentError(f"{comment} occurs {text.count(comment)} times; write it exactly once")
    before, _, rest = text.partition(begin)
    if end not in rest:
        raise DocumentError(f"{end} stands before its begin; swap the two")
    after = rest.partition(end)[2]
    return f"{before}{begin}\n{new.strip()}\n{end}{after}"


def _blocks(course: Course) -> dict[str, Callable[[], str]]:
    """Every table a document may ask for."""
    blocks: dict[str, Callable[[], str]] = {
        "week-0": partial(schedule_tables.weeks_table, course.weeks[:1]),
        "units": partial(schedule_tables.units_table, course),
        "capstones": partial(schedule_tables.capstones_table, course.capstones),
        "electives": partial(schedule_tables.electives_table, course.electives),
        "tracks": partial(schedule_tables.tracks_table, course),
        "roles": partial(model_tables.roles_table, course),
        "prices": partial(model_tables.prices_table, course),
        "terms": partial(model_tables.terms_table, course),
        "rules": partial(model_tables.rules_table, course),
        "endings": partial(model_tables.endings_table, course),
        "sources": partial(model_tables.sources_list, course),
    }
    for phase in course.phases:
        blocks[f"phase-{phase.number}"] = partial(schedule_tables.phase_section, course, phase)
    return blocks


def _refreshed(path: Path, text: str, course: Course) -> str:
    blocks = _blocks(course)
    try:
        for name in _BEGIN.findall(text):
            if name not in blocks:
                raise DocumentError(f"no table is called {name!r}; choose one of {', '.join(blocks)}")
            text = replace_between(text, name, blocks[name]())
    except DocumentError as error:
        raise DocumentError(f"{path.as_posix()}: {error}") from None
    return text


def _read(root: Path, path: Path) -> str:
    if path == README and not (root / path).exists():
        return ""
    try:
        return (root / path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DocumentError(f"{path.as_posix()} is missing; restore it, only its tables are generated") from None
