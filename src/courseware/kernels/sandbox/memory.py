"""How much memory and processor time a kernel's whole process tree has used, without asking the tree.

A fork maps all of the template's pages, so what it counts as its own is an upper bound that costs nothing to read.
Only where that passes the limit are the pages walked (Pss: a page shared by n processes counts 1/n in each), which
takes milliseconds for every process. Page tables and the scratch disk count as well; see proc(5).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from courseware.kernels.sandbox.errors import SandboxFailed

_TICKS = os.sysconf("SC_CLK_TCK")
_COUNTED = ("RssAnon:", "RssShmem:", "VmPTE:", "VmSwap:")
_WALKED = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")


@dataclass(frozen=True)
class Used:
    """What a tree uses now; `memory_bytes` is exact once it comes near the limit."""

    memory_bytes: int
    cpu_s: float
    disk_bytes: int = 0  # where the disk is not in memory
    processes: int = 0  # threads included, where Linux does not count them for this kernel alone


class Watch:
    """Looks at one kernel's tree again and again."""

    def __init__(self, most_bytes: int, disk: int | None = None) -> None:
        """`disk` is an open descriptor of a disk in memory, whose contents count."""
        self._disk, self._most = disk, most_bytes
        self._inherited = _counted(os.getpid())
        self._walk_again = 0.0
        self.peak_bytes, self.cpu_s = 0, 0.0

    def look(self, pid: int) -> Used:
        """Return what the process `pid` and all below it use."""
        return self._used(list(tree(pid)))

    def _used(self, tree: list[int], ended_cpu_s: float = 0.0) -> Used:
        disk = 0 if self._disk is None else _disk(self._disk)
        counted = [_counted(one) for one in tree]
        own = sum(max(0, size - self._inherited) for size in counted) + disk
        memory = self._walked(tree) + disk if sum(counted) + disk > self._most else own
        self.peak_bytes = max(self.peak_bytes, memory)
        self.cpu_s = max(self.cpu_s, ended_cpu_s + sum(_cpu_s(one) for one in tree))
        return Used(memory, self.cpu_s)

    def _walked(self, tree: list[int]) -> int:
        """Walk the pages, but never spend more than a fifth of the time on it."""
        start = time.monotonic()
        if start < self._walk_again:
            return 0
        total = sum(_walked(one) for one in tree)
        self._walk_again = time.monotonic() + 4 * (time.monotonic() - start)
        return total


def require_children() -> None:
    """Raise SandboxFailed where Linux does not say which processes are below another."""
    if not Path(f"/proc/self/task/{os.getpid()}/children").exists():
        raise SandboxFailed("the sandbox cannot be had: /proc does not list children. Use a stock Linux kernel")


def tree(pid: int) -> Iterator[int]:
    """Yield the process `pid` and all below it."""
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += children(one)


def children(pid: int) -> list[int]:
    """Return the processes whose parent is `pid`, those that have ended and were not waited for included."""
    threads = threads_of(pid)
    return [int(child) for thread in threads for child in _text(f"/proc/{pid}/task/{thread}/children").split()]


def threads_of(pid: int) -> list[str]:
    """Return the threads of a process; none where it is gone."""
    return _listed(f"/proc/{pid}/task")


def _counted(pid: int) -> int:
    return _kilobytes(_text(f"/proc/{pid}/status"), _COUNTED)


def _walked(pid: int) -> int:
    """A process that hides its pages counts with all it has."""
    pages = _text(f"/proc/{pid}/smaps_rollup")
    if not pages:
        return _counted(pid)
    return _kilobytes(pages, _WALKED) + _kilobytes(_text(f"/proc/{pid}/status"), ("VmPTE:",))


def _cpu_s(pid: int) -> float:
    """Its own time and that of its children that have ended."""
    fields = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


def _disk(folder: int) -> int:
    disk = os.fstatvfs(folder)
    return (disk.f_blocks - disk.f_bfree) * disk.f_frsize


def _kilobytes(text: str, names: tuple[str, ...]) -> int:
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(names))


def _listed(folder: str) -> list[str]:
    try:
        return [one.name for one in Path(folder).iterdir()]
    except OSError:
        return []


def _text(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # it has ended meanwhile
