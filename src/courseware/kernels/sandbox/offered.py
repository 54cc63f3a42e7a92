"""What this machine offers of which a sandbox is made, part by part.

Run as a program it tries each part in a process that does nothing else, and prints JSON; `offered` asks it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass

from courseware.kernels.sandbox.errors import SandboxFailed
from courseware.kernels.sandbox.landlock import landlock_version
from courseware.kernels.sandbox.lesser import LEAST_LANDLOCK
from courseware.kernels.sandbox.namespaces import alone, become_user, own_mounts, own_users_and_pids
from courseware.kernels.sandbox.refused import WITHOUT_NAMESPACES
from courseware.kernels.sandbox.seccomp import compile_filter

_TRY_S = 30


@dataclass(frozen=True)
class Offered:
    """One part: whether it is there, and what was seen."""

    name: str
    there: bool
    detail: str


def offered(uid: int) -> list[Offered]:
    """Return what this machine offers to kernels; as root they are the user `uid`."""
    command = [sys.executable, "-m", "courseware.kernels.sandbox.offered", str(uid)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_TRY_S)
    return [Offered(**one) for one in json.loads(done.stdout)]


def _namespaces(uid: int) -> str:
    if os.geteuid() == 0:
        own_mounts()
        become_user(uid)
    own_users_and_pids(with_mounts=True)
    pid = os.fork()  # process 1 of the new namespace, in which nothing else can be started
    if pid == 0:
        try:
            alone()
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(pid, 0)[1]:
        raise SandboxFailed("a process alone in its network cannot be had. Use a stock Linux kernel")
    return "user, process, mount, network, ipc and uts namespaces can be made"


def _landlock(_: int) -> str:
    version = landlock_version()
    more = "" if version >= LEAST_LANDLOCK else f"; the lesser sandbox needs version {LEAST_LANDLOCK} (Linux 6.12)"
    return f"version {version}{more}"


def _seccomp(_: int) -> str:
    compile_filter(WITHOUT_NAMESPACES)
    with open("/proc/self/status", encoding="utf-8") as status:  # noqa: PTH123 - read by lines
        if not any(line.startswith("Seccomp:") for line in status):
            raise SandboxFailed("this Linux has no seccomp filters. Use a stock Linux kernel")
    return "filters can be made"


# Namespaces come last: who has left his own is no longer who he was.
_PARTS: dict[str, Callable[[int], str]] = {"Landlock": _landlock, "seccomp": _seccomp, "namespaces": _namespaces}


def _try(name: str, uid: int) -> Offered:
    try:
        return Offered(name, True, _PARTS[name](uid))
    except SandboxFailed as failed:
        return Offered(name, False, str(failed))


if __name__ == "__main__":
    print(json.dumps([asdict(_try(name, int(sys.argv[1]))) for name in _PARTS]))
