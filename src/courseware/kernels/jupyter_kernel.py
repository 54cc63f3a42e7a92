"""A kernel that speaks Jupyter's protocol, seen from its owner, who connects to its sockets by descriptor."""

from __future__ import annotations

import os
import select
from contextlib import suppress
from dataclasses import dataclass

from courseware.kernels.control import Control
from courseware.kernels.errors import TemplateFailed
from courseware.kernels.protocol import Channel, ChannelClosed, MalformedMessage

_READY_S = 60.0


@dataclass(frozen=True)
class Ending:
    """How a kernel ended: in words, and its exit status as `subprocess` gives it."""

    text: str
    status: int


class JupyterKernel:
    """Made by `Template.jupyter_kernel`. Its descriptors are open until `close`; `sockets` is its owner's to close."""

    def __init__(self, control: Channel, sockets: int, folder: int, pidfd: int) -> None:
        self.sockets, self.folder, self.pidfd = sockets, folder, pidfd
        self._control = Control(control)
        self._closed = False

    @classmethod
    def listening(cls, ready: Channel, control: Channel) -> JupyterKernel:
        """Wait until the kernel listens. Raises TemplateFailed."""
        descriptors: list[int] = []
        try:
            descriptors += control.receive_descriptors(3, seconds=_READY_S)
            answer = ready.receive(most=0, seconds=_READY_S).header
            if "failed" in answer:
                raise TemplateFailed(f"ipykernel does not start in its sandbox: {answer['failed']}")
        except (ChannelClosed, MalformedMessage, TimeoutError) as broken:
            _close_all(control, descriptors)
            raise TemplateFailed(f"a kernel ended before it listened: {broken}") from None
        except TemplateFailed:
            _close_all(control, descriptors)
            raise
        finally:
            ready.close()
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        return cls(control, *descriptors)

    @property
    def ended(self) -> bool:
        """Whether every process of it is gone."""
        look = select.poll()
        look.register(self.pidfd, select.POLLIN)
        return bool(look.poll(0))

    def ending(self) -> Ending:
        """Return how it ended, once it has; where nobody saw that, as if it had been killed."""
        try:
            seen = self._control.ask({"op": "ending"}).header
        except TemplateFailed as gone:
            return Ending(str(gone), -9)
        return Ending(str(seen["ended"]), int(seen["status"] or 0))

    def interrupt(self) -> None:
        """Have the cell that runs end with a KeyboardInterrupt. Raises TemplateFailed."""
        self._control.tell({"op": "interrupt"})

    def kill(self) -> None:
        """End every process of it, and wait for that."""
        with suppress(TemplateFailed):  # the supervisor is gone, and so is the kernel
            self._control.ask({"op": "kill"})

    def close(self) -> None:
        """End it and let go of it. May be called again."""
        if not self._closed:
            self._closed = True
            with suppress(TemplateFailed):
                self._control.ask({"op": "close"})
            _close_all(self._control, (self.folder, self.pidfd))


def _close_all(control: Channel | Control, descriptors: list[int] | tuple[int, ...]) -> None:
    control.close()
    for descriptor in descriptors:
        os.close(descriptor)
