"""Landlock: what a process may read and write, which TCP ports it may reach, and that its signals stay inside.

In the full sandbox it is a second wall, should the first one have a hole; in the lesser one it is the wall. The layout
of the structures and the meaning of the bits are those of linux/landlock.h; each version of the interface knows more
bits than the one before, and those that this Linux knows are all used.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from courseware.kernels.sandbox.calls import (
    LANDLOCK_ADD_RULE,
    LANDLOCK_CREATE_RULESET,
    LANDLOCK_RESTRICT_SELF,
    prctl,
    syscall,
)
from courseware.kernels.sandbox.errors import part

_EXECUTE, _WRITE, _READ, _READ_FOLDER = 0x1, 0x2, 0x4, 0x8
_MAKE_CHAR, _MAKE_BLOCK, _TRUNCATE, _IOCTL_DEVICE = 0x40, 0x800, 0x4000, 0x8000
_OF_A_FILE = _EXECUTE | _WRITE | _READ | _TRUNCATE | _IOCTL_DEVICE
_BITS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15}
_ALL_BITS = 16
_BIND_TCP, _CONNECT_TCP = 0x1, 0x2
_RULE_BELOW_PATH, _RULE_PORT = 1, 2
_SCOPE_SOCKETS_AND_SIGNALS = 0x3
_PR_SET_NO_NEW_PRIVS = 38
_ADVICE = "Use Linux 5.13 or later with landlock among its security modules (boot option lsm=landlock,...)"


@dataclass(frozen=True)
class Allowed:
    """What is left to a process; paths that are folders stand for all below them.

    `ports` are those that it may reach by TCP, on whatever machine; None leaves the network alone.
    """

    readable: Sequence[str | Path]
    writable: Sequence[str | Path]
    devices: Sequence[str | Path]
    ports: Sequence[int] | None = None


def landlock_version() -> int:
    """Return the version of the interface that this Linux has. Raises SandboxFailed."""
    with part("Landlock", _ADVICE):
        return syscall(LANDLOCK_CREATE_RULESET, None, 0, 1, what="landlock")


def restrict(allowed: Allowed) -> None:
    """From now on this process and all below it may do no more than `allowed`. Raises SandboxFailed."""
    version = landlock_version()
    with part("Landlock", _ADVICE):
        every = (1 << _BITS_BY_VERSION.get(version, _ALL_BITS)) - 1
        rules = _new_rules(version, every, with_network=allowed.ports is not None)
        for path in allowed.readable:
            _allow(rules, path, (_EXECUTE | _READ | _READ_FOLDER) & every)
        for path in allowed.writable:
            _allow(rules, path, every & ~(_MAKE_CHAR | _MAKE_BLOCK | _IOCTL_DEVICE))
        for path in allowed.devices:
            _allow(rules, path, (_READ | _WRITE | _IOCTL_DEVICE) & every)
        for port in allowed.ports or ():
            rule = struct.pack("=QQ", _CONNECT_TCP, port)
            syscall(LANDLOCK_ADD_RULE, rules, _RULE_PORT, rule, 0, what=f"landlock_add_rule port {port}")
        prctl(_PR_SET_NO_NEW_PRIVS, 1, what="prctl(no_new_privs)")
        syscall(LANDLOCK_RESTRICT_SELF, rules, 0, what="landlock_restrict_self")
        os.close(rules)


def _new_rules(version: int, every: int, *, with_network: bool) -> int:
    network = _BIND_TCP | _CONNECT_TCP if with_network else 0
    scoped = _SCOPE_SOCKETS_AND_SIGNALS if version >= 6 else 0
    attributes = struct.pack("QQQ", every, network, scoped)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    return syscall(LANDLOCK_CREATE_RULESET, attributes, size, 0, what="landlock_create_ruleset")


def _allow(rules: int, path: str | Path, access: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
        access &= _OF_A_FILE
    rule = struct.pack("=Qi", access, descriptor)
    syscall(LANDLOCK_ADD_RULE, rules, _RULE_BELOW_PATH, rule, 0, what=f"landlock_add_rule {path}")
    os.close(descriptor)
