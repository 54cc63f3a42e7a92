"""A kernel in a sandbox: a root and namespaces of its own, an ordinary user, Landlock, seccomp, limits.

All of it or nothing: whatever cannot be had is a `SandboxFailed`. The supervisor stays in the host's network and
mounts, as the same ordinary user, and so can look at the kernel's processes and carry its one connection.
"""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from courseware.kernels.processes import die_with_parent
from courseware.kernels.request import KernelRequest
from courseware.kernels.sandbox.calls import drop_capabilities
from courseware.kernels.sandbox.entering import fork_closed_in
from courseware.kernels.sandbox.errors import ADVICE, SandboxFailed, part
from courseware.kernels.sandbox.landlock import Allowed, restrict
from courseware.kernels.sandbox.memory import Watch, require_children
from courseware.kernels.sandbox.namespaces import alone, become_user, own_mounts, own_users_and_pids
from courseware.kernels.sandbox.refused import EVERYWHERE
from courseware.kernels.sandbox.relay import HOST, Relay
from courseware.kernels.sandbox.rlimits import set_limits
from courseware.kernels.sandbox.root import HOME, TMP, Shown, build_root, check_readable, enter_root, open_sockets
from courseware.kernels.sandbox.scene import Become, Scene
from courseware.kernels.sandbox.seccomp import compile_filter, install_filter
from courseware.kernels.scratch import write_files

_BACKLOG = 128
_SUPERVISOR = 1  # is counted, too, in the namespace's processes
_IN_OWN_ROOT = Allowed(
    readable=["/"],
    writable=["/scratch", "/tmp", "/dev/shm"],  # noqa: S108 - the kernel's own
    devices=["/dev/null", "/dev/full", "/dev/random", "/dev/urandom", "/dev/pts"],
)


@dataclass(frozen=True)
class Sandbox:
    """What the sandboxes of one template have in common."""

    shown: Shown
    uids: Sequence[int]  # where the template is root, kernels become these users in turn
    program: bytes

    @classmethod
    def compile(cls, shown: Shown, uids: Sequence[int]) -> Sandbox:
        """Make what is made once. Raises SandboxFailed."""
        require_children()
        return cls(shown, uids, compile_filter(EVERYWHERE))

    def scene(self, turn: int, request: KernelRequest) -> Scene:
        """Begin the sandbox of the template's `turn`-th kernel. Raises SandboxFailed."""
        return ClosedScene(self, turn, request)


class ClosedScene:
    """One kernel's sandbox, seen from its supervisor."""

    def __init__(self, sandbox: Sandbox, turn: int, request: KernelRequest) -> None:
        self._sandbox, self._request = sandbox, request
        parent = os.getppid()
        size, speaks_jupyter = request.limits.scratch_bytes, request.jupyter is not None
        if os.geteuid() == 0:
            uid = sandbox.uids[turn % len(sandbox.uids)]
            own_mounts()
            self.folder = build_root(sandbox.shown, size, uid, sockets=speaks_jupyter)
            become_user(uid)
            die_with_parent(parent)  # forgotten when the user changed
            own_users_and_pids(with_mounts=False)
        else:
            own_users_and_pids(with_mounts=True)
            self.folder = build_root(sandbox.shown, size, os.geteuid(), sockets=speaks_jupyter)
        self.sockets = open_sockets() if speaks_jupyter else None
        check_readable(sandbox.shown)
        write_files(self.folder, request.files)
        self.watch = Watch(request.limits.memory_bytes, self.folder)
        self._listener: socket.socket | None = None

    def fork(self, become: Become, keep: Sequence[int]) -> int:
        """Make the kernel's process; return once it is closed in. Raises SandboxFailed."""
        pid, self._listener = fork_closed_in(
            self._enter,
            lambda: become({"HOME": HOME, "TMPDIR": TMP}),
            keep,
            gives_socket=self._request.port is not None,
        )
        return pid

    def relay(self, poll: select.poll) -> Relay | None:
        """Begin to serve the kernel's one port; None where it has none."""
        if self._listener is None or self._request.port is None:
            return None
        return Relay(poll, self._listener, self._request.port)

    def end_leftovers(self) -> None:
        """Nothing to do: everything in a pid namespace ends with its first process."""

    def remove(self) -> None:
        """Nothing to do: the disk is in memory, and goes with the last process that sees it."""
        os.close(self.folder)
        if self.sockets is not None:
            os.close(self.sockets)

    def _enter(self) -> socket.socket | None:
        """In the kernel's process: close it in, step by step."""
        alone()
        enter_root()
        listener = None if self._request.port is None else _listener(self._request.port)
        with part("limits on processes", ADVICE):
            set_limits(self._request.limits, self._request.limits.processes + _SUPERVISOR)
        restrict(_IN_OWN_ROOT)
        install_filter(self._sandbox.program)
        with part("giving up capabilities", ADVICE):
            drop_capabilities()
        return listener


def _listener(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except PermissionError:
        raise SandboxFailed(f"the kernel cannot have port {port}: ports below 1024 are root's. Use another") from None
    listener.listen(_BACKLOG)
    return listener
