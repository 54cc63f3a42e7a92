"""A gradebook in PostgreSQL, on a real server, has what one in SQLite has; where it fails, it says so in one line."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from courseware.grading.errors import GradingError

POSITIVE = "def twice(number):\n    return abs(2 * number)"
ON_TIME, LATE = "2026-11-22 09:59:00 UTC", "2026-11-22 10:01:00 UTC"


def hand_in(class_: Any) -> None:
    class_.submit("ada", class_.reference | {"memo": "Mine."}, time=ON_TIME)
    class_.submit("bob", class_.reference | {"twice": POSITIVE}, time=LATE)
    class_.submit("cyd")


def rows(class_: Any) -> dict[str, Any]:
    """Everything that the gradebook holds of the lab's submissions."""
    from nbgrader.api import Gradebook

    with Gradebook(class_.url) as book:
        return {
            submission.student_id: (
                submission.timestamp,
                submission.score,
                {g.name: (g.auto_score, g.manual_score, g.needs_manual_grade, g.max_score) for g in notebook.grades},
                {c.name: (c.auto_comment, c.manual_comment) for c in notebook.comments},
                notebook.late_submission_penalty,
            )
            for submission in book.assignment_submissions(class_.lab)
            for notebook in submission.notebooks
        }


def test_the_gradebook_holds_what_sqlite_s_holds(
    tiny: Any, tiny_postgres_made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(tiny)
    assert [one["score"] for one in tiny.grade()["graded"]] == [7, 6, 0]
    here = rows(tiny)
    tiny_postgres_made.renew_gradebook()
    monkeypatch.setenv("COURSE_GRADEBOOK", tiny_postgres_made.url)
    assert tiny_postgres_made.grade()["reused"] == 3
    assert rows(tiny_postgres_made) == here


def nbgrader(class_: Any, *arguments: str) -> None:
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=class_.root, env=class_.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow
def test_commands_and_stock_nbgrader_s_steps_work(tiny_postgres: Any, formgrader: Any) -> None:
    hand_in(tiny_postgres)
    graded = tiny_postgres.course("grade", tiny_postgres.lab, "--workers", "1")
    assert (graded.returncode, graded.stderr) == (0, "")
    again = tiny_postgres.course("regrade", tiny_postgres.lab, "--check", "kept-hidden")
    assert (again.returncode, "no score changed" in again.stdout) == (0, True), again.stderr
    report = tiny_postgres.course("report", tiny_postgres.lab)
    assert f"{tiny_postgres.lab}: 3 graded, 4.33 of 7 points on average" in report.stdout
    ours = rows(tiny_postgres)
    nbgrader(tiny_postgres, "db", "upgrade")
    nbgrader(tiny_postgres, "autograde", tiny_postgres.lab, "--student=bob", "--force")
    assert rows(tiny_postgres)["bob"][1:3] == ours["bob"][1:3]
    given_in_formgrader(formgrader(tiny_postgres.root, tiny_postgres.environment), "memo", 3.5)
    nbgrader(tiny_postgres, "generate_feedback", tiny_postgres.lab, "--force")
    page = tiny_postgres.work / "feedback" / "bob" / tiny_postgres.lab / "lab.html"
    assert "Score: 6.0" in page.read_text()
    nbgrader(tiny_postgres, "export", f"--to={tiny_postgres.root / 'grades.csv'}")
    lines = (tiny_postgres.root / "grades.csv").read_text().splitlines()
    assert len(lines) == 4
    assert rows(tiny_postgres)["ada"][2]["memo"] == (None, 3.5, False, 4)


def given_in_formgrader(address: str, cell: str, points: float) -> None:
    """Give points as formgrader's page does, to the one submission that waits for them."""
    with httpx.Client(base_url=f"{address}/formgrader/api", headers={"Authorization": "token formgrader"}) as api:
        submissions = api.get("/submitted_notebooks/week_02_embeddings_attention/lab").json()
        [waiting] = [one["id"] for one in submissions if one["needs_manual_grade"]]
        grades = api.get("/grades", params={"submission_id": waiting}).json()
        [grade] = [one["id"] for one in grades if one["name"] == cell]
        assert api.put(f"/grade/{grade}", json={"manual_score": points}).json()["manual_score"] == points


@contextmanager
def held(class_: Any, statement: str) -> Iterator[None]:
    """Another program's open transaction that has run `statement`."""
    import psycopg

    with psycopg.connect(class_.url) as other:
        other.execute(statement)
        yield
        other.rollback()


@pytest.mark.parametrize(
    "statement",
    ["LOCK TABLE submitted_assignment IN EXCLUSIVE MODE", "SELECT * FROM grade FOR UPDATE"],
    ids=["a table", "rows"],
)
def test_what_another_program_locks_loses_nothing(
    tiny_postgres: Any, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    monkeypatch.setattr("courseware.grading.config.LOCKED_S", 1)
    tiny_postgres.submit("ada")
    tiny_postgres.grade()
    tiny_postgres.submit("ada", tiny_postgres.reference, time=ON_TIME)
    told = r"/class cannot be used: canceling statement due to lock timeout; .* grade again"
    with held(tiny_postgres, statement), pytest.raises(GradingError, match=told):
        tiny_postgres.grade()
    report = tiny_postgres.grade()
    assert (report["reused"], report["graded"][0]["score"]) == (1, 7)
    assert tiny_postgres.scores()["ada"]["kept-hidden"] == 3


UNUSABLE = {
    "nobody listens": ("postgresql://course:secret@127.0.0.1:9/class", "Connection refused"),
    "another password": ("postgresql://course:other@127.0.0.1:{port}/class", "password authentication failed"),
    "no such database": ("postgresql://course:secret@127.0.0.1:{port}/other", "does not exist"),
    "no such kind": ("postgres://course:secret@127.0.0.1:{port}/class", "Can't load plugin"),
    "no such driver": ("mysql://course:secret@127.0.0.1:{port}/class", "MySQLdb is not installed"),
    "no address": ("course:secret@127.0.0.1", "the gradebook's address (COURSE_GRADEBOOK, or db_url) is none"),
}


@pytest.mark.parametrize(("url", "said"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_gradebook_that_cannot_be_used_is_one_line_without_the_password(
    tiny_postgres: Any, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    monkeypatch.setenv("COURSE_GRADEBOOK", url.format(port=tiny_postgres.server.port))
    with pytest.raises(GradingError) as ended:
        tiny_postgres.grade()
    message = str(ended.value)
    assert said in message
    assert ("secret" in message, len(message.splitlines())) == (False, 1)


def test_a_server_that_never_answers_is_waited_for_so_long(tiny_postgres: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("courseware.grading.config.CONNECT_S", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("COURSE_GRADEBOOK", f"postgresql://course@127.0.0.1:{silent.getsockname()[1]}/class")
        with pytest.raises(GradingError, match=r"/class cannot be used: .*timeout"):
            tiny_postgres.grade()


@pytest.mark.slow
def test_a_server_that_ends_while_grading_loses_nothing(tiny_postgres: Any) -> None:
    hand_in(tiny_postgres)
    ended = []

    def end_it(_: str) -> None:
        if not ended:
            tiny_postgres.server.stop()
            ended.append(True)

    with pytest.raises(GradingError, match=r"/class cannot be used: .* is in the journal"):
        tiny_postgres.grade(say=end_it)
    tiny_postgres.server.start()
    report = tiny_postgres.grade()
    assert [one["score"] for one in report["graded"]] == [7, 6, 0]
    assert report["reused"] >= 2  # what was recorded, and what could not be
    assert {student: sum(score or 0 for score in of.values()) for student, of in tiny_postgres.scores().items()} == {
        "ada": 7,
        "bob": 6,
        "cyd": 0,
    }
