"""What a command costs with everything that it starts: `python -m courseware.grading.bench.tree COMMAND …`.

Linux adds a process's time to its parent's account when the parent waits for it. So this process becomes the parent
of whatever is left behind, waits for all of it, and prints one line of JSON on standard error's last line.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from courseware.grading.errors import GradingError
from courseware.kernels import adopt_orphans


@dataclass(frozen=True)
class Spent:
    """CPU seconds (user and system) of a command and all its descendants, and the seconds it took."""

    cpu_s: float
    wall_s: float


def spend(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[Spent, str]:
    """Run a command to its end, and to that of all it started; return what that cost, and what it printed.

    Raises GradingError, with the last words, where it fails.
    """
    whole = [sys.executable, "-m", __spec__.name, *command]
    done = subprocess.run(whole, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False)
    *words, last = done.stderr.splitlines() or [""]
    if done.returncode:
        said = "; ".join(words[-3:]) or last
        raise GradingError(f"{' '.join(command[1:4])} ended with status {done.returncode} in {folder}: {said}")
    return Spent(**json.loads(last)), done.stdout


def main() -> int:
    """Run the command in `sys.argv` and account for it."""
    adopt_orphans()
    begun = time.monotonic()
    status = subprocess.run(sys.argv[1:], check=False).returncode
    wall_s = time.monotonic() - begun
    while _waited():
        pass
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"cpu_s": used.ru_utime + used.ru_stime, "wall_s": wall_s}), file=sys.stderr)
    return status


def _waited() -> bool:
    """Wait for one more child, adopted ones included; whether there was one."""
    try:
        os.wait()
    except ChildProcessError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
