"""Writes a file whole or not at all, and says in one line why it could not."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from courseware.learner.workspace.errors import WorkspaceError


def write_whole(path: Path, content: bytes) -> None:
    """Write all of `content` or nothing: a full disk or a kill leaves the old file.

    Raises:
        WorkspaceError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not tempfile's: that one makes files for their owner alone, whatever the person's umask says.
        scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with scratch.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            scratch.replace(path)
        except BaseException:
            scratch.unlink(missing_ok=True)
            raise
    except OSError as error:
        fix = "free space, or name a folder you may write in with COURSE_WORKSPACE"
        raise WorkspaceError(f"cannot write {path}: {error.strerror}; {fix}") from error
