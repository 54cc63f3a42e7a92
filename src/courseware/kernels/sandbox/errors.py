"""Why no sandbox can be had."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

ADVICE = "Use a stock Linux kernel, 5.13 or later"
# For what containers forbid; the lesser sandbox is never taken unless it is asked for.
OR_LESSER = (
    "; where that cannot be, ask for the lesser sandbox (course grade --sandbox lesser), in which "
    "kernels have no root, network and process tree of their own"
)


class SandboxFailed(Exception):
    """A part of the sandbox cannot be had on this machine: which, why, and what to do about it."""


@contextlib.contextmanager
def part(name: str, advice: str) -> Iterator[None]:
    """Make the failure of a block one of that part of the sandbox; nothing runs with less than all parts."""
    try:
        yield
    except OSError as failed:
        raise SandboxFailed(f"the sandbox cannot be had: {name}: {failed}. {advice}") from None
