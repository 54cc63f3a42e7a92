"""The step into a sandbox: a fork that closes itself in, and tells its supervisor that it did before it goes on."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

from courseware.kernels.processes import die_with_parent
from courseware.kernels.protocol import Channel, ChannelClosed, channel_pair
from courseware.kernels.sandbox.errors import SandboxFailed
from courseware.kernels.sandbox.scene import close_all_but

_ENTER_S = 60.0
# Closes this process in; returns a socket that its supervisor is to have, or none. Raises SandboxFailed.
Enter = Callable[[], socket.socket | None]


def fork_closed_in(
    enter: Enter, become: Callable[[], NoReturn], keep: Sequence[int], *, gives_socket: bool = False
) -> tuple[int, socket.socket | None]:
    """Fork a process that enters and then becomes what it is to be, with no descriptors but `keep`.

    Returns its id, and the socket that `enter` gave, once it is closed in. Raises SandboxFailed.
    """
    report, theirs = channel_pair()
    pid = os.fork()
    if pid == 0:
        report.close()
        _close_in(Channel(theirs), enter)
        close_all_but(keep)
        become()
    theirs.close()
    try:
        answer = report.receive(seconds=_ENTER_S).header
        if "failed" in answer:
            raise SandboxFailed(answer["failed"])
        return pid, report.receive_ends(1, seconds=_ENTER_S)[0] if gives_socket else None
    except (ChannelClosed, TimeoutError) as broken:
        raise SandboxFailed(f"the sandbox cannot be had: a kernel ended while it was closed in: {broken}") from None
    finally:
        report.close()


def _close_in(report: Channel, enter: Enter) -> None:
    """In the new process: enter, step by step; end it where a step fails."""
    try:
        die_with_parent(None)
        report.waiting()  # raises where the supervisor ended before it could take this process with it
        os.setsid()
        given = enter()
        report.send({"entered": True})
        if given is not None:
            report.send_ends([given])
    except (SandboxFailed, OSError, ChannelClosed) as failed:
        with suppress(ChannelClosed):
            report.send({"failed": str(failed)})
        os._exit(1)
