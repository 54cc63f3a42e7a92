"""Where one kernel runs, seen from its supervisor."""

from __future__ import annotations

import os
import select
import shutil
import signal
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NoReturn, Protocol

from courseware.kernels.request import KernelRequest
from courseware.kernels.sandbox.errors import SandboxFailed
from courseware.kernels.sandbox.memory import Watch
from courseware.kernels.sandbox.relay import Relay
from courseware.kernels.scratch import write_files

# What a fork turns into, given the variables that name its folders.
Become = Callable[[Mapping[str, str]], NoReturn]


class Scene(Protocol):
    """A folder, and a process in it."""

    folder: int  # an open descriptor of the kernel's own folder
    sockets: int | None  # one of the folder where a kernel that speaks Jupyter's protocol listens
    watch: Watch

    def fork(self, become: Become, keep: Sequence[int]) -> int:
        """Make the kernel's process, which becomes what it is to be with no descriptors but `keep`; return its id."""

    def relay(self, poll: select.poll, /) -> Relay | None:
        """Begin to serve the one port that the kernel may reach, where that needs serving."""

    def end_leftovers(self) -> None:
        """End what the kernel's end does not end by itself."""

    def remove(self) -> None:
        """Leave nothing on any disk."""


class OpenScene:
    """No sandbox at all: for code of our own, to measure what the sandbox costs."""

    def __init__(self, request: KernelRequest) -> None:
        if request.jupyter is not None:
            raise SandboxFailed("a kernel that speaks Jupyter's protocol is only to be had in a sandbox")
        self.sockets: int | None = None
        self._path = tempfile.mkdtemp(prefix="kernel-")
        self.folder = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY)
        self.watch = Watch(request.limits.memory_bytes)
        self._pid = 0
        write_files(self.folder, request.files)

    def fork(self, become: Become, keep: Sequence[int]) -> int:
        self._pid = os.fork()
        if self._pid == 0:
            os.setpgid(0, 0)
            os.chdir(self._path)
            close_all_but(keep)
            become({"HOME": self._path, "TMPDIR": self._path})
        return self._pid

    def relay(self, _: select.poll) -> Relay | None:
        return None  # it is in the host's network

    def end_leftovers(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)

    def remove(self) -> None:
        shutil.rmtree(self._path, ignore_errors=True)


def close_all_but(keep: Sequence[int]) -> None:
    """Close every descriptor above the standard ones that is not in `keep`, and empty standard input."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    last = 2
    for number in sorted(keep):
        os.closerange(last + 1, number)
        last = number
    os.closerange(last + 1, 1 << 20)
