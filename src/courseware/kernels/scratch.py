"""The kernel's own folder, written and read through one descriptor: a link the learner made leads nowhere else."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Mapping
from contextlib import suppress

from courseware.kernels.request import relative_parts

_OPENAT2 = 437  # on every architecture; linux/openat2.h
_NO_XDEV, _NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x01, 0x02, 0x04, 0x08
_libc = ctypes.CDLL(None, use_errno=True)


def write_files(folder: int, files: Mapping[str, bytes]) -> None:
    """Write `files` below `folder`, an open one, before the learner's code has seen it."""
    for name, content in files.items():
        *parents, last = relative_parts(name)
        for depth in range(len(parents)):
            with suppress(FileExistsError):
                os.mkdir("/".join(parents[: depth + 1]), 0o755, dir_fd=folder)
        descriptor = os.open("/".join([*parents, last]), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)


def read_file(folder: int, name: str, most: int) -> bytes | None:
    """Return the first `most` bytes of a regular file below `folder`; None where there is none to be read."""
    try:
        descriptor = _open_beneath(folder, "/".join(relative_parts(name)))
    except (OSError, ValueError):
        return None
    try:
        return _read(descriptor, most) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    finally:
        os.close(descriptor)


def _open_beneath(folder: int, name: str) -> int:
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    how = struct.pack("QQQ", flags, 0, _NO_XDEV | _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH)
    descriptor: int = _libc.syscall(_OPENAT2, folder, name.encode(), how, len(how))
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), name)
    return descriptor


def _read(descriptor: int, most: int) -> bytes:
    content = bytearray()
    while len(content) < most and (part := os.read(descriptor, min(1 << 20, most - len(content)))):
        content += part
    return bytes(content)
