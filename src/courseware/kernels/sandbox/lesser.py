"""A kernel among the machine's other processes, closed in by Landlock, seccomp, limits and a watch.

For hosts that forbid namespaces, as many containers do; never taken unless asked for. What it gives up beside the full
sandbox stands in docs/concepts/grading.md. Its user is one of its own where the template is root.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from courseware.kernels.processes import adopt_orphans, die_with_parent
from courseware.kernels.protocol import ChannelClosed
from courseware.kernels.request import KernelRequest
from courseware.kernels.sandbox.calls import drop_capabilities
from courseware.kernels.sandbox.descendants import WatchOfDescendants, end_descendants
from courseware.kernels.sandbox.entering import fork_closed_in
from courseware.kernels.sandbox.errors import ADVICE, SandboxFailed, part
from courseware.kernels.sandbox.landlock import Allowed, landlock_version, restrict
from courseware.kernels.sandbox.memory import Watch, require_children, threads_of
from courseware.kernels.sandbox.namespaces import become_user
from courseware.kernels.sandbox.refused import WITHOUT_NAMESPACES
from courseware.kernels.sandbox.relay import Relay
from courseware.kernels.sandbox.rlimits import set_limits
from courseware.kernels.sandbox.root import DEVICES, Shown
from courseware.kernels.sandbox.scene import Become, Scene
from courseware.kernels.sandbox.seccomp import compile_filter, install_filter
from courseware.kernels.scratch import write_files

LEAST_LANDLOCK = 6  # the first that keeps signals inside
_PROC = ("cpuinfo", "filesystems", "loadavg", "meminfo", "self", "stat", "uptime", "version")
# The watch counts for each kernel; this is for a burst between two looks, and counts for the whole user.
_BURST_OF_PROCESSES = 2


@dataclass(frozen=True)
class LesserSandbox:
    """What the lesser sandboxes of one template have in common."""

    readable: Sequence[Path]
    needed: Sequence[Path]
    uids: Sequence[int]  # where the template is root, kernels become these users in turn
    program: bytes

    @classmethod
    def compile(cls, shown: Shown, uids: Sequence[int]) -> LesserSandbox:
        """Make what is made once. Raises SandboxFailed."""
        require_children()
        version = landlock_version()
        if version < LEAST_LANDLOCK:
            raise SandboxFailed(
                f"the lesser sandbox cannot be had: this Linux has version {version} of Landlock, and {LEAST_LANDLOCK} "
                "is the first that keeps signals inside. Use Linux 6.12 or later, or a host that allows namespaces"
            )
        readable = [path for place in shown.places for path in _without(place.resolve(), shown.hidden)]
        needed = [path for path in shown.needed if path.exists()]
        return cls(readable, needed, uids, compile_filter(WITHOUT_NAMESPACES))

    def scene(self, turn: int, request: KernelRequest) -> Scene:
        """Begin the sandbox of the template's `turn`-th kernel. Raises SandboxFailed."""
        return LesserScene(self, turn, request)


