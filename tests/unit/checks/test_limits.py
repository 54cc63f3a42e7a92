"""Time limits, tried in a process of their own.

They raise in the middle of whatever runs, finalizers included. In this process that could be pytest itself or a later
test; there it can only be the cases of `limits_cases.py`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CASES = Path(__file__).with_name("limits_cases.py")


def test_calls_that_run_too_long_end_and_others_are_left_alone() -> None:
    # An interruption inside a finalizer is lost with a warning, as it should be: the next one comes soon.
    plugins = ["-p", "no:unraisableexception", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command = [sys.executable, "-m", "pytest", "-q", *plugins, str(CASES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert " passed" in done.stdout
