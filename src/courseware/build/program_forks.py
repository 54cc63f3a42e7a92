"""Starts a program as a fork of this process, in which its libraries are imported already.

A fresh Python needs more than a second to import a provider's SDK; planted answers and mutants run a lab's program
thousands of times. What the program can see is what it would see in a fresh Python, its libraries' own state apart.
"""

from __future__ import annotations

import atexit
import gc
import io
import os
import runpy
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

from courseware.checks.programs import Launch

_POLL_S = 0.002


class ForkedProgram:
    """A child of this process that runs a program."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._status: int | None = None
        self._pid = os.fork()
        if self._pid == 0:
            _become(launch)

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status, minus the signal's number where one ended it. Raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self._status is None:
            pid, ended = os.waitpid(self._pid, 0 if deadline is None else os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(ended)
            elif deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self._launch.file, timeout or 0.0)
            else:
                time.sleep(_POLL_S)
        return self._status

    def kill(self) -> None:
        """End it, unless it has ended."""
        if self._status is None:
            os.kill(self._pid, signal.SIGKILL)


def _become(launch: Launch) -> None:
    """Turn this child into the program; it never returns."""
    status = 70  # what no program here means to say
    try:
        _take_over(launch)
        status = _status_of(launch.file)
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


def _take_over(launch: Launch) -> None:
    """Replace everything of the parent's that a program can see: signals, streams, environment, arguments, paths."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    atexit._clear()  # not ours to run
    gc.freeze()
    for number, stream in enumerate((launch.stdin, launch.out, launch.err)):
        os.dup2(stream.fileno(), number)
    given, out, err = (open(number, mode, closefd=False) for number, mode in enumerate(("rb", "wb", "wb")))  # noqa: SIM115
    streams = {
        "stdin": io.TextIOWrapper(given, "utf-8"),
        "stdout": io.TextIOWrapper(out, "utf-8"),
        "stderr": io.TextIOWrapper(err, "utf-8", errors="backslashreplace", line_buffering=True),
    }
    for name, text in streams.items():
        setattr(sys, name, text)
        setattr(sys, f"__{name}__", text)
    os.environ.clear()
    os.environ.update(launch.environment)
    sys.argv = [launch.file, *launch.arguments]
    sys.path.insert(0, str(Path.cwd()))


def _status_of(file: str) -> int:
    """Run the file as `__main__` and return its exit status."""
    try:
        runpy.run_path(file, run_name="__main__")
    except SystemExit as leaving:
        if leaving.code is None or isinstance(leaving.code, int):
            return (leaving.code or 0) & 0xFF
        print(leaving.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0
