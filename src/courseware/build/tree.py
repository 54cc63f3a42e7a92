"""Builds everything that is made from sources, and says where what is committed differs from a fresh build."""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from nbformat import NotebookNode

from courseware.build import lab as labs
from courseware.build import lesson as lessons
from courseware.build.notebook import read_notebook, to_text
from courseware.build.outputs import difference
from courseware.build.places import Week
from courseware.manifest import Course
from courseware.manifest import Week as Planned
from courseware.manifest.tables import render_documents

Say = Callable[[str], None]
_FIX = "run `course build` and commit the result"
_PARTS = ("id", "cell_type", "source", "metadata", "attachments", "execution_count")
_SCRATCH = {"__pycache__", ".ipynb_checkpoints"}


def build(root: Path, course: Course, say: Say, only: str | None = None, *, again: bool = False) -> None:
    """Write every lesson, lab and generated document whose sources changed; `again` executes all lessons."""
    weeks = [week for week in course.weeks if only in (None, week.id)]
    for week in _ready(weeks, "lesson"):
        _build_lesson(Week(root, week.id), say, again=again)
    _build_labs(root, _ready(weeks, "lab"), root / "build" / "nbgrader" / "source", root / "labs")
    for path, content in render_documents(root, course).items():
        (root / path).write_text(content, encoding="utf-8")
    say(f"built {len(weeks)} weeks")


def verify(root: Path, course: Course, say: Say, *, execute: bool = False) -> list[str]:
    """Return one line for each difference between what is committed and a fresh build, naming file and cell."""
    problems: list[str] = []
    for week in _ready(course.weeks, "lesson"):
        problems += _lesson_problems(Week(root, week.id), say, execute=execute)
    problems += _lab_problems(root, _ready(course.weeks, "lab"))
    for path, content in render_documents(root, course).items():
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != content:
            problems.append(f"{path}: differs from course.toml; {_FIX}")
    return problems


def _ready(weeks: Iterable[Planned], part: str) -> list[Planned]:
    return [week for week in weeks if getattr(week, part).state == "ready"]


def _build_lesson(week: Week, say: Say, *, again: bool) -> None:
    path = week.lesson / lessons.NOTEBOOK
    fresh = lessons.lesson_notebook(week)
    if path.is_file() and not again and _written_problems(week, path, fresh) == []:
        return
    say(f"executing {week.id}")
    path.write_text(to_text(lessons.execute(fresh, week)), encoding="utf-8")


def _lesson_problems(week: Week, say: Say, *, execute: bool) -> list[str]:
    path = week.lesson / lessons.NOTEBOOK
    name = path.relative_to(week.root)
    if not path.is_file():
        return [f"{name}: not built; {_FIX}"]
    fresh = lessons.lesson_notebook(week)
    problems = _written_problems(week, path, fresh)
    if problems or not execute:
        return problems
    say(f"executing {week.id}")
    committed = {node.id: node for node in read_notebook(path.read_text(encoding="utf-8")).cells}
    for node in lessons.execute(fresh, week).cells:
        found = difference(committed[node.id].outputs, node.outputs) if node.cell_type == "code" else None
        if found:
            problems.append(f"{name}: cell {node.id}: {found}; {_FIX}")
    return problems


def _written_problems(week: Week, path: Path, fresh: NotebookNode) -> list[str]:
    """Compare all but the outputs with `fresh`, and the outputs with the digests made when they were."""
    name, text = path.relative_to(week.root), path.read_text(encoding="utf-8")
    try:
        committed = read_notebook(text)
    except ValueError as error:
        return [f"{name}: {error}; {_FIX}"]
    digests = _taken_digests(committed)
    changed = sorted(set(lessons.output_digests(committed).items()) ^ set(digests.items()))
    problems = [f"{name}: cell {cell}: its outputs were edited; {_FIX}" for cell in dict(changed)]
    problems += [f"{name}: {found}; {_FIX}" for found in cell_differences(committed, fresh)]
    if not problems and to_text(_with_outputs(fresh, committed, digests)) != text:
        problems = [f"{name}: its layout differs; {_FIX}"]
    return problems


