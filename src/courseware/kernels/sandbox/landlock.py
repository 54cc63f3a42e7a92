"""Landlock: a second wall around files, should the first one have a hole; also keeps signals and sockets inside.

The layout of the structures and the meaning of the bits are those of linux/landlock.h; each version of the interface
knows more bits than the one before, and those that this Linux knows are all used.
"""

from __future__ import annotations

import os
import struct

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
_BITS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15}
_ALL_BITS = 16
_RULE_BELOW_PATH = 1
_SCOPE_SOCKETS_AND_SIGNALS = 0x3
_PR_SET_NO_NEW_PRIVS = 38
_ADVICE = "Use Linux 5.13 or later with landlock among its security modules (boot option lsm=landlock,...)"

_WRITABLE = ("/scratch", "/tmp", "/dev/shm")  # noqa: S108 - the kernel's own
_DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom", "/dev/pts")


def restrict_files() -> None:
    """From now on: read everything that is there, write the kernel's own disk alone. Raises SandboxFailed."""
    with part("Landlock", _ADVICE):
        version = syscall(LANDLOCK_CREATE_RULESET, None, 0, 1, what="landlock")
        every = (1 << _BITS_BY_VERSION.get(version, _ALL_BITS)) - 1
        rules = _new_rules(version, every)
        _allow(rules, "/", (_EXECUTE | _READ | _READ_FOLDER) & every)
        for path in _WRITABLE:
            _allow(rules, path, every & ~(_MAKE_CHAR | _MAKE_BLOCK | _IOCTL_DEVICE))
        for path in _DEVICES:
            _allow(rules, path, (_READ | _WRITE | _IOCTL_DEVICE) & every)
        prctl(_PR_SET_NO_NEW_PRIVS, 1, what="prctl(no_new_privs)")
        syscall(LANDLOCK_RESTRICT_SELF, rules, 0, what="landlock_restrict_self")
        os.close(rules)


def _new_rules(version: int, every: int) -> int:
    scoped = _SCOPE_SOCKETS_AND_SIGNALS if version >= 6 else 0
    attributes = struct.pack("QQQ", every, 0, scoped)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    return syscall(LANDLOCK_CREATE_RULESET, attributes, size, 0, what="landlock_create_ruleset")


def _allow(rules: int, path: str, access: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = struct.pack("=Qi", access, descriptor)
    syscall(LANDLOCK_ADD_RULE, rules, _RULE_BELOW_PATH, rule, 0, what=f"landlock_add_rule {path}")
    os.close(descriptor)
