"""A call that runs too long ends, whatever it does; what others had set up runs on afterwards."""

from __future__ import annotations

import contextlib
import itertools
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from courseware.checks import LearnerError, Student
from courseware.checks.limits import CallTooSlow, time_limit

Serve = Callable[[str], Student]

# Far below what each piece of code would take by itself: a limit that does nothing fails by pytest's own limit.
pytestmark = pytest.mark.timeout(60)
needs_alarm = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no alarm on this platform")


def endless() -> None:
    for _ in itertools.count():
        pass


def swallow_in_python() -> None:
    while True:
        try:
            sum(range(10))
        except BaseException:
            continue


def swallow_in_sleep() -> None:
    while True:
        try:
            time.sleep(100)
        except BaseException:
            continue


def swallow_once() -> str:
    try:
        time.sleep(0.3)
        endless()
    except BaseException:
        pass
    return "as if in time"


def turn_into_another() -> None:
    try:
        time.sleep(0.3)
        endless()
    except BaseException:
        raise ValueError from None


def in_thread(function: Callable[[], None]) -> list[BaseException]:
    """Run `function` in a thread to its end and return what it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            function()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return raised


def limited(function: Callable[[], Any], seconds: float = 0.05) -> None:
    with time_limit(seconds):
        function()


@needs_alarm
@pytest.mark.parametrize(
    "function",
    [endless, lambda: time.sleep(100), swallow_in_python, swallow_in_sleep, swallow_once, turn_into_another],
)
def test_call_ends_in_the_main_thread(function: Callable[[], Any]) -> None:
    with pytest.raises(CallTooSlow):
        limited(function)


@pytest.mark.parametrize("function", [endless, swallow_in_python, swallow_once, turn_into_another])
def test_call_ends_in_another_thread(function: Callable[[], Any]) -> None:
    (error,) = in_thread(lambda: limited(function))
    assert isinstance(error, CallTooSlow)


def test_call_in_time_is_left_alone() -> None:
    limited(lambda: None, 100)
    assert in_thread(lambda: limited(lambda: None, 100)) == []


@pytest.mark.parametrize("run", [lambda function: function(), in_thread])
def test_nothing_is_raised_after_the_block(run: Callable[[Callable[[], None]], Any]) -> None:
    def many() -> None:
        for _ in range(200):
            with contextlib.suppress(CallTooSlow):  # of a machine as busy as that
                limited(lambda: None, 0.01)
        time.sleep(0.05)
        sum(range(1000))

    assert not run(many)


@pytest.mark.parametrize("run", [lambda function: function(), in_thread])
def test_limit_that_falls_on_the_end_is_met_inside_or_not_at_all(run: Callable[[Callable[[], None]], Any]) -> None:
    def close_calls() -> None:
        for delay in range(100):
            with contextlib.suppress(CallTooSlow):
                limited(lambda wait=delay: time.sleep(wait * 2e-5), 0.001)
        time.sleep(0.01)

    assert not run(close_calls)


def test_learners_exception_passes_through() -> None:
    with pytest.raises(StopIteration):
        limited(lambda: next(iter([])), 100)


def test_persons_interrupt_passes_through() -> None:
    def interrupted() -> None:
        try:
            endless()
        except CallTooSlow:
            raise KeyboardInterrupt from None

    with pytest.raises(KeyboardInterrupt):
        limited(interrupted)


class TestAlarm:
    """An alarm of somebody else's, pytest-timeout's for example, set before the block."""

    pytestmark = needs_alarm

    @pytest.fixture(autouse=True)
    def _as_before(self) -> Any:
        handler, timer = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)
        yield
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, handler)

    @pytest.mark.parametrize(("function", "seconds"), [(lambda: None, 100), (endless, 0.05)])
    def test_handler_and_alarm_are_put_back(self, function: Callable[[], Any], seconds: float) -> None:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 1000, 7)
        with contextlib.suppress(CallTooSlow):
            limited(function, seconds)
        left, interval = signal.getitimer(signal.ITIMER_REAL)
        assert (signal.getsignal(signal.SIGALRM), 900 < left < 1000, interval) == (signal.SIG_IGN, True, 7)

    def test_alarm_due_in_the_meantime_comes_after_the_block(self) -> None:
        rung = threading.Event()
        signal.signal(signal.SIGALRM, lambda *_: rung.set())
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        with pytest.raises(CallTooSlow):
            limited(endless)
        assert rung.wait(30)

    def test_no_alarm_is_left_where_there_was_none(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        limited(lambda: None, 100)
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


# Through a student's call


def slow(student: Student, name: str) -> LearnerError:
    with pytest.raises(LearnerError) as caught:
        student.call(name, seconds=0.1)
    return caught.value


@needs_alarm
@pytest.mark.parametrize(
    "body",
    [
        "import time; time.sleep(100)",
        "import time\n    while True: yield time.sleep(0.01)",
        "for _ in iter(int, 1): pass",
        "try:\n        while True: pass\n    except BaseException: return 5",
    ],
)
def test_slow_call_is_the_learners(serve: Serve, body: str) -> None:
    error = slow(serve(f"def f():\n    {body}"), "f")
    assert (error.kind, error.message) == ("CallTooSlow", "still running after 0.1 s")


COROUTINES = """
import asyncio, time
async def sleeps(): await asyncio.sleep(100)
async def spins():
    while True: pass
async def blocks(): time.sleep(2)
async def yields():
    while True:
        await asyncio.sleep(1)
        yield 1
async def works(): return 5
"""


@needs_alarm
@pytest.mark.parametrize("name", ["sleeps", "spins", "blocks", "yields"])
def test_slow_coroutine_ends_and_the_next_one_runs(serve: Serve, name: str) -> None:
    student = serve(COROUTINES)
    assert slow(student, name).kind == "CallTooSlow"
    assert student.call("works", seconds=30) == 5


@pytest.mark.parametrize("name", ["sleeps", "spins", "blocks", "yields"])
def test_slow_coroutine_ends_in_another_thread(serve: Serve, name: str) -> None:
    student = serve(COROUTINES)
    (error,) = in_thread(lambda: student.call(name, seconds=0.1))
    assert isinstance(error, LearnerError)
    assert student.call("works", seconds=30) == 5
