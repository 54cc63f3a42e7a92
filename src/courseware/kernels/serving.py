"""The kernel: runs cells and answers checks, in the process that the learner's code shares.

Nothing here is trusted by whoever asks, and nothing secret is known here.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn, Protocol

from courseware.kernels.cells import run_cell
from courseware.kernels.collected import Collected
from courseware.kernels.printed import PrintedText
from courseware.kernels.protocol import Channel, ChannelClosed, Message
from courseware.kernels.shell import KernelShell

SERVE_FAILED = 70


class Servant(Protocol):
    """Answers requests about a namespace."""

    def serve(self, request: bytes) -> bytes:
        """Return the reply to `request`."""


def serve(
    channel: Channel, shell: KernelShell, new_servant: Callable[[dict[str, Any]], Servant], collected: Collected
) -> NoReturn:
    """Answer messages until the other end is gone, then end this process. Never returns."""
    status = SERVE_FAILED
    try:
        shell.collected = collected
        sys.stdout, sys.stderr = PrintedText(collected, 1), PrintedText(collected, 2)
        _Kernel(channel, shell, collected, new_servant(shell.user_ns)).run()
        status = 0
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(status)  # what the template's modules registered for their end is not ours to run


class _Kernel:
    def __init__(self, channel: Channel, shell: KernelShell, collected: Collected, servant: Servant) -> None:
        self._channel, self._shell, self._collected, self._servant = channel, shell, collected, servant
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._cell: asyncio.Task[bool] | None = None

    def run(self) -> None:
        """Serve; between messages the learner's tasks go on, as they do in a notebook."""
        signal.signal(signal.SIGINT, self._interrupt)
        self._wake_on_signals()
        while True:
            try:
                self._loop.run_until_complete(self._next_message())
                message = self._channel.receive()
            except ChannelClosed:
                return
            self._answer(message)

    def _wake_on_signals(self) -> None:
        """Have the loop look at what a signal's handler did, also while it waits for descriptors."""
        wakes, woken = socket.socketpair()
        for end in (wakes, woken):
            end.setblocking(False)
        signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
        self._loop.add_reader(wakes, wakes.recv, 4096)
        self._wakes = (wakes, woken)

    async def _next_message(self) -> None:
        arrived = asyncio.Event()
        self._loop.add_reader(self._channel.fileno(), arrived.set)
        try:
            await arrived.wait()
        finally:
            self._loop.remove_reader(self._channel.fileno())

    def _answer(self, message: Message) -> None:
        nonce = message.header["nonce"]
        if message.header["op"] == "run":
            status, payload = self._run_cell(message.payload.decode())
            self._channel.send({"nonce": nonce, "status": status}, payload)
        else:
            self._channel.send({"nonce": nonce}, self._serve(message.payload))

    def _run_cell(self, source: str) -> tuple[str, bytes]:
        self._collected.begin()
        self._cell = self._loop.create_task(run_cell(self._shell, source))
        try:
            went_well = self._loop.run_until_complete(self._cell)
        except BaseException as error:  # an interruption between IPython's lines, or an error that breaks IPython
            went_well = False
            self._collected.add(_error_output(error))
        finally:
            self._cell = None
        outputs = json.dumps(self._collected.taken(), ensure_ascii=False).encode("utf-8", "backslashreplace")
        return ("ok" if went_well else "error"), outputs

    def _serve(self, request: bytes) -> bytes:
        """The servant expects a running loop around it, as in a notebook's cell that checks."""

        async def served() -> bytes:
            return self._servant.serve(request)

        return self._loop.run_until_complete(served())

    def _interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        """End the cell that runs: by cancelling where it awaits, else by an exception; between cells, do nothing."""
        if self._cell is None or self._cell.done():
            return
        if asyncio.current_task(self._loop) is None:
            self._cell.cancel()
        else:
            raise KeyboardInterrupt


def _error_output(error: BaseException) -> dict[str, Any]:
    """Describe an error without asking its class, which is the learner's."""
    name = type.__dict__["__name__"].__get__(type(error))
    return {"output_type": "error", "ename": name, "evalue": "", "traceback": [name]}
