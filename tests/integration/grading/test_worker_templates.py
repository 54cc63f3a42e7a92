"""A worker replaces a template that was killed, has aged, or has imported what is no longer installed."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from courseware.grading.results import Examined, Task
from courseware.grading.worker import Worker

VISIBLE = """
from courseware.checks import case, check

@check("whole", points=1, title="Whole")
def whole(student, world):
    with case("is there", points=1) as c:
        c.equal(student.get("kept"), 1)
"""
ENDS = "import os; os._exit(3)"
NewWorker = Callable[..., Worker]


@pytest.fixture
def worker() -> Iterator[NewWorker]:
    """Make workers that are closed in the end."""
    workers: list[Worker] = []

    def make(**settings: Any) -> Worker:
        workers.append(Worker(**settings))
        return workers[-1]

    yield make
    for one in workers:
        one.close()


def task(*sources: str, imports: tuple[str, ...] = ()) -> Task:
    """A submission with one check behind its cells."""
    cells = [
        {"id": f"cell-{number}", "kind": "code", "role": "answer", "text": text} for number, text in enumerate(sources)
    ]
    cells.append({"id": "whole", "kind": "code", "role": "check", "text": ""})
    limits = {"memory_mb": 1024, "cell_seconds": 20, "submission_seconds": 60}
    return Task(
        "ada", "a-lab", "0" * 8, tuple(cells), {}, {"visible.py": VISIBLE, "hidden.py": ""}, imports, limits=limits
    )


def examined(worker: Worker, given: Task) -> tuple[Examined, list[int]]:
    """The result, and the numbers of the tries that it took."""
    begun: list[int] = []
    news = json.loads(worker.work(json.dumps(asdict(given)).encode(), lambda told: begun.append(told.get("begun", 0))))
    return Examined.of_json(news["examined"]), [number for number in begun if number]


def pid(worker: Worker) -> int:
    assert worker.template is not None
    return worker.template.pid


def test_killed_template_is_replaced_before_the_next_submission(worker: NewWorker) -> None:
    one = worker()
    examined(one, task("kept = 1"))
    before = pid(one)
    os.kill(before, signal.SIGKILL)
    while one.template is not None and one.template.running:
        time.sleep(0.01)
    result, tries = examined(one, task("kept = 1"))
    assert (result.score, tries) == (1, [1])
    assert pid(one) != before


def test_template_is_replaced_after_a_set_number_of_kernels(worker: NewWorker) -> None:
    one = worker(most_forks=2)
    seen = []
    for _ in range(5):
        assert examined(one, task("kept = 1"))[0].score == 1
        seen.append(pid(one))
    assert [seen.index(number) for number in seen] == [0, 0, 2, 2, 4]


def test_template_lasts_until_the_submission_is_examined(worker: NewWorker) -> None:
    one = worker(most_forks=1)
    pids = []
    given = task("kept = 1", ENDS, "import builtins", ENDS, "kept")
    one.work(json.dumps(asdict(given)).encode(), lambda told: pids.append(pid(one)) if "check" in told else None)
    assert one.template is not None
    assert (one.template.forks, pids) == (3, [pid(one)])


def test_changed_package_is_imported_anew(worker: NewWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    site.mkdir()
    site.chmod(0o755)
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.syspath_prepend(str(site))
    install(site, "1.0")
    one, given = worker(), task("import throwaway; kept = float(throwaway.VERSION)", imports=("throwaway",))
    assert examined(one, given)[0].score == 1
    before = pid(one)
    assert examined(one, given)[0].score == 1
    assert pid(one) == before
    install(site, "2.0")
    assert examined(one, replace(given, student="bob"))[0].score == 0
    assert pid(one) != before


def install(site: Path, version: str) -> None:
    """Put a package there as an installer does, in place of any other version."""
    for record in site.glob("throwaway-*"):
        record.rmdir()
    (site / "throwaway.py").write_text(f"VERSION = {version!r}\n# {'longer ' * int(float(version))}\n")
    (site / f"throwaway-{version}.dist-info").mkdir()
