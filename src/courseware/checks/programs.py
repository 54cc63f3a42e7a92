"""Runs a program the learner hands in, as a process of its own, and returns what it printed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

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
        process = subprocess.Popen(
            [sys.executable, file, *arguments], stdin=words, stdout=out, stderr=err, env=_environment(env)
        )
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