def _taken_digests(notebook: NotebookNode) -> dict[str, str]:
    """Take the digests of the outputs out of the notebook's metadata; a file without any has none."""
    course = notebook.metadata.get("course")
    digests = course.pop("outputs", {}) if isinstance(course, dict) else {}
    return {cell: str(digest) for cell, digest in digests.items()} if isinstance(digests, dict) else {}


def _with_outputs(fresh: NotebookNode, committed: NotebookNode, digests: Mapping[str, str]) -> NotebookNode:
    """Return `fresh` with the committed outputs: what the file must be, byte for byte."""
    whole = copy.deepcopy(fresh)
    for old, new in zip(committed.cells, whole.cells, strict=True):
        if new.cell_type == "code":
            new["outputs"] = old.outputs
    whole.metadata.course["outputs"] = digests
    return whole


def cell_differences(committed: NotebookNode, fresh: NotebookNode, parts: tuple[str, ...] = _PARTS) -> Iterator[str]:
    """Name each cell that differs from the fresh one in one of `parts`, and a difference in the notebook's own."""
    for old, new in zip(committed.cells, fresh.cells, strict=False):
        for part in parts:
            if old.get(part) != new.get(part):
                yield f"cell {new.id}: its {part} differs"
                break
    if len(committed.cells) != len(fresh.cells):
        yield f"{len(committed.cells)} cells, not {len(fresh.cells)}"
    if committed.metadata != fresh.metadata:
        yield "the notebook's metadata differ"


def _build_labs(root: Path, weeks: list[Planned], source: Path, release: Path) -> None:
    """Write nbgrader's source folders, generate, and copy each release whole, so that no old file stays."""
    if not weeks:
        return
    for week in weeks:
        labs.write_source(Week(root, week.id), week.lab, source)
    with tempfile.TemporaryDirectory() as scratch:
        generated = Path(scratch).resolve() / "release"
        labs.generate(root, source.resolve(), generated, [week.id for week in weeks])
        for week in weeks:
            shutil.rmtree(release / week.id, ignore_errors=True)
            shutil.copytree(generated / week.id, release / week.id)


def _lab_problems(root: Path, weeks: list[Planned]) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch).resolve() / "labs"
        _build_labs(root, weeks, Path(scratch).resolve() / "source", fresh)
        yield from release_problems(fresh, root / "labs")


def release_problems(fresh: Path, committed: Path) -> Iterator[str]:
    """Name each file below `committed` that is not the fresh release's, byte for byte."""
    for name in sorted(_files(fresh) | _files(committed)):
        old, new = committed / name, fresh / name
        if not new.is_file():
            yield f"labs/{name}: no source makes it; remove it"
        elif not old.is_file():
            yield f"labs/{name}: missing; {_FIX}"
        elif old.read_bytes() != new.read_bytes():
            yield from _file_problems(f"labs/{name}", old, new)


def _files(folder: Path) -> set[str]:
    """Every file below `folder`, relative to it; none where there is no folder."""
    files = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    return {path.as_posix() for path in files if not _SCRATCH & set(path.parts)}


def _file_problems(place: str, old: Path, new: Path) -> Iterator[str]:
    if new.suffix != ".ipynb":
        yield f"{place}: differs from its source; {_FIX}"
        return
    try:
        committed = read_notebook(old.read_text(encoding="utf-8"))
    except ValueError as error:
        yield f"{place}: {error}; {_FIX}"
        return
    fresh = read_notebook(new.read_text(encoding="utf-8"))
    found = list(cell_differences(committed, fresh, (*_PARTS, "outputs")))
    yield from (f"{place}: {text}; {_FIX}" for text in found or ["its layout differs"])
