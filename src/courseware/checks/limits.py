"""Stops a call of the learner's code that runs too long, on every platform.

In the main thread of a POSIX process an alarm interrupts even a blocking call. Elsewhere a timer raises inside the
calling thread, which stops Python code at its next instruction; a call blocked in C ends when it returns. Grading
adds a limit from outside the process; this one is for the notebook.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import threading
from collections.abc import Iterator
from types import FrameType

_AGAIN_S = 0.5  # code that swallows the interruption is interrupted again


class CallTooSlow(BaseException):
    """The call passed its time limit; not an `Exception`, so that a broad `except` does not swallow it."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `CallTooSlow` in the block once it has run for `seconds`."""
    on_main_thread = threading.current_thread() is threading.main_thread()
    with _alarm(seconds) if on_main_thread and hasattr(signal, "setitimer") else _timer(seconds):
        yield


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    running = True

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        if running:
            raise CallTooSlow

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_S)
    try:
        try:
            yield
        finally:  # an alarm that comes just here still meets the clean-up below
            running = False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@contextlib.contextmanager
def _timer(seconds: float) -> Iterator[None]:
    thread = ctypes.c_ulong(threading.get_ident())
    done, lock = threading.Event(), threading.Lock()

    def interrupt() -> None:
        wait = seconds
        while not done.wait(wait):
            with lock:  # never raise into code that runs after the block
                if not done.is_set():
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(CallTooSlow))
            wait = _AGAIN_S

    threading.Thread(target=interrupt, daemon=True).start()
    try:
        yield
    finally:
        with lock:
            done.set()
            ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, None)
