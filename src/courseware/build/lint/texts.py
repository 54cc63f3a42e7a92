"""All text of the course in one stream for the rules that look for words: where a line stands, and the line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from courseware.build.lint.markdown import prose_of
from courseware.build.lint.problem import Problem
from courseware.build.lint.tree import Tree

ROOMS = ("notebooks/", "solutions/", "labs/", "graders/")
_PAGES = ("docs/", "README.md", "CONTRIBUTING.md")


@dataclass(frozen=True)
class Line:
    """One line of text, and its place: a line number, or a cell of a built notebook."""

    file: str
    place: int | str
    text: str

    def problem(self, message: str) -> Problem:
        """A problem at this line."""
        return Problem(self.file, self.place, message)


def course_lines(tree: Tree) -> Iterator[Line]:
    """Every line of lessons, labs, solutions and graders; notebooks cell by cell, with their outputs."""
    for name, text in tree.texts.items():
        if name.startswith(ROOMS) and not name.endswith(".ipynb"):
            yield from (Line(name, number, line) for number, line in enumerate(text.splitlines(), 1))
    for cell in tree.built:
        for text in (cell.text, *cell.outputs):
            yield from (Line(cell.file, cell.id, line) for line in text.splitlines())


def page_lines(tree: Tree) -> Iterator[Line]:
    """Every line of the documentation, the README and the rubrics."""
    for name, text in tree.texts.items():
        if is_page(name):
            yield from (Line(name, number, line) for number, line in enumerate(text.splitlines(), 1))


def prose_lines(tree: Tree) -> Iterator[Line]:
    """Every line of prose: pages, markdown cells, and what practice files ask and explain; code is blanked out."""
    for name, text in tree.texts.items():
        if is_page(name):
            yield from (Line(name, number, line) for number, line in enumerate(prose_of(text).splitlines(), 1))
    for part in tree.parts:
        for cell in part.of_kind("markdown"):
            for offset, line in enumerate(prose_of(cell.text).splitlines()):
                yield Line(part.file, part.problem(cell, "", offset).line, line)
        for entry in part.practice.entries:
            spoken = [
                entry.text("question"),
                entry.text("why"),
                *(entry.texts("options") if entry.kind == "predict" else ()),
            ]
            for text in [*spoken, *(part for option in entry.options for part in (option.text, option.why))]:
                yield Line(part.practice.file, entry.line, prose_of(text))


def is_page(name: str) -> bool:
    """Whether the file is a page of documentation or a rubric."""
    return name.endswith(".md") and (name.startswith(_PAGES) or name.endswith("/rubric.md"))
