"""What grading reads and prints of learners: names, messages, replies and outputs of any size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from courseware.checks import case, check
from courseware.grading import examiner
from courseware.grading.errors import SubmissionError, printable
from courseware.grading.examiner import examine
from courseware.grading.results import Task
from courseware.grading.submissions import read_submission


class Scripted:
    """Runs every cell with the same outputs and answers every request with the same bytes."""

    endings: tuple[str, ...] = ()

    def __init__(self, outputs: list[dict[str, Any]], reply: bytes) -> None:
        self._outputs, self._reply = outputs, reply

    def cell(self, text: str) -> list[dict[str, Any]]:
        return self._outputs

    def exchange(self, request: bytes, seconds: float) -> bytes:
        return self._reply

    def begin_check(self) -> None:
        pass

    def close(self) -> float:
        return 0.0


@check("task-visible", points=2, title="Task")
def asks_twice(student: Any, world: Any) -> None:
    with case("once", points=1) as c:
        c.equal(student.call("f"), 1)
    with case("with what it printed", points=1) as c:
        c.equal(student.observe("f").out, "1")


def examined(runs: Scripted, cells: list[dict[str, str]]) -> Any:
    task = Task("ada", "lab", "0" * 16, tuple(cells), {}, {})
    return examine(task, {"task-visible": asks_twice}, runs)  # type: ignore[arg-type]


CHECK = {"id": "task-visible", "kind": "code", "role": "check", "text": ""}
REPLIES = [
    b"",
    b"whatever",
    b"[]",
    b"{}",
    b'{"error": 7}',
    b'{"value": {"~": "ref", "v": "x"}}',
    b"[" * 10**5,
    b"9" * 5000,
]


@pytest.mark.parametrize("reply", REPLIES)
def test_what_is_no_reply_is_a_wrong_answer_and_no_failure_of_the_check(reply: bytes) -> None:
    (result,) = examined(Scripted([], reply), [CHECK]).checks
    assert (result.score, result.failed) == (0.0, "")
    assert [outcome["status"] for outcome in result.cases] == ["raised", "raised"]


def test_outputs_of_all_cells_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examiner, "MOST_OUTPUT", 25_000)
    printed = {"output_type": "stream", "name": "stdout", "text": "x" * 10_000}
    cells = [{"id": f"c{number}", "kind": "code", "role": "look", "text": ""} for number in range(4)]
    shown = [cell.outputs for cell in examined(Scripted([printed], b""), cells).cells]
    assert [len(json.dumps(outputs)) > 9_000 for outputs in shown] == [True, True, False, False]
    assert "are left out" in shown[2][0]["text"]


@pytest.mark.parametrize("name", ["ada\nbob", "a\x1b[2J", "a\u202eb", "a\udcff", "\x07"])
def test_a_learner_whose_name_cannot_be_printed_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SubmissionError, match="cannot be printed; rename it"):
        read_submission(tmp_path, name, ())


def test_what_a_terminal_would_obey_is_escaped() -> None:
    assert printable("é\x1b[2J\n\u202e\udcff") == "é\\x1b[2J\\n\\u202e\\udcff"
