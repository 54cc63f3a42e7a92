"""The one way to a plain kernel; that it runs notebooks is shown by the tests of the build and of `course check`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from nbformat.v4 import new_notebook

from courseware import kernels


def test_every_public_name_is_there() -> None:
    assert all(hasattr(kernels, name) for name in kernels.__all__)


def test_a_failing_cell_stops_the_notebook_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert not kernels.notebook_client(new_notebook(), tmp_path, seconds=5).allow_errors
    assert kernels.notebook_client(new_notebook(), tmp_path, seconds=5, allow_errors=True).allow_errors


ELSEWHERE = """
import asyncio, ctypes, subprocess, sys
sys.platform = "darwin"
for name in ("fcntl", "resource", "pwd", "termios"):
    sys.modules[name] = None
def no_library(*_, **__): raise TypeError("there is none by that name")
ctypes.CDLL = no_library
from courseware.kernels import notebook_client
"""


def test_plain_kernels_need_nothing_that_linux_alone_has() -> None:
    done = subprocess.run([sys.executable, "-c", ELSEWHERE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
