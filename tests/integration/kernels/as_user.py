"""Runs Python as another user: `as_user.py UID [--without-namespaces] ARGUMENT...`, started by root.

That user may not enter root's own folder, where this Python may live; in mounts of this process alone it is shown.
Without namespaces is how many containers run: a filter refuses to make one, or to mount anything.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from courseware.kernels.sandbox.calls import mount
from courseware.kernels.sandbox.namespaces import own_mounts
from courseware.kernels.sandbox.refused import NAMESPACES, Rule
from courseware.kernels.sandbox.seccomp import compile_filter, install_filter

_BIND, _REC, _PRIVATE = 0x1000, 0x4000, 0x40000


def show_python() -> None:
    """Make this Python's folder one that everybody may enter."""
    python = Path(sys.base_prefix)
    closed = [folder for folder in python.parents if not folder.stat().st_mode & 0o001]
    if closed:
        held = os.open(python, os.O_PATH)
        mount("none", str(closed[-1]), "tmpfs", 0, "mode=755")
        python.mkdir(parents=True)
        mount(f"/proc/self/fd/{held}", str(python), None, _BIND | _REC)


def forbid_namespaces() -> None:
    """Refuse what Docker's own filter refuses to a container that may not mount."""
    names = ("unshare", "setns", "mount", "umount2", "pivot_root", "move_mount", "open_tree", "mount_setattr")
    install_filter(compile_filter([*map(Rule, names), *NAMESPACES]))


def main() -> None:
    """Change the user for good and run a fresh Python with the arguments."""
    uid, arguments = int(sys.argv[1]), sys.argv[2:]
    if os.geteuid() == 0:
        own_mounts()
        mount(None, "/", None, _REC | _PRIVATE)
        show_python()
    if arguments[0] == "--without-namespaces":
        del arguments[0]
        forbid_namespaces()
    if uid != os.geteuid():
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    os.execv(sys.executable, [sys.executable, *arguments])


main()
