"""Checks reach a learner's work in a kernel as they reach it in a notebook."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from courseware.checks import LearnerError, Student
from courseware.kernels import Kernel, KernelDied

Run = Callable[..., str]

WORK = """
import asyncio

def double(x): return 2 * x
def fail(): raise ValueError("mine")
async def late(): await asyncio.sleep(0); return "awaited"
def many(): yield from range(3)
def noisy(): print("secret"); return 1
class Box:
    def add(self, n): return n + 1
def box(): return Box()
def endless():
    while True: pass
names = {"a": (1, b"x")}
"""


@pytest.fixture
def student(kernel: Kernel, run: Run) -> Student:
    """The handle on WORK."""
    run(kernel, WORK)
    return Student(kernel)


def test_calls_values_references_and_errors_go_through(student: Student) -> None:
    assert student.call("double", 21) == 42
    assert student.call("late") == "awaited"
    assert student.call("many") == [0, 1, 2]
    assert student.get("names") == {"a": (1, b"x")}
    assert student.call(student.call("box").method("add"), 4) == 5
    with pytest.raises(LearnerError, match="mine"):
        student.call("fail")


def test_what_a_call_prints_stays_out_of_the_cells(student: Student, kernel: Kernel, run: Run) -> None:
    assert student.observe("noisy").out == "secret\n"
    assert run(kernel, "'quiet'") == "'quiet'"


def test_a_call_that_does_not_end_is_ended_and_the_next_one_is_answered(student: Student) -> None:
    with pytest.raises(LearnerError, match="still running"):
        student.call("endless", seconds=0.2)
    assert student.call("double", 1) == 2


def test_a_program_the_learner_wrote_runs_in_the_sandbox(student: Student, kernel: Kernel, run: Run) -> None:
    run(kernel, "%%writefile app.py\nimport os, sys\nprint(os.getcwd(), sys.argv[1:], input())")
    ran = student.run("app.py", "one", stdin="two")
    assert (ran.status, ran.out) == (0, "/scratch/lab ['one'] two\n")


def test_a_large_value_goes_through(student: Student) -> None:
    assert len(student.call("double", "x" * 5_000_000)) == 10_000_000


def test_a_check_sees_what_a_cell_changed_after_the_last_check(student: Student, kernel: Kernel, run: Run) -> None:
    run(kernel, "names = 'new'")
    assert student.get("names") == "new"


def test_a_learners_task_goes_on_between_requests(student: Student, kernel: Kernel, run: Run) -> None:
    run(kernel, "ticks = []\nasync def tick():\n    while True: ticks.append(1); await asyncio.sleep(0.01)")
    run(kernel, "task = asyncio.create_task(tick())")
    before = len(student.get("ticks"))
    while len(student.get("ticks")) == before:
        pass


def test_the_end_of_the_process_in_a_call_is_the_kernels_end(kernel: Kernel, run: Run) -> None:
    run(kernel, "import os\ndef leave(): os._exit(3)")
    with pytest.raises(KernelDied, match="exited with status 3"):
        Student(kernel).call("leave")


def test_a_call_that_swallows_its_limit_ends_the_kernel(kernel: Kernel, run: Run) -> None:
    run(kernel, "import signal, time\ndef stay():\n    signal.setitimer(signal.ITIMER_REAL, 0)\n    time.sleep(99)")
    request = json.dumps(
        {"op": "call", "owner": None, "name": "stay", "args": [], "kwargs": {}}
        | {"seconds": 0.1, "want_args": False, "max_items": 1, "max_bytes": 1000}
    ).encode()
    with pytest.raises(KernelDied, match="did not answer a check"):
        kernel.exchange(request, seconds=-9.5)
