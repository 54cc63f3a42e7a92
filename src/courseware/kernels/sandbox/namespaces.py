"""User, mount, pid, network, ipc and uts namespaces: a kernel is alone, and what it sees was put there for it."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from pathlib import Path

from courseware.kernels.sandbox.calls import prctl, unshare
from courseware.kernels.sandbox.errors import OR_LESSER, part

# linux/sched.h
_MOUNT, _UTS, _IPC, _USER, _PID, _NETWORK = 0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
_PR_SET_DUMPABLE = 4
_SIOCSIFFLAGS, _IFF_UP_AND_LOOPBACK = 0x8914, 0x1 | 0x8
_ALLOW_USERS = (
    "Allow unprivileged user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, "
    "kernel.apparmor_restrict_unprivileged_userns; a container needs a seccomp profile that allows unshare)" + OR_LESSER
)
_ALLOW_MOUNTS = "Root in this container lacks CAP_SYS_ADMIN: grant it, or run as an ordinary user" + OR_LESSER


def own_mounts() -> None:
    """As root: have mounts of one's own before giving up root, so that folders root alone may enter can be shown."""
    with part("a mount namespace", _ALLOW_MOUNTS):
        unshare(_MOUNT, "unshare(mount)")


def become_user(uid: int) -> None:
    """As root: become an ordinary user for good. Limits on processes bind everybody but root."""
    with part(f"user {uid}", "Map more users into this container, or run as an ordinary user"):
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        # Otherwise /proc/self would still be root's, and this process could not map its user.
        prctl(_PR_SET_DUMPABLE, 1, what="prctl(dumpable)")


def own_users_and_pids(*, with_mounts: bool) -> None:
    """Be alone in a user namespace; the next fork is process 1 of a pid namespace, which ends with it."""
    uid, gid = os.geteuid(), os.getegid()
    with part("a user namespace", _ALLOW_USERS):
        unshare(_USER | _PID | (_MOUNT if with_mounts else 0), "unshare(user, pid)")
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            Path("/proc/self", name).write_text(text, encoding="utf-8")


def alone() -> None:
    """In the kernel: leave the host's network, ipc and name, and the supervisor's mounts."""
    with part("network, ipc and uts namespaces", "This Linux is built without them: use a stock kernel"):
        unshare(_MOUNT | _NETWORK | _IPC | _UTS, "unshare(mount, network, ipc, uts)")
        socket.sethostname("kernel")
        _loopback_up()


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", _IFF_UP_AND_LOOPBACK))
