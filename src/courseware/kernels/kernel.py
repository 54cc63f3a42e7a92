"""One submission's kernel, seen from its owner: cells in, outputs out; requests of checks in, replies out.

Behind the channel is the learner's code, which may send anything or nothing. Every request has a nonce that its reply
must carry, and nothing may come that was not asked for.
"""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from types import TracebackType
from typing import Any

from courseware.kernels.control import Control
from courseware.kernels.errors import KernelDied, TemplateFailed
from courseware.kernels.limits import CellRun, Limits, Usage
from courseware.kernels.outputs import NotOutputs, parse_outputs
from courseware.kernels.protocol import Channel, ChannelClosed, MalformedMessage, Message

MOST_REPLY = 96 << 20  # a reply's value and its arguments, 32 MiB each, and what JSON adds
GRACE_S = 3.0  # for a cell to end after its first interruption
_AGAIN_S = 0.25
_MARGIN_S = 10.0  # for a reply to come after its own limit; the machine may be busy
_CONTROL_S = 60.0
_FORGED = "sent what is no reply"
_OUTPUT_ROOM = 6  # JSON writes one byte as up to six characters


class Kernel:
    """Made by `Template.kernel`. After `KernelDied` only `read` and `close` are of use."""

    def __init__(self, cells: Channel, control: Control, limits: Limits) -> None:
        self._cells, self._control, self._limits = cells, control, limits
        self._died: str | None = None
        self._usage: Usage | None = None

    def run(self, source: str, seconds: float) -> CellRun:
        """Run one cell, as a notebook would, for at most `seconds`; then it is interrupted.

        Raises:
            KernelDied: the cell ended its process, passed a limit of the submission, or did not let itself be stopped.
            TemplateFailed: the template or the supervisor is gone.
        """
        nonce = self._ask({"op": "run"}, source.encode("utf-8", "surrogatepass"))
        message, in_time = self._cell_reply(seconds)
        header = self._checked(message, nonce)
        try:
            outputs = parse_outputs(message.payload)
        except NotOutputs:
            raise self._end(_FORGED) from None
        status = header.get("status")
        if status not in ("ok", "error"):
            raise self._end(_FORGED)
        return CellRun(outputs, status if in_time else "too slow")

    def exchange(self, request: bytes, seconds: float = 30) -> bytes:
        """Have the servant answer a request of a check, which carries its own limit: `seconds`.

        The reply is a stranger's. Raises KernelDied, also where no reply comes, and TemplateFailed.
        """
        nonce = self._ask({"op": "serve"}, request)
        try:
            message = self._cells.receive(most=MOST_REPLY, seconds=seconds + _MARGIN_S)
        except TimeoutError:
            raise self._end(f"did not answer a check within {seconds + _MARGIN_S:g} s") from None
        except (ChannelClosed, MalformedMessage) as broken:
            raise self._ending(broken) from None
        self._checked(message, nonce)
        return message.payload

    def read(self, name: str, most: int) -> bytes | None:
        """Return the first `most` bytes of a file in the kernel's folder; None where no regular file has that name.

        A link is no file, and no directory on the way may be one. Works after the kernel has died, too.
        """
        message = self._control.ask({"op": "read", "name": name, "most": most}, most)
        return message.payload if message.header["found"] else None

    def close(self) -> Usage:
        """End every process of this kernel, remove its folder, and return what it used. May be called again."""
        if self._usage is None:
            self._usage = Usage(0.0, 0)
            self._cells.close()
            with suppress(TemplateFailed):  # gone, and so is the kernel
                used = self._control.ask({"op": "close"}).header
                self._usage = Usage(used["cpu_s"], used["peak_bytes"])
                self._control.answer()  # or its end: either way the folder is removed
            self._control.close()
        return self._usage

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self.close()

    def _ask(self, header: dict[str, Any], payload: bytes) -> str:
        """Send one request and return its nonce. What came unasked is a forgery."""
        if self._died is not None:
            raise KernelDied(self._died)
        nonce = secrets.token_hex(8)
        try:
            if self._cells.waiting():
                raise MalformedMessage("a reply to nothing")
            self._cells.send({**header, "nonce": nonce}, payload, seconds=_CONTROL_S)
        except (ChannelClosed, MalformedMessage, TimeoutError) as broken:
            raise self._ending(broken) from None
        return nonce

    def _cell_reply(self, seconds: float) -> tuple[Message, bool]:
        """Return the reply to a cell, and whether it came before an interruption."""
        most = _OUTPUT_ROOM * self._limits.output_bytes + (1 << 16)
        wait, in_time = seconds, True
        last = time.monotonic() + seconds + GRACE_S
        while True:
            try:
                self._cells.wait(wait)
                return self._cells.receive(most=most, seconds=GRACE_S), in_time
            except TimeoutError:
                if time.monotonic() > last:
                    raise self._end(f"passed its time limit of {seconds:g} s and did not stop") from None
                wait, in_time = _AGAIN_S, False
                self._control.tell({"op": "interrupt"})
            except (ChannelClosed, MalformedMessage) as broken:
                raise self._ending(broken) from None

    def _checked(self, message: Message, nonce: str) -> dict[str, Any]:
        if message.header.get("nonce") != nonce:
            raise self._end(_FORGED)
        return message.header

    def _ending(self, broken: Exception) -> KernelDied:
        """Return how the kernel ended, as its supervisor saw it; where it has not, end it."""
        if isinstance(broken, ChannelClosed):
            ended = self._control.ask({"op": "ending"}).header["ended"]
            return self._end(ended or "closed the connection that it answers on")
        return self._end(_FORGED if isinstance(broken, MalformedMessage) else "does not read what it is asked")

    def _end(self, reason: str) -> KernelDied:
        self._died = reason
        with suppress(TemplateFailed):
            self._control.ask({"op": "kill"})
        return KernelDied(reason)
