"""Starts programs as forks of a process that was itself forked before any learner's code ran.

A fresh Python needs more than a second to import a provider's SDK, and checks run a lab's program many times. The
process in between holds nothing open of its parent's and ends with it. It is trusted as much as the learner's code
beside it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import IO, NoReturn, Protocol

from courseware.kernels.program import Program, become_program

_STARTED_S = 60.0
_NUMBER_BYTES = 8
_FILES = 5  # what is asked, where to report, three streams


class Launch(Protocol):
    """What to start: see `courseware.checks.programs.Launch`."""

    @property
    def file(self) -> str: ...
    @property
    def arguments(self) -> Sequence[str]: ...
    @property
    def environment(self) -> Mapping[str, str]: ...
    @property
    def stdin(self) -> IO[bytes]: ...
    @property
    def out(self) -> IO[bytes]: ...
    @property
    def err(self) -> IO[bytes]: ...


class ProgramForks:
    """The process that programs are forks of."""

    def __init__(self) -> None:
        """Fork it. What this process is now, every program begins with."""
        self._end, theirs = socket.socketpair()
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            if stream is not None:
                with suppress(OSError, ValueError):
                    stream.flush()  # else every program would write it once more
        self._pid = os.fork()
        if self._pid == 0:
            _serve(theirs)
        theirs.close()

    def start(self, launch: Launch) -> ForkedProgram:
        """Start a program in the present folder. Raises OSError where the process in between is gone."""
        program = Program(launch.file, launch.arguments, dict(launch.environment), os.getcwd())  # noqa: PTH109
        report, theirs = socket.socketpair()
        with theirs, tempfile.TemporaryFile() as told:
            told.write(json.dumps(asdict(program)).encode())
            told.flush()
            streams = (launch.stdin, launch.out, launch.err)
            files = [told.fileno(), theirs.fileno(), *(stream.fileno() for stream in streams)]
            socket.send_fds(self._end, [b"p"], files)
        return ForkedProgram(report, launch.file)

    def close(self) -> None:
        """End it; a program that runs goes on."""
        self._end.close()
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)


class ForkedProgram:
    """A program that was started; as `subprocess.Popen`."""

    def __init__(self, report: socket.socket, file: str) -> None:
        self._report, self._file = report, file
        self._status: int | None = None
        report.settimeout(_STARTED_S)
        self._pid = self._number()
        if self._pid is None:
            raise ChildProcessError("the process that starts programs is gone")

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status, minus the signal's number where one ended it. Raises subprocess.TimeoutExpired."""
        if self._status is None:
            self._report.settimeout(timeout)
            try:
                number = self._number()
            except TimeoutError:
                raise subprocess.TimeoutExpired(self._file, timeout or 0.0) from None
            self._status = -signal.SIGKILL if number is None else number
            self._report.close()
        return self._status

    def kill(self) -> None:
        """End it, unless it has ended."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        if self._status is None and self._pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    def _number(self) -> int | None:
        """Return what is reported next; None where nobody is left to do so."""
        try:
            said = self._report.recv(_NUMBER_BYTES)
        except BlockingIOError:
            raise TimeoutError from None
        except ConnectionError:
            return None
        return int.from_bytes(said, "big", signed=True) if said else None


def _serve(end: socket.socket) -> NoReturn:
    """In between: fork one program after the other, report its number and then its status, until the parent is gone."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        asked = _alone_with(end)
        while len(files := socket.recv_fds(asked, 1, _FILES)[1]) == _FILES:
            _start(*files)
    finally:
        os._exit(0)


def _alone_with(end: socket.socket) -> socket.socket:
    """Close every other descriptor; standard streams lead nowhere."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    os.dup2(end.detach(), 3)
    os.closerange(4, 1 << 20)
    return socket.socket(fileno=3)


def _start(told: int, report: int, *streams: int) -> None:
    child = os.fork()
    if child == 0:
        with open(told, "rb") as file:
            file.seek(0)
            program = Program(**json.load(file))
        become_program(program, streams)
    for stream in (told, *streams):
        os.close(stream)
    with socket.socket(fileno=report) as to:
        _report(to, child)
        _report(to, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _report(to: socket.socket, number: int) -> None:
    with suppress(ConnectionError):  # who asked has stopped listening
        to.sendall(number.to_bytes(_NUMBER_BYTES, "big", signed=True))
