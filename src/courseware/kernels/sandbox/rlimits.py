"""Limits that Linux itself keeps, on each process; the supervisor keeps those on the whole tree."""

from __future__ import annotations

import resource
from pathlib import Path

from courseware.kernels.limits import Limits

_OPEN_FILES = 512
_CPU_MARGIN_S = 5


def set_limits(limits: Limits, processes: int) -> None:
    """Limit this process and what it starts. A process that asks for too much memory gets a MemoryError first.

    `processes` is the most that its user may have in its namespace, threads and what is there already included.
    """
    for what, most in {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NPROC: processes,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_CPU: int(limits.cpu_s) + _CPU_MARGIN_S,
        resource.RLIMIT_DATA: limits.memory_bytes + _mapped_data(),
        resource.RLIMIT_MEMLOCK: 1 << 16,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NICE: 0,
        resource.RLIMIT_RTPRIO: 0,
    }.items():
        lowered = most if (hard := resource.getrlimit(what)[1]) == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (lowered, lowered))
    # Should the machine itself run out of memory, this process goes before its owner.
    Path("/proc/self/oom_score_adj").write_text("1000", encoding="utf-8")


def _mapped_data() -> int:
    """Bytes of private writable mappings that came with the fork."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0
