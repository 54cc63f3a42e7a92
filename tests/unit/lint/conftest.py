"""A small course that breaks no rule: one lesson and one lab with all their files, to be spoilt one file at a time."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from courseware.build.answers import cut
from courseware.build.lesson import lesson_notebook
from courseware.build.lint import Tree, broken, lint
from courseware.build.notebook import new_cell, new_course_notebook, to_text
from courseware.build.places import Week
from courseware.build.source import read_source
from courseware.manifest import Course

WEEK = "week_01_tokenization"
PARTS = Path(__file__).with_name("small_course")


@dataclass
class SmallCourse:
    """A course below `root`; each method changes one thing and returns the course."""

    root: Path
    course: Course

    LESSON = f"notebooks/{WEEK}/lesson.py"
    EXERCISES = f"notebooks/{WEEK}/practice.toml"
    LESSON_CHECKS = f"notebooks/{WEEK}/checks.py"
    LESSON_BUILT = f"notebooks/{WEEK}/lesson.ipynb"
    LAB = f"solutions/{WEEK}/lab.py"
    HINTS = f"solutions/{WEEK}/practice.toml"
    VISIBLE = f"graders/{WEEK}/visible.py"
    HIDDEN = f"graders/{WEEK}/hidden.py"
    ANSWERS = f"graders/{WEEK}/answers"
    RELEASE = f"labs/{WEEK}"
    PAGE = "docs/guides/page.md"
    MODULE = "src/courseware/checks/small.py"

    def text(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> SmallCourse:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return self

    def append(self, name: str, text: str) -> SmallCourse:
        return self.write(name, self.text(name) + text)

    def replace(self, name: str, old: str, new: str, times: int = 1) -> SmallCourse:
        assert old in self.text(name), f"{old!r} is not in {name}"
        return self.write(name, self.text(name).replace(old, new, times))

    def remove(self, name: str) -> SmallCourse:
        (self.root / name).unlink()
        return self

    def plan(self, part: str = "", **changes: Any) -> SmallCourse:
        """Change the manifest's week, or its `lesson` or `lab`."""
        week = self.course.week(WEEK)
        if part:
            changes = {part: getattr(week, part).model_copy(update=changes)}
        changed = week.model_copy(update=changes)
        weeks = tuple(changed if one.id == WEEK else one for one in self.course.weeks)
        self.course = self.course.model_copy(update={"weeks": weeks})
        return self

    def broken(self, rule: str) -> list[str]:
        return [str(problem) for problem in broken(rule, Tree(self.root, self.course))]

    def lint(self) -> list[str]:
        return [str(problem) for problem in lint(self.root, self.course)]


def write_course(root: Path) -> None:
    """Write the small course's files and build its notebooks, without executing them."""
    for path in PARTS.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            target = root / path.relative_to(PARTS).as_posix().replace("WEEK", WEEK)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    for side, count in (("wrong", 6), ("right", 2)):
        for number in range(count):
            loses = "# loses: first-hidden 20\n" if side == "wrong" else ""
            answer = f'# shows: Variant {number}.\n{loses}# %% id="first"\ndef first(text):\n    return {number}\n'
            path = root / SmallCourse.ANSWERS / side / f"variant_{number}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(answer, encoding="utf-8")
    week = Week(root, WEEK)
    lesson = week.lesson / "lesson.ipynb"
    lesson.write_text(to_text(lesson_notebook(week)), encoding="utf-8")
    week.release.mkdir(parents=True)
    cells = [new_cell(cell, text=cut(cell.text)) for cell in read_source(week.solution / "lab.py")]
    released = to_text(new_course_notebook(cells, {"lab": WEEK}))
    (week.release / "lab.ipynb").write_text(released, encoding="utf-8")
    shutil.copyfile(week.graders / "visible.py", week.release / "checks.py")
    shutil.copyfile(week.solution / "practice.toml", week.release / "practice.toml")


def only_week_01(course: Course) -> Course:
    """Return the course with every week but 01 planned, and 01 as the small course has it."""
    weeks = []
    for week in course.weeks:
        state = "ready" if week.id == WEEK else "planned"
        lab = {"state": state, "points": 50, "manual_points": 0, "minutes": 60, "assistance": "tools", "data": ()}
        weeks.append(
            week.model_copy(
                update={
                    "lesson": week.lesson.model_copy(update={"state": state, "data": ()}),
                    "lab": week.lab.model_copy(update=lab),
                    "practice_minutes": 120,
                }
            )
        )
    return course.model_copy(update={"weeks": tuple(weeks)})


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small course, written once; tests get a copy."""
    root = tmp_path_factory.mktemp("small") / "course"
    root.mkdir()
    write_course(root)
    return root


@pytest.fixture
def small(written: Path, tmp_path: Path, course: Course) -> SmallCourse:
    """A small course that breaks no rule."""
    root = tmp_path / "course"
    shutil.copytree(written, root)
    return SmallCourse(root, only_week_01(course))
