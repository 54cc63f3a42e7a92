"""What can go wrong around grading. All messages are one line with the place and the next step."""

from __future__ import annotations

import sys

from courseware.errors import ENVIRONMENT, CommandError


class SubmissionError(Exception):
    """A submission that cannot be read; it is reported and stays ungraded."""


class GradingError(CommandError):
    """Something on the grading side is missing or broken; no submission is to blame."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ENVIRONMENT)


def require_linux() -> None:
    """Raise GradingError elsewhere, before anything is imported that only Linux has."""
    if sys.platform != "linux":
        raise GradingError(f"submissions are graded on Linux; this is {sys.platform}. Grade in a Linux container")


class DisturbedError(Exception):
    """A kernel was ended from outside, by a person or a system out of memory: it is no result."""


def printable(text: str) -> str:
    """Return text with escapes for what steers a terminal or turns the text around it; it may be a learner's."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
