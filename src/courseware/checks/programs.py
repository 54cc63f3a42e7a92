"""Runs a program the learner hands in, as a process of its own, and returns what it printed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from courseware.checks.limits import CallTooSlow

MOST_PRINTED = 200_000
# What Python and its libraries need to start; the rest of the notebook's environment, keys included, stays out.
_PASSED_ON = (
    "HOME",
    "LANG",
    "LC_ALL",
    "PATH",
    "SYSTEMROOT",
    "TEMP",
    "TIKTOKEN_CACHE_DIR",
    "TMPDIR",
    "USERPROFILE",
    "VIRTUAL_ENV",
)


@dataclass(frozen=True)
class Launch:
    """A program about to start: its file and arguments, its whole environment, and open files for its three streams."""

    file: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    stdin: IO[bytes]
    out: IO[bytes]
    err: IO[bytes]


class Running(Protocol):
    """A program that was started; `subprocess.Popen` is one."""

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status. Raises subprocess.TimeoutExpired."""

    def kill(self) -> None:
        """End it; nothing happens where it has ended."""


def start_process(launch: Launch) -> Running:
    """Start the program in a fresh Python."""
    command = [sys.executable, launch.file, *launch.arguments]
    return subprocess.Popen(
        command, stdin=launch.stdin, stdout=launch.out, stderr=launch.err, env=dict(launch.environment)
    )


_start: list[Callable[[Launch], Running]] = [start_process]


@contextlib.contextmanager
def programs_started_by(start: Callable[[Launch], Running]) -> Iterator[None]:
    """Have `start` start the programs of a block: who runs a lab a thousand times has a way that is quicker."""
    _start.append(start)
    try:
        yield
    finally:
        _start.pop()


def run_program(
    file: str, arguments: Sequence[str], stdin: str, env: Mapping[str, str], seconds: float
) -> tuple[int, str, str]:
    """Return (exit status, standard output, standard error), each text cut to MOST_PRINTED characters.

    Raises FileNotFoundError where there is no such file here, CallTooSlow after `seconds`.
    """
    if Path(file).name != file or not Path(file).is_file():
        raise FileNotFoundError(f"there is no file {file!r} beside the notebook; run the cell that writes it")
    # Files, not pipes: a grandchild that keeps a pipe open would keep us waiting after the program's end.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as words:
        words.write(stdin.encode())
        words.seek(0)
        process = _start[-1](Launch(file, arguments, _environment(env), words, out, err))
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise CallTooSlow from None
        finally:
            process.kill()
            process.wait()
        return status, _read(out), _read(err)


def _environment(env: Mapping[str, str]) -> dict[str, str]:
    base = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**base, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1", "NO_PROXY": "127.0.0.1,localhost", **env}


def _read(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read(4 * MOST_PRINTED).decode("utf-8", "replace")[:MOST_PRINTED]