class LesserScene:
    """One kernel's lesser sandbox, seen from its supervisor."""

    sockets: int | None = None

    def __init__(self, sandbox: LesserSandbox, turn: int, request: KernelRequest) -> None:
        if request.jupyter is not None:
            raise SandboxFailed("a kernel that speaks Jupyter's protocol is only to be had in the full sandbox")
        self._sandbox, self._request = sandbox, request
        parent = os.getppid()
        self._uid_lock = _become_a_user(sandbox.uids, turn) if os.geteuid() == 0 else None
        _end_orderly_with(parent)
        with part("adopting orphans", ADVICE):
            adopt_orphans()
        _check_readable(sandbox.needed)
        self._path = Path(tempfile.mkdtemp(prefix="kernel-"))
        self._home, self._temporary = self._path / "lab", self._path / "tmp"
        for folder in (self._home, self._temporary):
            folder.mkdir(mode=0o700)
        self.folder = os.open(self._home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        write_files(self.folder, request.files)
        self.watch: Watch = WatchOfDescendants(request.limits.memory_bytes, self._path)

    def fork(self, become: Become, keep: Sequence[int]) -> int:
        """Make the kernel's process; return once it is closed in. Raises SandboxFailed."""
        variables = {"HOME": str(self._home), "TMPDIR": str(self._temporary)}
        try:
            return fork_closed_in(self._enter, lambda: become(variables), keep)[0]
        except SandboxFailed:
            self.remove()
            raise

    def relay(self, _: select.poll) -> Relay | None:
        """Serve nothing: the kernel is in the host's network, and Landlock knows its one port."""
        return None

    def end_leftovers(self) -> None:
        """End what was started below the kernel, daemons included."""
        end_descendants()

    def remove(self) -> None:
        """Remove the folder, whatever is in it."""
        os.close(self.folder)
        for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
            subprocess.run([*command, "--", str(self._path)], check=False, stderr=subprocess.DEVNULL)

    def _enter(self) -> None:
        """In the kernel's process: close it in, step by step."""
        limits = self._request.limits
        os.chdir(self._home)
        with part("limits on processes", ADVICE):
            others = 1 if self._uid_lock else _processes_of(os.geteuid())
            set_limits(limits, others + _BURST_OF_PROCESSES * limits.processes)
        ports = () if self._request.port is None else (self._request.port,)
        system = [path for name in _PROC if (path := Path("/proc", name)).exists()]
        devices = [Path("/dev", name) for name in DEVICES]
        restrict(Allowed([*self._sandbox.readable, *system], [self._path], devices, ports))
        install_filter(self._sandbox.program)
        with part("giving up capabilities", ADVICE):
            drop_capabilities()


def _become_a_user(uids: Sequence[int], turn: int) -> socket.socket:
    """As root: become the first user from `turn` on that no kernel is; return what keeps others from it.

    A name in Linux's abstract space is that: one process can have it, and it is free again when that ends.
    """
    for place in range(len(uids)):
        uid = uids[(turn + place) % len(uids)]
        lock = socket.socket(socket.AF_UNIX)
        try:
            lock.bind(f"\0courseware-kernel-of-{uid}")
        except OSError:
            lock.close()
            continue
        become_user(uid)
        return lock
    raise SandboxFailed(f"the sandbox cannot be had: all of {len(uids)} users are taken. Run fewer workers")


def _end_orderly_with(parent: int) -> None:
    """Have this process told, not killed, when its parent ends: it has processes and a folder to clear away."""

    def end(*_: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise ChannelClosed("the template is gone")

    signal.signal(signal.SIGTERM, end)
    die_with_parent(parent, signal.SIGTERM)


def _check_readable(needed: Sequence[Path]) -> None:
    for path in needed:
        if not os.access(path, os.R_OK | (os.X_OK if path.is_dir() else 0), effective_ids=True):
            raise SandboxFailed(
                f"the lesser sandbox cannot be had: user {os.geteuid()} may not read {path}. Let everybody read it and "
                "enter the folders above it, or grade as an ordinary user"
            )


def _without(place: Path, hidden: Sequence[Path]) -> Iterator[Path]:
    """Yield what stands for `place` where `hidden` is left out: itself, or what else is in it, but no links."""
    if any(place.is_relative_to(folder) for folder in hidden):
        return
    if not any(folder.is_relative_to(place) for folder in hidden):
        yield place
        return
    for below in sorted(place.iterdir()):
        if not below.is_symlink():
            yield from _without(below, hidden)


def _processes_of(uid: int) -> int:
    """Return how many processes and threads a user has, as Linux counts them for its limit."""
    total = 0
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            if folder.name.isdecimal() and folder.stat().st_uid == uid:
                total += len(threads_of(int(folder.name)))
    return total
