"""System calls that Python's library has no name for; their numbers are in asm-generic/unistd.h."""

from __future__ import annotations

import ctypes
import os
from typing import Any

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = [ctypes.c_char_p] * 3 + [ctypes.c_ulong, ctypes.c_char_p]
_libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4

MOUNT_SETATTR = 442
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446


def checked(result: int, what: str) -> int:
    """Return what a call of libc returned. Raises OSError named for `what` where that is a failure."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(number: int, *arguments: Any, what: str) -> int:
    """Make a call by number. Raises OSError."""
    return checked(_libc.syscall(ctypes.c_long(number), *arguments), what)


def prctl(option: int, *arguments: int, what: str) -> None:
    """Set something of this process. Raises OSError."""
    checked(_libc.prctl(option, *(list(arguments) + [0] * (4 - len(arguments)))), what)


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """Mount something. Raises OSError."""
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, options)]
    checked(_libc.mount(texts[0], texts[1], texts[2], flags, texts[3]), f"mount {target}")


def pivot_root_here() -> None:
    """Make the present folder, a mount, the root, and leave the old one. Raises OSError."""
    checked(_libc.pivot_root(b".", b"."), "pivot_root")
    checked(_libc.umount2(b".", 2), "umount of the old root")  # 2 is MNT_DETACH
    os.chdir("/")


def unshare(flags: int, what: str) -> None:
    """Leave namespaces for new ones. Raises OSError."""
    checked(_libc.unshare(flags), what)


def drop_capabilities() -> None:
    """Give up every capability, for good together with no_new_privs. Raises OSError. See capset(2)."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    none = (ctypes.c_uint32 * 6)()
    checked(_libc.capset(header, none), "capset")
