"""The worked answers that lessons show pass the checks of their own exercises; what learners start from does not."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from courseware.build.source import read_source
from courseware.checks import LocalChannel, Student, World, load_checks, provide_gateway
from courseware.checks.check import Result
from courseware.gateway import ensure
from courseware.learner.practice import Exercise, load_practice
from courseware.manifest import load
from courseware.models import tiktoken_cache_dir

pytestmark = [pytest.mark.needs_models, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[2]
READY = [week for week in load(ROOT / "course.toml").weeks if week.lesson.state == "ready"]
WORKED = [
    pytest.param(week.id, exercise, id=f"{week.id}-{exercise.id}")
    for week in READY
    for exercise in load_practice(ROOT / "notebooks" / week.id / "practice.toml").exercises
    if exercise.answer is not None
]


def statements(lesson: Path) -> Iterator[tuple[str, ast.stmt]]:
    """Every statement of a lesson's cells, with its cell's id."""
    for cell in read_source(lesson / "lesson.py"):
        if cell.kind == "code":
            yield from ((cell.id, statement) for statement in ast.parse(cell.text).body)


def names(code: ast.AST) -> tuple[set[str], set[str]]:
    """The module's names that some code binds, and those that it reads, in functions of it too."""
    whole = symtable.symtable(ast.unparse(code), "lesson", "exec")
    inner, open_tables = set[str](), list(whole.get_children())
    while open_tables:
        table = open_tables.pop()
        open_tables += table.get_children()
        inner |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    own = whole.get_symbols()
    bound = {symbol.get_name() for symbol in own if symbol.is_assigned() or symbol.is_imported()}
    return bound, inner | {symbol.get_name() for symbol in own if symbol.is_referenced()}


def leading_to(before: list[ast.stmt], code: ast.AST) -> list[ast.stmt]:
    """Of the statements before some code, those that it needs, and those that they need."""
    wanted, chosen = names(code)[1] - set(dir(builtins)), []
    for statement in reversed(before):
        bound, read = names(statement)
        if bound & wanted:
            chosen.insert(0, statement)
            wanted |= read - set(dir(builtins))
    return chosen


def checked(week: str, exercise: str, answer: str | None) -> Result:
    """What the check of an exercise finds where a learner wrote this answer, or nothing."""
    lesson = ROOT / "notebooks" / week
    found = list(statements(lesson))
    place = next(at for at, (cell, _) in enumerate(found) if cell == exercise)
    own = [statement for cell, statement in found if cell == exercise]
    code = (
        ast.Module([s for s in own if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef))], [])
        if answer is None
        else ast.parse(answer)
    )
    namespace: dict[str, Any] = {"__name__": "__main__"}
    needed = leading_to([statement for _, statement in found[:place]], code)
    for part in (ast.Module(needed, []), code):
        exec(compile(part, f"{week}/{exercise}", "exec"), namespace)
    return load_checks(lesson / "checks.py")[exercise].run(Student(LocalChannel(namespace)), World.of_class(exercise))


@pytest.fixture(autouse=True)
def as_in_a_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    """The vocabularies and the gateway that `setup()` gives a lesson."""
    vocabularies = sorted({name for week in READY for name in week.lesson.tokenizers})
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tiktoken_cache_dir(*vocabularies)))
    provide_gateway(lambda: ensure(ROOT))


@pytest.mark.parametrize(("week", "exercise"), WORKED)
def test_worked_answers_pass_their_exercises_checks(week: str, exercise: Exercise) -> None:
    result = checked(week, exercise.id, exercise.answer)
    assert [(one.title, one.message) for one in result.outcomes if one.status != "passed"] == []
    assert result.outcomes


@pytest.mark.parametrize(("week", "exercise"), WORKED)
def test_what_a_lesson_gives_does_not_pass(week: str, exercise: Exercise) -> None:
    assert not checked(week, exercise.id, None).passed
