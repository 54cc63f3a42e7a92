"""Rules that keep answers and hidden checks out of what a learner gets."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from courseware.build.lint.modules import parsed
from courseware.build.lint.problem import Problem
from courseware.build.lint.sources import Part
from courseware.build.lint.tree import Tree

LEAST = 20  # characters of a line, without white space, from which finding it again is no accident
_BEGIN, _END = "### BEGIN SOLUTION", "### END SOLUTION"
_MARKS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN", "END HIDDEN")


def no_marks_are_released(tree: Tree) -> Iterator[Problem]:
    """No mark of a solution or a hidden test stands in a released file."""
    for name, text in _released(tree).items():
        for mark in _MARKS:
            if mark in text:
                yield Problem(name, 1, f"holds the mark {mark!r}; run `course build`, which cuts there")


def no_solutions_are_released(tree: Tree) -> Iterator[Problem]:
    """No line of a reference answer stands in a released file, the hints' near-miss code included."""
    secrets = [
        (line, lab.file) for lab in tree.labs for lines in _solution_lines(lab).values() for line in sorted(lines)
    ]
    yield from _leaks(_squeezed_texts(tree), secrets, "a line of the solution")


def no_hidden_checks_are_released(tree: Tree) -> Iterator[Problem]:
    """No line of a hidden check's functions stands in a released file."""
    secrets = [(line, tree.name(lab.place.graders)) for lab in tree.labs for line in sorted(_hidden_lines(lab))]
    yield from _leaks(_squeezed_texts(tree), secrets, "a line of the hidden checks")


def _released(tree: Tree) -> dict[str, str]:
    """Every text below labs/ as a learner reads it: of a notebook its cells and outputs, and the file itself."""
    texts = {name: text for name, text in tree.texts.items() if name.startswith("labs/")}
    for cell in tree.built:
        if cell.file in texts:
            texts[cell.file] += "\n" + "\n".join((cell.text, *cell.outputs))
    return texts


@dataclass(frozen=True)
class _Text:
    """A released file without its white space: line by line, and as one text."""

    name: str
    lines: frozenset[str]
    whole: str

    @property
    def week(self) -> str:
        return self.name.split("/")[1]


def _squeezed_texts(tree: Tree) -> list[_Text]:
    return [
        _Text(name, frozenset(map(_squeezed, text.splitlines())), _squeezed(text))
        for name, text in _released(tree).items()
    ]


def _leaks(texts: Iterable[_Text], secrets: Sequence[tuple[str, str]], what: str) -> Iterator[Problem]:
    for text in texts:
        for secret, origin in secrets:
            # Whole lines everywhere; parts of lines, which take longer, in the lab the line belongs to.
            if secret in text.lines or (text.week in origin and secret in text.whole):
                yield Problem(text.name, 1, f"holds {what} of {origin}: {secret[:60]!r}; remove it from what is given")


def _solution_lines(lab: Part) -> dict[str, set[str]]:
    """The lines between the solution marks of each cell that are not given to the learner elsewhere in the notebook."""
    inside: dict[str, set[str]] = {}
    given: set[str] = set()
    for cell in lab.cells:
        hidden = False
        for line in cell.text.splitlines():
            hidden = hidden or _BEGIN in line
            (inside.setdefault(cell.id, set()) if hidden else given).add(_squeezed(line))
            hidden = hidden and _END not in line
    return {cell: _long(lines - given) for cell, lines in inside.items()}


def _hidden_lines(lab: Part) -> set[str]:
    """The lines of hidden.py's functions that neither the visible checks nor the given cells have."""
    texts = {name: (lab.place.graders / name) for name in ("hidden.py", "visible.py")}
    hidden, visible = (path.read_text(encoding="utf-8") if path.is_file() else "" for path in texts.values())
    lines = hidden.splitlines()
    inside = {
        _squeezed(line)
        for node in ast.walk(parsed(hidden))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for line in lines[node.lineno - 1 : node.end_lineno]
    }
    given = {_squeezed(line) for cell in lab.cells for line in cell.text.splitlines()}
    return _long(inside - given - {_squeezed(line) for line in visible.splitlines()})


def _long(lines: set[str]) -> set[str]:
    return {line for line in lines if len(line) >= LEAST and not line.startswith(("import", "from", "###"))}


def _squeezed(text: str) -> str:
    return "".join(text.split())
