"""Updates a workspace again and again, each time killed with SIGKILL one step later, until one comes to its end.

    python killed_updates.py COURSE WORKSPACE SCRATCH

A step is anything the interpreter asks the system to do with a file of the workspace. After each kill the workspace is
copied to SCRATCH/<step>, then put back as it was. Prints the number of kills.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from courseware.learner.workspace import update_workspace
from courseware.manifest import load

ROOT, WORKSPACE, SCRATCH = map(Path, sys.argv[1:])
EVENTS = {"open", "os.rename", "os.mkdir", "os.remove"}


def die_at(step: int) -> None:
    """From now on, end this process before its step number `step`."""
    seen = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event in EVENTS and str(arguments[0]).startswith(str(WORKSPACE)):
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def update_in_child(step: int) -> bool:
    """Whether the update came to its end before `step`."""
    child = os.fork()
    if child == 0:
        die_at(step)
        update_workspace(ROOT, load(ROOT / "course.toml"), WORKSPACE)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return False
    if status:
        raise SystemExit(f"the update ended with {status}")
    return True


before = SCRATCH / "before"
shutil.copytree(WORKSPACE, before)
step = 1
while not update_in_child(step):
    shutil.move(WORKSPACE, SCRATCH / str(step))
    shutil.copytree(before, WORKSPACE)
    step += 1
print(step - 1)
