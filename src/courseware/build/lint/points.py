"""Rules about points: manifest, cells and checks say the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from courseware.build.lint.cards import exercises_of
from courseware.build.lint.problem import Problem
from courseware.build.lint.sources import Part, Task, tasks
from courseware.build.lint.tree import Tree
from courseware.build.source import Cell
from courseware.checks import Check, load_checks


def points_are_the_manifests(tree: Tree) -> Iterator[Problem]:
    """The graded cells add up to the lab's points, the manual ones to its manual points."""
    for lab in tree.labs:
        total = sum(cell.points for cell in lab.cells)
        manual = sum(cell.points for cell in lab.cells if cell.role == "manual")
        planned = lab.week.lab
        for key, found, wanted in (("points", total, planned.points), ("manual_points", manual, planned.manual_points)):
            if found != wanted:
                wrong = f"the cells add up to {found:g} {key}, course.toml says {wanted}; change one"
                yield Problem(lab.file, 1, wrong)


def tasks_have_their_checks(tree: Tree) -> Iterator[Problem]:
    """A task has answers, then `<task>-visible`, then `<task>-hidden`; the task is called as one of its answers."""
    for lab in tree.labs:
        for task in tasks(lab):
            if not task.manual:
                yield from (lab.problem(task.first, wrong) for wrong in _task_problems(task))


def checks_match_their_cells(tree: Tree) -> Iterator[Problem]:
    """Each check cell has a check of the same id and points in its file, and each check a cell."""
    for lab in tree.labs:
        for role, name in (("check", "visible.py"), ("hidden", "hidden.py")):
            path = lab.place.graders / name
            found = _loaded(tree, path)
            if isinstance(found, Problem):
                yield found
                continue
            cells = {cell.id: cell for cell in lab.cells if cell.role == role}
            for cell in cells.values():
                for wrong in _cell_problems(cell, found.get(cell.id), tree.name(path), hidden=role == "hidden"):
                    yield lab.problem(cell, wrong)
            for check in sorted(set(found) - set(cells)):
                yield Problem(
                    tree.name(path), 1, f"check {check!r} has no {role} cell in the lab; add it or remove the check"
                )


def exercises_have_their_checks(tree: Tree) -> Iterator[Problem]:
    """A lesson's checks are its exercises', without points; a core exercise has one, and a worked answer."""
    for lesson in tree.lessons:
        path = lesson.place.lesson / "checks.py"
        found = _loaded(tree, path)
        if isinstance(found, Problem):
            yield found
            continue
        exercises = {entry.id for entry in lesson.practice.of_kind("exercise")}
        for name, check in found.items():
            if name not in exercises:
                yield Problem(
                    tree.name(path), 1, f"check {name!r} is no exercise of practice.toml; use an exercise's id"
                )
            if check.points or check.hidden:
                yield Problem(tree.name(path), 1, f"check {name!r} of a lesson has points or is hidden; remove that")
        for entry, card in exercises_of(lesson):
            if card.tier == "core" and entry.id not in found:
                yield lesson.practice.problem(entry, "a core exercise without a check in checks.py; write one")
            if card.tier == "core" and not entry.text("answer"):
                yield lesson.practice.problem(entry, "a core exercise without a worked answer; add it")


def _loaded(tree: Tree, path: Path) -> dict[str, Check] | Problem:
    """The checks at `path`; a file that is missing, another rule's concern, has none."""
    try:
        return load_checks(path) if path.is_file() else {}
    except Exception as error:  # an author's file may fail in any way while it is imported
        return Problem(tree.name(path), 1, f"cannot be imported: {type(error).__name__}: {error}; mend it")


def _task_problems(task: Task) -> Iterator[str]:
    ids = [(cell.id, cell.role) for cell in task.graded]
    wanted = [(f"{task.id}-visible", "check"), (f"{task.id}-hidden", "hidden")]
    if ids != wanted:
        has = ", ".join(f"{role} {name}" for name, role in ids) or "nothing"
        yield f"task {task.id!r} is graded by {has}, not by check {task.id}-visible and hidden {task.id}-hidden"
    if task.id not in [cell.id for cell in task.answers]:
        answers = ", ".join(cell.id for cell in task.answers) or "none"
        yield f"no answer cell is called {task.id!r}, its answers: {answers}; call one so"


def _cell_problems(cell: Cell, check: Check | None, file: str, *, hidden: bool) -> Iterator[str]:
    if check is None:
        yield f"no check {cell.id!r} in {file}; write it"
        return
    if check.points != cell.points:
        yield f"cell {cell.id!r} has {cell.points:g} points, its check {check.points:g}; make them equal"
    if check.hidden != hidden:
        yield f"check {cell.id!r} has hidden={check.hidden} in {file}; write hidden={hidden}"


def checked_exercises(tree: Tree, lesson: Part) -> frozenset[str]:
    """The ids of a lesson's exercises that have a check."""
    found = _loaded(tree, lesson.place.lesson / "checks.py")
    return frozenset() if isinstance(found, Problem) else frozenset(found)
