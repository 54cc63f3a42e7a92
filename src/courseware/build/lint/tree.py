"""The course's sources as the rules see them: read once, and what cannot be read becomes a problem."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from courseware.build.errors import BuildError
from courseware.build.lint.practice import read_practice
from courseware.build.lint.problem import Problem
from courseware.build.lint.sources import BuiltCell, Part
from courseware.build.notebook import read_notebook
from courseware.build.places import Week
from courseware.build.planted import Planted, read_planted
from courseware.build.source import read_source
from courseware.manifest import Course
from courseware.manifest import Week as Planned

_CACHES, _MADE = {".git", ".venv", "__pycache__", ".ipynb_checkpoints"}, {"build", "dist", "workspace"}


@dataclass(frozen=True)
class Tree:
    """A course's folder and its manifest. Nothing is read before a rule asks."""

    root: Path
    course: Course

    def name(self, path: Path) -> str:
        """The path as problems show it."""
        return path.relative_to(self.root).as_posix()

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Every lesson and lab that is ready and can be read."""
        return tuple(part for part in (*self._lessons, *self._labs) if isinstance(part, Part))

    @property
    def lessons(self) -> tuple[Part, ...]:
        """The lessons among the parts."""
        return tuple(part for part in self.parts if part.kind == "lesson")

    @property
    def labs(self) -> tuple[Part, ...]:
        """The labs among the parts."""
        return tuple(part for part in self.parts if part.kind == "lab")

    @property
    def unreadable(self) -> Iterator[Problem]:
        """What could not be read: sources, practice files, planted answers, built notebooks."""
        yield from (part for part in (*self._lessons, *self._labs) if isinstance(part, Problem))
        for part in self.parts:
            yield from part.practice.broken
        yield from (found for found in self._planted.values() if isinstance(found, Problem))
        yield from (cells for cells in self._built.values() if isinstance(cells, Problem))

    def planted(self, lab: Part, side: str) -> dict[str, Planted]:
        """The readable planted answers of a lab by file name; `side` is wrong or right."""
        folder = self.name(lab.place.graders / "answers" / side)
        found = ((name, planted) for name, planted in self._planted.items() if name.rpartition("/")[0] == folder)
        return {name: planted for name, planted in found if isinstance(planted, Planted)}

    @property
    def built(self) -> Iterator[BuiltCell]:
        """The cells of every built notebook."""
        for cells in self._built.values():
            yield from () if isinstance(cells, Problem) else cells

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """Every file that is or would be committed; outside git, every file but caches."""
        command = ["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, check=False)
        if listed.returncode == 0 and (self.root / ".git").exists():
            paths = [self.root / name for name in listed.stdout.decode().split("\0") if name]
        else:
            paths = [path for path in self.root.rglob("*") if not _passed_over(path.relative_to(self.root))]
        return tuple(sorted(path for path in set(paths) if path.is_file()))

    @cached_property
    def texts(self) -> dict[str, str]:
        """The text of every committed file that is text, by name."""
        texts = {}
        for path in self.files:
            content = path.read_bytes()
            if b"\0" not in content:
                texts[self.name(path)] = content.decode("utf-8", "replace")
        return texts

    @cached_property
    def _lessons(self) -> tuple[Part | Problem, ...]:
        weeks = [week for week in self.course.weeks if week.lesson.state == "ready"]
        return tuple(found for week in weeks if (found := self._part("lesson", week)))

    @cached_property
    def _labs(self) -> tuple[Part | Problem, ...]:
        weeks = [week for week in self.course.weeks if week.lab.state == "ready"]
        return tuple(found for week in weeks if (found := self._part("lab", week)))

    def _part(self, kind: Literal["lesson", "lab"], week: Planned) -> Part | Problem | None:
        place = Week(self.root, week.id)
        path = place.lesson / "lesson.py" if kind == "lesson" else place.solution / "lab.py"
        if not path.is_file():
            return None
        practice = path.with_name("practice.toml")
        try:
            cells = read_source(path)
        except BuildError as error:
            return _refused(self.name(path), path, error)
        lines = tuple(path.read_text(encoding="utf-8").splitlines())
        return Part(kind, week, place, self.name(path), cells, lines, read_practice(practice, self.name(practice)))

    @cached_property
    def _planted(self) -> dict[str, Planted | Problem]:
        return {self.name(path): self._planted_at(path) for path in sorted(self.root.glob("graders/*/answers/*/*.py"))}

    def _planted_at(self, path: Path) -> Planted | Problem:
        try:
            return read_planted(path)
        except BuildError as error:
            return _refused(self.name(path), path, error)

    @cached_property
    def _built(self) -> dict[str, tuple[BuiltCell, ...] | Problem]:
        paths = [path for path in self.files if path.suffix == ".ipynb"]
        return {self.name(path): _built_cells(self.name(path), path) for path in paths}


def _passed_over(path: Path) -> bool:
    return bool(_CACHES & set(path.parts[:-1])) or path.parts[0] in _MADE


def _refused(name: str, path: Path, error: BuildError) -> Problem:
    """The builder's refusal, `path:line: what`, as a problem."""
    line, _, message = str(error).removeprefix(f"{path}:").partition(": ")
    return Problem(name, int(line), message) if line.isdecimal() else Problem(name, 1, str(error))


def _built_cells(name: str, path: Path) -> tuple[BuiltCell, ...] | Problem:
    try:
        notebook = read_notebook(path.read_text(encoding="utf-8"))
    except ValueError as error:
        return Problem(name, 1, f"{error}; run `course build`")
    return tuple(
        BuiltCell(name, cell.id, cell.cell_type, cell.source, tuple(_output_texts(cell.get("outputs", ()))))
        for cell in notebook.cells
    )


def _output_texts(outputs: object) -> Iterator[str]:
    """Every text in an output, however deep: streams, tracebacks, each kind of data."""
    if isinstance(outputs, str):
        yield outputs
    elif isinstance(outputs, dict):
        for key, value in outputs.items():
            if not str(key).startswith("image/png"):
                yield from _output_texts(value)
    elif isinstance(outputs, (list, tuple)):
        for value in outputs:
            yield from _output_texts(value)
