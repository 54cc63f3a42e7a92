"""The same submissions give the same results on this machine's processes and on a Dask cluster."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from courseware.grading.errors import GradingError
from courseware.grading.executors.dask import DaskExecutor

ANSWERS: dict[str, dict[str, str]] = {
    "ada": {},
    "bob": {"twice": "def twice(number):\n    return abs(2 * number)"},
    "cyd": {"kept": "def kept(numbers):\n    raise ValueError('I keep nothing')"},
    "dan": {"twice": "import os\nos._exit(1)"},
}


@pytest.fixture
def cluster(tiny: Any, dask_cluster: Any) -> Iterator[Any]:
    """Two Dask workers that know the class's course."""
    with dask_cluster(tiny.root) as started:
        yield started


@pytest.mark.timeout(300)
def test_a_cluster_gives_what_this_machine_gives(tiny: Any, cluster: Any) -> None:
    for student, answers in ANSWERS.items():
        tiny.submit(student, tiny.reference | answers)
    tiny.grade()
    here = tiny.scores()
    tiny.emptied()
    for student, answers in ANSWERS.items():
        tiny.submit(student, tiny.reference | answers)
    report = tiny.grade(executor=DaskExecutor(cluster.scheduler_address))
    assert report["reported"] == []
    assert tiny.scores() == here


@pytest.mark.timeout(300)
def test_what_a_lost_worker_had_is_examined_on_another(tiny: Any, cluster: Any) -> None:
    for student in ANSWERS:
        tiny.submit(student, tiny.reference)
    os.kill(next(iter(cluster.workers.values())).process.pid, signal.SIGKILL)
    report = tiny.grade(executor=DaskExecutor(cluster.scheduler_address))
    assert {one["student"]: one["score"] for one in report["graded"]} == dict.fromkeys(ANSWERS, 7)


def test_no_scheduler_is_said_in_one_line(tiny: Any) -> None:
    tiny.submit("ada", tiny.reference)
    with pytest.raises(GradingError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9: .*; start one"):
        tiny.grade(executor=DaskExecutor("tcp://127.0.0.1:9"))
