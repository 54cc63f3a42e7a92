"""Stops a call of the learner's code that runs too long, on every platform.

In the main thread of a POSIX process an alarm interrupts even a blocking call. Elsewhere a timer raises inside the
calling thread, which stops Python code at its next instruction; a call blocked in C ends when it returns. Code that
takes the alarm for itself, or swallows every exception around a blocking call outside the main thread, is not
stopped: grading adds a limit from outside the process; this one is for the notebook.
"""

from __future__ import annotations

import ctypes
import signal
import threading
import time
from contextlib import AbstractContextManager
from types import FrameType, TracebackType
from typing import Any

_AGAIN_S = 0.5  # code that swallows the interruption is interrupted again
_PATIENT = 3  # interruptions that far apart; then they come so close that one meets the `except` clause itself


class CallTooSlow(BaseException):
    """The call passed its time limit; not an `Exception`, so that a broad `except` does not swallow it."""


def time_limit(seconds: float) -> AbstractContextManager[None]:
    """Return a block in which `CallTooSlow` is raised once it has run for `seconds`.

    The block ends with `CallTooSlow` even where the code in it swallowed that exception and went on.
    """
    on_main_thread = threading.current_thread() is threading.main_thread()
    return _Alarm(seconds) if on_main_thread and hasattr(signal, "setitimer") else _Timer(seconds)


class _Alarm(AbstractContextManager[None]):
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._open, self._raised = False, 0

    def __enter__(self) -> None:
        self._open, self._start = True, time.monotonic()
        self._handler = signal.signal(signal.SIGALRM, self._interrupt)
        self._timer = signal.setitimer(signal.ITIMER_REAL, self._seconds, _AGAIN_S)

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._open = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        # None is a handler that was not set from Python; it cannot be put back.
        signal.signal(signal.SIGALRM, signal.SIG_DFL if self._handler is None else self._handler)
        left, interval = self._timer
        if left:  # somebody else's alarm, pytest-timeout's for example, runs on
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - self._start), 0.001), interval)
        _insist(self._raised, kind)

    def _interrupt(self, _signal: int, frame: FrameType | None) -> None:
        # An alarm that finds this module at work (setting up, or about to clean up) must not break it off.
        if not self._open or (frame is not None and frame.f_globals is globals()):
            return
        self._raised += 1
        if self._raised > _PATIENT:
            signal.setitimer(signal.ITIMER_REAL, (5 + self._raised % 50) * 1e-6, 0.001)
        raise CallTooSlow


class _Timer(AbstractContextManager[None]):
    def __init__(self, seconds: float) -> None:
        self._interruptions = _Interruptions(seconds, threading.get_ident())

    def __enter__(self) -> None:
        threading.Thread(target=self._interruptions.run, daemon=True).start()

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        try:
            self._interruptions.end()
        except CallTooSlow:  # it came just here; the next one is far off
            self._interruptions.end()
        _insist(self._interruptions.raised, kind)

    def __del__(self) -> None:
        self._interruptions.end()  # for the one that came before the first line of `__exit__`


class _Interruptions:
    """Raises `CallTooSlow` in a thread after `seconds` and again until told to end."""

    def __init__(self, seconds: float, thread: int) -> None:
        self._seconds, self._thread = seconds, thread
        self._done, self._lock, self.raised = threading.Event(), threading.RLock(), 0

    def run(self) -> None:
        """Run in a thread of its own."""
        wait = self._seconds
        while not self._done.wait(wait):
            with self._lock:  # never raise into code that runs after the block
                if not self._done.is_set():
                    self.raised += 1
                    raise_in(self._thread, CallTooSlow)
            wait = _AGAIN_S if self.raised < _PATIENT else 0.01 * (1 + self.raised % 3)

    def end(self) -> None:
        """Raise no more, and take back what has not arrived."""
        with self._lock:
            if not self._done.is_set():
                self._done.set()
                raise_in(self._thread, None)


def raise_in(thread: int, kind: type[BaseException] | None) -> None:
    """Raise `kind` in the thread of that identifier at its next instruction; None takes back what is pending."""
    error: Any = None if kind is None else ctypes.py_object(kind)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), error)


def _insist(raised: int, kind: type[BaseException] | None) -> None:
    """End the block as too slow where it was interrupted, unless a person did so too."""
    if raised and (kind is None or not issubclass(kind, (CallTooSlow, KeyboardInterrupt))):
        raise CallTooSlow
