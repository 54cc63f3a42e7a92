"""Whether this CPU can run the engine: its wheel is built for AVX2 and ends with SIGILL elsewhere."""

from __future__ import annotations

import os
import platform
import re
import sys
from pathlib import Path

import psutil

NEEDED = ("avx2", "fma", "bmi2", "f16c")
_MOST_THREADS = 8


def missing_features(cpuinfo: str) -> tuple[str, ...]:
    """Names of the needed features that the text of /proc/cpuinfo lacks; none where it lists no features."""
    flags = re.search(r"^flags\s*:(.*)$", cpuinfo, re.MULTILINE)
    return tuple(name for name in NEEDED if name not in flags[1].split()) if flags else ()


def missing_here() -> tuple[str, ...]:
    """The same for this machine. Only Linux on x86 is looked at; elsewhere the wheel is another one."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "AMD64"):
        return ()
    try:
        return missing_features(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ()


def threads() -> int:
    """OMP_NUM_THREADS, else the physical cores but one, so that a notebook goes on beside the engine."""
    named = os.environ.get("OMP_NUM_THREADS", "")
    if named.isdecimal() and int(named) > 0:
        return int(named)
    return max(1, min(_MOST_THREADS, (psutil.cpu_count(logical=False) or 1) - 1))
