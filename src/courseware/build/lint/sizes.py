"""Rules about size: what a learner can read in an hour, what GitHub shows, what a laptop downloads."""

from __future__ import annotations

from collections.abc import Iterator

from courseware.build.answers import cut
from courseware.build.lint.markdown import word_count
from courseware.build.lint.problem import Problem
from courseware.build.lint.sources import Part, tasks
from courseware.build.lint.tree import Tree
from courseware.build.source import Cell

LESSON_CELLS, LESSON_WORDS = (25, 40), (900, 1500)
LAB_CELLS, LAB_TASKS = (20, 35), 4
CODE_LINES, PROSE_WORDS = 25, 200
NOTEBOOK_KB, REPOSITORY_MB = 250, 60


def lessons_have_their_length(tree: Tree) -> Iterator[Problem]:
    """A lesson has 25 to 40 cells and 900 to 1,500 words; week 0, seven sittings, is free."""
    for lesson in _weekly(tree.lessons):
        words = sum(word_count(cell.text) for cell in lesson.of_kind("markdown"))
        for count, (least, most), what in (
            (len(lesson.cells), LESSON_CELLS, "cells"),
            (words, LESSON_WORDS, "words of prose"),
        ):
            if not least <= count <= most:
                yield Problem(lesson.file, 1, f"{count:,} {what}, not {least:,} to {most:,}; {_advice(count, least)}")


def labs_have_their_length(tree: Tree) -> Iterator[Problem]:
    """A lab has 20 to 35 cells and at most four tasks with checks; week 0 may be shorter."""
    for lab in tree.labs:
        least, most = LAB_CELLS if lab.week.number else (1, LAB_CELLS[1])
        if not least <= len(lab.cells) <= most:
            wrong = f"{len(lab.cells)} cells, not {least} to {most}; {_advice(len(lab.cells), least)}"
            yield Problem(lab.file, 1, wrong)
        count = sum(not task.manual for task in tasks(lab))
        if count > LAB_TASKS:
            yield Problem(lab.file, 1, f"{count} tasks, more than {LAB_TASKS}; move one to another week")


def cells_are_short(tree: Tree) -> Iterator[Problem]:
    """A code cell has at most 25 lines as the learner gets it, a prose cell at most 200 words."""
    for part in tree.parts:
        for cell in part.cells:
            count, most, what = _size(cell)
            if count > most:
                yield part.problem(cell, f"{count} {what} in cell {cell.id!r}, more than {most}; split it")


def notebooks_are_small(tree: Tree) -> Iterator[Problem]:
    """A built notebook has at most 250 KB, which GitHub still renders at once."""
    for path in tree.files:
        size_kb = path.stat().st_size / 1000
        if path.suffix == ".ipynb" and size_kb > NOTEBOOK_KB:
            yield Problem(tree.name(path), 1, f"{size_kb:.0f} KB, more than {NOTEBOOK_KB}; show smaller outputs")


def repository_is_small(tree: Tree) -> Iterator[Problem]:
    """All committed files together stay under 60 MB."""
    sizes = sorted(((path.stat().st_size, tree.name(path)) for path in tree.files), reverse=True)
    total_mb = sum(size for size, _ in sizes) / 1e6
    if total_mb >= REPOSITORY_MB:
        largest = ", ".join(f"{name} {size / 1e6:.1f} MB" for size, name in sizes[:3])
        wrong = f"{total_mb:.1f} MB in all, not under {REPOSITORY_MB}; the largest: {largest}; remove or generate some"
        yield Problem(sizes[0][1], 1, wrong)


def _weekly(parts: tuple[Part, ...]) -> Iterator[Part]:
    return (part for part in parts if part.week.number)


def _advice(count: int, least: int) -> str:
    return "add what is missing" if count < least else "cut or join some"


def _size(cell: Cell) -> tuple[int, int, str]:
    if cell.kind == "markdown":
        return word_count(cell.text), PROSE_WORDS, "words"
    text = cut(cell.text) if cell.role == "answer" else cell.text
    return len(text.splitlines()), CODE_LINES, "lines"
