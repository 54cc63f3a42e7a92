"""The exit statuses of `course`, and the one way a command ends early."""

from __future__ import annotations

DONE, FAILED, USAGE, ENVIRONMENT = 0, 1, 2, 3


class CommandError(Exception):
    """Ends a command with one line on standard error. `status` is FAILED, USAGE or ENVIRONMENT."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status
