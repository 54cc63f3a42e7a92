"""What a kernel leaves running, where no namespace ends with it: daemons, too, whose parents are gone.

A supervisor adopts whatever loses its parent below it (PR_SET_CHILD_SUBREAPER, prctl(2)), and so can count it while the
kernel runs, and end it afterwards. See proc(5) for what is read.
"""

from __future__ import annotations

import os
import resource
import signal
import stat
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from courseware.kernels.sandbox.memory import Used, Watch, children, threads_of, tree

_ENDING_S = 10.0
_MOST_ENTRIES, _MOST_DEPTH = 20_000, 64
_BLOCK_BYTES = 512  # of stat's st_blocks
_TOO_MUCH = 1 << 62


def end_descendants() -> None:
    """End every process below this one and wait for it. Raises TimeoutError where that comes to no end."""
    deadline = time.monotonic() + _ENDING_S
    while below := [pid for child in children(os.getpid()) for pid in tree(child)]:
        for pid in below:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _take_leave()
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(below)} processes of a kernel cannot be ended")


def _take_leave(kept: int | None = None) -> None:
    """Wait for children that have ended, but for `kept`."""
    for pid in children(os.getpid()):
        if pid != kept:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


class WatchOfDescendants(Watch):
    """Looks at all that is below this process, whoever's child it is, and at a folder on a disk."""

    def __init__(self, most_bytes: int, folder: Path) -> None:
        super().__init__(most_bytes)
        self._folder = folder
        self._walk_disk_again, self._disk_bytes = 0.0, 0

    def look(self, pid: int) -> Used:
        """Return what everything below this process uses; `pid`, its own child, may have ended."""
        _take_leave(kept=pid)
        below = [one for child in children(os.getpid()) for one in tree(child)]
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = self._used(below, ended.ru_utime + ended.ru_stime)
        processes = sum(len(threads_of(one)) for one in below)
        return replace(used, disk_bytes=self._disk_now(below), processes=processes)

    def _disk_now(self, below: list[int]) -> int:
        """Walk the folder, but never spend more than a fifth of the time on it."""
        start = time.monotonic()
        if start >= self._walk_disk_again:
            self._disk_bytes = _folder_bytes(self._folder) + _deleted_bytes(below, self._folder.stat().st_dev)
            self._walk_disk_again = time.monotonic() + 4 * (time.monotonic() - start)
        return self._disk_bytes


def _folder_bytes(folder: Path) -> int:
    """Return what the files below a folder take on the disk; too much where they are more than can be walked."""
    waiting, total, entries = [(str(folder), 0)], 0, 0
    while waiting:
        path, depth = waiting.pop()
        with suppress(OSError), os.scandir(path) as found:
            for entry in found:
                entries += 1
                if depth > _MOST_DEPTH or entries > _MOST_ENTRIES:
                    return _TOO_MUCH
                with suppress(OSError):
                    total += entry.stat(follow_symlinks=False).st_blocks * _BLOCK_BYTES
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append((entry.path, depth + 1))
    return total


def _deleted_bytes(below: list[int], disk: int) -> int:
    """Return what open files without a name take on a disk."""
    sizes = {}
    for pid in below:
        with suppress(OSError):
            for file in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    found = file.stat()
                    if found.st_dev == disk and not found.st_nlink and stat.S_ISREG(found.st_mode):
                        sizes[found.st_ino] = found.st_blocks * _BLOCK_BYTES
    return sum(sizes.values())
