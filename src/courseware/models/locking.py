"""One writer at a time in a store. The operating system drops the lock when its holder dies."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt

    def _try_lock(stream: BinaryIO) -> None:
        stream.seek(0)
        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(stream: BinaryIO) -> None:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _got(stream: BinaryIO) -> bool:
    try:
        _try_lock(stream)
    except (BlockingIOError, PermissionError):  # Windows says "permission denied" for a lock held elsewhere
        return False
    return True


@contextmanager
def locked(path: Path, on_wait: Callable[[], None], poll_s: float = 0.1) -> Iterator[None]:
    """Hold the lock file; `on_wait` is called once if another process has it. The file itself stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        if not _got(stream):
            on_wait()
            while not _got(stream):
                time.sleep(poll_s)
        yield
