"""Whatever is killed while a lab is graded, grading again gives what an undisturbed run gives, and nothing twice."""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from courseware.grading.journal import Journal

SUBMISSIONS = 40
PATIENCE_S = 120
KINDS = ("driver", "worker", "template", "kernel")
ANSWERS = (
    {},
    {"twice": "def twice(number):\n    return abs(2 * number)"},
    {"kept": "def kept(numbers):\n    raise ValueError('I keep nothing')"},
    {"twice": "def twice(number):\n    import os\n    os._exit(0)"},
)


def hand_in(tiny: Any) -> None:
    for number in range(SUBMISSIONS):
        tiny.submit(f"s{number:02}", tiny.reference | ANSWERS[number % len(ANSWERS)])


def found(tiny: Any) -> dict[str, list[tuple[Any, ...]]]:
    """(check, score, case, status, message) of every learner's last result, beside the gradebook's scores."""
    journal, scores = Journal(tiny.work / "journal" / tiny.lab), tiny.scores()
    results: dict[str, list[tuple[Any, ...]]] = {}
    for student in sorted(scores):
        [attempt] = journal.attempts(student)
        [last] = [line["examined"] for line in attempt.lines if "examined" in line]  # once, not twice
        assert {check["check"]: check["score"] for check in last["checks"]}.items() <= scores[student].items()
        results[student] = [
            (check["check"], check["score"], case["title"], case["status"], case["message"])
            for check in last["checks"]
            for case in check["cases"]
        ]
    return results


def examined(tiny: Any) -> int:
    return sum(b'{"examined"' in path.read_bytes() for path in (tiny.work / "journal").rglob("*.jsonl"))


def victims(tiny: Any, pid: int) -> dict[str, psutil.Process]:
    """One process of each kind."""
    return {kind: processes[-1] for kind, processes in tiny.processes(pid).items() if processes}


def disturbances(tiny: Any, count: int, rng: random.Random) -> Iterator[str]:
    """Grade, kill something at random moments, go on until all is graded; yield what was killed."""
    run, order = tiny.started(), [rng.choice(KINDS) for _ in range(count)]
    deadline = time.monotonic() + PATIENCE_S * (1 + count / 10)
    while (done := examined(tiny)) < SUBMISSIONS or run.poll() is None:
        assert time.monotonic() < deadline, f"{done} of {SUBMISSIONS} examined; still to be killed: {order}"
        if run.poll() is not None:
            run = tiny.started()
        elif order and order[0] in (found := victims(tiny, run.pid)):
            time.sleep(rng.random() * 0.1)
            with contextlib.suppress(psutil.NoSuchProcess):
                found[order[0]].kill()
                yield order.pop(0)
        time.sleep(0.01)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("gradebook", "count"),
    [
        ("tiny", 10),
        pytest.param("tiny", 100, marks=pytest.mark.slow),
        pytest.param("tiny_postgres", 40, marks=pytest.mark.slow),
    ],
    ids=["SQLite, 10", "SQLite, 100", "PostgreSQL, 40"],
)
def test_killing_anything_at_any_moment_changes_nothing(
    request: pytest.FixtureRequest, gradebook: str, count: int
) -> None:
    tiny = request.getfixturevalue(gradebook)
    hand_in(tiny)
    tiny.grade(workers=2)
    undisturbed = found(tiny)
    assert len(undisturbed) == SUBMISSIONS
    tiny.emptied()
    rng, kinds = random.Random(count), Counter[str]()
    while sum(kinds.values()) < count:
        tiny.emptied()
        hand_in(tiny)
        kinds.update(disturbances(tiny, count - sum(kinds.values()), rng))
        assert found(tiny) == undisturbed
    assert set(kinds) == set(KINDS)
    assert tiny.left_over() == []
