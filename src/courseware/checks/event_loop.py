"""Runs the learner's coroutines in one event loop, in a thread of its own.

A notebook's own loop is busy running the cell that checks. And a client made in one call is tied to its loop, so all
calls in a process share this one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import wait
from functools import cache
from typing import Any

from courseware.checks.limits import CallTooSlow, raise_in

_GRACE_S = 0.2  # for a loop to answer once its coroutine is cancelled
_POLL_S = 0.05  # how often a waiting thread can be interrupted where no alarm reaches it


def event_loop() -> EventLoop:
    """Return the loop of this process; a fork does not inherit the thread of its parent's."""
    return _loop_of(os.getpid())


@cache
def _loop_of(_process: int) -> EventLoop:
    return EventLoop()


class EventLoop:
    """One event loop and its thread, made on first need and again when the learner's code blocks them for good."""

    def __init__(self) -> None:
        self._running: _Running | None = None

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run `coroutine` to its end and return its result."""
        if self._running is None:
            self._running = _Running()
            self._running.start()
        future = asyncio.run_coroutine_threadsafe(coroutine, self._running.loop)
        try:
            while not wait([future], _POLL_S).done:
                pass
            return future.result()
        except BaseException:
            if not future.done():
                future.cancel()
                self._leave_if_stuck(self._running)
            raise

    def _leave_if_stuck(self, running: _Running) -> None:
        """Have the next call use a new loop where this one does not answer, as under a coroutine that never awaits."""
        answered = threading.Event()
        running.loop.call_soon_threadsafe(answered.set)
        try:
            answered.wait(_GRACE_S)
        finally:  # the next interruption may come while it waits
            if not answered.is_set():
                self._running = None
                running.leave()


class _Running(threading.Thread):
    """A thread that runs a loop until told to leave it."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.loop = asyncio.new_event_loop()
        # What a learner's forgotten task raises would be logged at any later time, onto stderr of a graded cell.
        self.loop.set_exception_handler(lambda _loop, _context: None)
        self._left, self._ended, self._lock = False, False, threading.Lock()

    def run(self) -> None:
        """Run in the thread."""
        for _ in range(2):  # `leave` interrupts once, wherever the thread is by then
            with contextlib.suppress(CallTooSlow):
                self._serve()
        with contextlib.suppress(RuntimeError):  # the interruption left it as if it were running
            self.loop.close()

    def leave(self) -> None:
        """End the thread, now or as soon as the code that blocks it returns."""
        self._left = True
        self.loop.call_soon_threadsafe(self.loop.stop)
        with self._lock:
            if not self._ended and self.ident is not None:
                raise_in(self.ident, CallTooSlow)

    def _serve(self) -> None:
        while not (self._left or self.loop.is_closed()):
            # `sys.exit()` in a task leaves here, and so does `stop()`; asyncio has told the task's future.
            with contextlib.suppress(BaseException):
                self.loop.run_forever()
        with self._lock:
            self._ended = True
            raise_in(threading.get_ident(), None)
