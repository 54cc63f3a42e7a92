"""practice.toml as typed, frozen objects: the predictions, exercises and quiz items of one lesson or lab.

`load_practice` reports everything that is wrong with a file at once; whether key positions are balanced or a quiz
covers its objectives is for the build's lint to say.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from courseware.learner.errors import PracticeError, UnknownItemError
from courseware.learner.practice_fields import Entry, Report, entries

HINT_STEPS = 3
LETTERS = "ABCDEFGH"


@dataclass(frozen=True)
class Prediction:
    """A question asked before a surprise. `answer` is one of `options`."""

    id: str
    question: str
    options: tuple[str, ...]
    answer: str
    why: str


@dataclass(frozen=True)
class Exercise:
    """The hint ladder of one exercise or task, and the worked answer if the lesson has one."""

    id: str
    hints: tuple[str, ...]
    answer: str | None


@dataclass(frozen=True)
class Option:
    """One choice of a quiz item, and why it is right or wrong."""

    text: str
    right: bool
    why: str


@dataclass(frozen=True)
class QuizItem:
    """A question with exactly one right option. `objective` counts the lesson's objectives from 1."""

    id: str
    question: str
    objective: int
    options: tuple[Option, ...]

    @property
    def right(self) -> Option:
        """The right option."""
        return next(option for option in self.options if option.right)


_Item = TypeVar("_Item", Prediction, Exercise, QuizItem)


@dataclass(frozen=True)
class Practice:
    """Everything one practice.toml says, in the order of the file."""

    path: Path
    predictions: tuple[Prediction, ...]
    exercises: tuple[Exercise, ...]
    quiz: tuple[QuizItem, ...]

    def prediction(self, name: str) -> Prediction:
        """The prediction called `name`; raises `UnknownItemError`, which names the known ones."""
        return self._named(self.predictions, name, "prediction")

    def exercise(self, name: str) -> Exercise:
        """The exercise called `name`; raises `UnknownItemError`, which names the known ones."""
        return self._named(self.exercises, name, "exercise")

    def quiz_item(self, name: str) -> QuizItem:
        """The quiz item called `name`; raises `UnknownItemError`, which names the known ones."""
        return self._named(self.quiz, name, "quiz item")

    def _named(self, items: Sequence[_Item], name: str, kind: str) -> _Item:
        for item in items:
            if item.id == name:
                return item
        known = ", ".join(item.id for item in items) or "none"
        raise UnknownItemError(f"no {kind} is called {name!r} in {self.path.name}; it has: {known}")


def load_practice(path: Path) -> Practice:
    """The practice file at `path`. Raises `PracticeError`; its `.problems` are `file:line: what`, one for each."""
    report = Report(path, _read(path))
    report.known_keys("predict", "exercise", "quiz")
    practice = Practice(
        path=path,
        predictions=tuple(_prediction(entry) for entry in entries(report, "predict")),
        exercises=tuple(_exercise(entry) for entry in entries(report, "exercise")),
        quiz=tuple(_quiz_item(entry) for entry in entries(report, "quiz")),
    )
    if report.problems:
        raise PracticeError(path, tuple(report.problems))
    return practice


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
        tomllib.loads(text)
    except OSError as error:
        raise PracticeError(
            path, (f"{path}: cannot be read: {error.strerror}; give the path of a practice.toml",)
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PracticeError(path, (f"{path.name}: is not TOML: {error}; repair it there",)) from None
    return text


def _prediction(entry: Entry) -> Prediction:
    entry.known_keys("id", "question", "options", "answer", "why")
    options = entry.texts("options", least=2, most=len(LETTERS))
    answer = entry.text("answer")
    if options and answer and answer not in options:
        entry.wrong(f"answer {answer!r} is not one of its options; copy one of: {', '.join(options)}")
    return Prediction(entry.id, entry.text("question"), options, answer, entry.text("why"))


def _exercise(entry: Entry) -> Exercise:
    entry.known_keys("id", "hints", "answer")
    hints = entry.texts("hints", least=HINT_STEPS, most=HINT_STEPS)
    return Exercise(entry.id, hints, entry.text("answer") if entry.has("answer") else None)


def _quiz_item(entry: Entry) -> QuizItem:
    entry.known_keys("id", "question", "objective", "options")
    options = tuple(_option(option) for option in entry.tables("options", least=2, most=len(LETTERS)))
    right = sum(option.right for option in options)
    if options and right != 1:
        entry.wrong(f"has {right} options marked right; mark exactly one with `right = true`")
    texts = [option.text for option in options]
    if len(set(texts)) != len(texts):
        entry.wrong("has two options with the same text; make each different")
    return QuizItem(entry.id, entry.text("question"), entry.count("objective"), options)


def _option(entry: Entry) -> Option:
    entry.known_keys("text", "right", "why")
    return Option(entry.text("text"), entry.flag("right"), entry.text("why"))
