"""What Linux says about processes: their parents' end, their memory and time, how they ended."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
# Other systems import this module too, for plain kernels; not all of them have a library by no name.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(parent: int | None = None, by: signal.Signals = signal.SIGKILL) -> None:
    """Have this process signalled when the thread that made it ends; end it where `parent` has ended already."""
    assert _libc is not None
    if _libc.prctl(_PR_SET_PDEATHSIG, by, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def thread_names() -> list[str]:
    """Return the names of this process's threads, C libraries' included; more than one and a fork may hang."""
    return [(thread / "comm").read_text(encoding="utf-8").strip() for thread in Path("/proc/self/task").iterdir()]


def ending_text(code: int | None) -> str:
    """Return how a process ended, from its exit code as `subprocess` gives it; None is still there."""
    if code is None:
        return "closed its connection"
    return f"exited with status {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"


def adopt_orphans() -> None:
    """Become the parent of what this process's descendants leave behind, so that it can be waited for."""
    assert _libc is not None
    if _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")
