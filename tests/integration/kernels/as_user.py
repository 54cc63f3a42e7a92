"""Runs Python as a user who owns nothing: `as_user.py UID CODE`, started by root.

That user may not enter root's own folder, where this Python may live; in mounts of this process alone it is shown.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from courseware.kernels.sandbox.calls import mount
from courseware.kernels.sandbox.namespaces import own_mounts

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


def main() -> None:
    """Change the user for good and run the code in a fresh Python."""
    uid, code = int(sys.argv[1]), sys.argv[2]
    if os.geteuid() == 0:
        own_mounts()
        mount(None, "/", None, _REC | _PRIVATE)
        show_python()
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    os.execv(sys.executable, [sys.executable, "-c", code])


main()
