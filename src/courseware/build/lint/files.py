"""Rules about files: a ready week has what the guide asks for, and what is there can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from courseware.build.lint.problem import Problem
from courseware.build.lint.sources import Part
from courseware.build.lint.tree import Tree
from courseware.build.places import Week
from courseware.manifest import Week as Planned

WRONG, RIGHT = 6, 2
_ROOMS = ("notebooks", "solutions", "labs", "graders")


def sources_can_be_read(tree: Tree) -> Iterator[Problem]:
    """Sources, practice files, planted answers and built notebooks have their syntax."""
    yield from tree.unreadable


def ready_weeks_have_their_files(tree: Tree) -> Iterator[Problem]:
    """Everything an author writes for a lesson or lab is there once the manifest calls it ready."""
    for week in tree.course.weeks:
        place = Week(tree.root, week.id)
        for path in _expected(tree.root, place, week):
            if not path.is_file():
                yield Problem(tree.name(path), 1, "missing in a ready week; write it, or mark the part planned")


def labs_have_planted_answers(tree: Tree) -> Iterator[Problem]:
    """A weekly lab has at least six wrong and two right planted answers; week 0's needs one wrong."""
    for lab in tree.labs:
        least = {"wrong": WRONG, "right": RIGHT} if lab.week.number else {"wrong": 1, "right": 0}
        for side, wanted in least.items():
            folder = lab.place.graders / "answers" / side
            count = len(list(folder.glob("*.py")))
            if count < wanted:
                yield Problem(tree.name(folder), 1, f"{count} {side} answers, not {wanted} or more; plant more")


def planted_answers_fit_their_lab(tree: Tree) -> Iterator[Problem]:
    """A planted answer replaces cells that exist, and loses points that exist."""
    for lab in tree.labs:
        answers = {cell.id for cell in lab.cells if cell.role == "answer"}
        worth = {cell.id: cell.points for cell in lab.cells if cell.role in ("check", "hidden")}
        for side in ("wrong", "right"):
            for name, planted in tree.planted(lab, side).items():
                for cell in sorted(set(planted.cells) - answers):
                    yield Problem(name, 1, f"no answer cell {cell!r} in the lab; it has {', '.join(sorted(answers))}")
                for check, points in planted.loses.items():
                    if not 0 < points <= worth.get(check, 0):
                        wrong = f"loses {points:g} of {check!r}, which has {worth.get(check, 0):g} points; correct it"
                        yield Problem(name, 1, wrong)


def folders_belong_to_weeks(tree: Tree) -> Iterator[Problem]:
    """Every folder of lessons, labs, solutions and graders is called as a week of the manifest."""
    known = {week.id for week in tree.course.weeks}
    names = {tuple(Path(name).parts[:2]) for name in map(tree.name, tree.files) if name.count("/") > 1}
    for room, folder in sorted(names):
        if room in _ROOMS and folder not in known:
            yield Problem(f"{room}/{folder}", 1, "no week in course.toml has this id; rename the folder")


def _expected(root: Path, place: Week, week: Planned) -> Iterator[Path]:
    if week.lesson.state == "ready":
        yield from (place.lesson / name for name in ("lesson.py", "practice.toml", "checks.py"))
        yield from (root / "data" / name for name in week.lesson.data)
    if week.lab.state == "ready":
        yield from (place.solution / "lab.py", place.solution / "practice.toml")
        yield from (place.graders / "visible.py", place.graders / "hidden.py")
        yield from (root / "data" / name for name in week.lab.data)
        if week.lab.manual_points:
            yield place.solution / "rubric.md"


def given_files(lab: Part) -> frozenset[str]:
    """The names of the files a learner gets beside the notebook."""
    return frozenset({"lab.ipynb", "checks.py", "practice.toml", *(Path(name).name for name in lab.week.lab.data)})
