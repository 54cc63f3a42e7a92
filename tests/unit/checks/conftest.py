"""Learner's code, served in this process as a notebook serves it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from courseware.checks import LocalChannel, Student
from courseware.checks.cases import Record, recording

Serve = Callable[[str], Student]


@pytest.fixture
def namespace(tmp_path: Path) -> Callable[[str], dict[str, Any]]:
    """Run a text as a notebook's cell and return its names; tracebacks find its lines."""

    def run(source: str) -> dict[str, Any]:
        path = tmp_path / "cell.py"
        path.write_text(textwrap.dedent(source).strip() + "\n", encoding="utf-8")
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(path.read_bytes(), str(path), "exec"), names)
        return names

    return run


@pytest.fixture
def serve(namespace: Callable[[str], dict[str, Any]]) -> Serve:
    """Make a `Student` of the learner's code."""
    return lambda source: Student(LocalChannel(namespace(source)))


@pytest.fixture
def record() -> Iterator[Record]:
    """The outcomes of the cases that the test opens."""
    with recording() as found:
        yield found
