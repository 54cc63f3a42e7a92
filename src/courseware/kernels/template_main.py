"""What runs in a template: imports once what labs need, then forks a kernel whenever its owner asks.

Started by `Template.start` with the number of an inherited descriptor. No learner's code and no learner's data ever
enter this process: what it knows, every later fork could read.
"""

from __future__ import annotations

import dataclasses
import gc
import importlib
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from courseware.kernels.collected import Collected
from courseware.kernels.jupyter import warm_jupyter
from courseware.kernels.prepared import Prepare
from courseware.kernels.prepared.preparation import PreparationFailed, prepare
from courseware.kernels.printed import redirect_descriptors
from courseware.kernels.processes import die_with_parent, thread_names
from courseware.kernels.protocol import Channel, ChannelClosed
from courseware.kernels.request import KernelEnds, KernelRequest
from courseware.kernels.reset import reset
from courseware.kernels.sandbox import LesserSandbox, OpenScene, Sandbox, SandboxFailed, Scene, Shown
from courseware.kernels.serving import serve
from courseware.kernels.shell import NOTEBOOK_VARIABLES, new_shell, warm
from courseware.kernels.supervisor import BecomeKernel, supervise


def main() -> None:
    """Read the settings, import, say what could not be imported, and serve."""
    die_with_parent(None)  # where its owner has ended already, the channel is closed
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner to decide on
    end = socket.socket(fileno=int(sys.argv[1]))
    end.set_inheritable(False)
    channel = Channel(end)
    with suppress(ChannelClosed):
        settings = channel.receive().header
        try:
            template = _Template(channel, settings)
        except (SandboxFailed, PreparationFailed) as failed:
            channel.send({"failed": str(failed)})
            return
        channel.send({"ready": os.getpid(), **dataclasses.asdict(template.imported)})
        template.serve()


class _Template:
    def __init__(self, channel: Channel, settings: Mapping[str, Any]) -> None:
        self._channel = channel
        self._sandbox = _sandbox(settings)
        self._forks = 0
        self.imported = import_all(settings["imports"])
        if "numpy" in sys.modules:
            importlib.import_module("numpy.random")  # numpy leaves that to its first use, which would be every fork's
        if settings["prepare"]:
            file, released, memo = settings["prepare"]
            prepare(Prepare(Path(file), Path(released), memo))
        self._become = _warm_cells(settings["servant"]) if settings["servant"] else warm_jupyter()
        gc.collect()
        gc.disable()  # a collection in a fork would copy every page that it only looks at
        gc.freeze()

    def serve(self) -> None:
        """Fork whenever the owner sends two ends, until it is gone."""
        while True:
            self._wait()
            kernel_end, control = self._channel.receive_ends(2)
            threads = thread_names()
            if len(threads) > 1:  # locks that another thread holds would stay locked in the fork for ever
                self._channel.send({"failed": f"it has {len(threads)} threads: {', '.join(sorted(threads))}"})
            else:
                self._fork(control, kernel_end)
                self._channel.send({})
            for end in (kernel_end, control):
                end.close()

    def _fork(self, control: socket.socket, kernel_end: socket.socket) -> None:
        own = os.getpid()
        self._forks += 1
        if os.fork() == 0:
            self._channel.close()
            supervise(own, control, kernel_end, self._scene, self._become)

    def _scene(self, request: KernelRequest) -> Scene:
        if self._sandbox is None:
            return OpenScene(request)
        return self._sandbox.scene(self._forks, request)

    def _wait(self) -> None:
        """Wait for the owner; meanwhile, take leave of supervisors that have ended."""
        waiting = select.poll()
        waiting.register(self._channel.fileno(), select.POLLIN)
        while not waiting.poll(1000):
            _reap()
        _reap()


def _warm_cells(servant: str) -> BecomeKernel:
    """Make what all forks begin with that run cells and answer checks; return what makes one of a fork."""
    module, _, name = servant.partition(":")
    new_servant: Callable[..., Any] = getattr(importlib.import_module(module), name)
    shell = new_shell()
    warm(shell)

    def become(ends: KernelEnds, request: KernelRequest, variables: Mapping[str, str]) -> NoReturn:
        reset({**NOTEBOOK_VARIABLES, **request.environment, **variables})
        redirect_descriptors(ends.printed)
        collected = Collected(request.limits.output_bytes, ends.printed)
        serve(Channel(ends.channel), shell, new_servant, collected)

    return become


def _sandbox(settings: Mapping[str, Any]) -> Sandbox | LesserSandbox | None:
    if not settings["sandbox"]:
        return None
    readable, hidden = ([Path(folder) for folder in settings[which]] for which in ("readable", "hidden"))
    kind = LesserSandbox if settings["lesser"] else Sandbox
    return kind.compile(Shown.beside_python(readable, hidden), settings["uids"])


@dataclass(frozen=True)
class Imported:
    """Modules that could not be imported, with the reason, and modules that started threads, with their names."""

    missing: dict[str, str] = field(default_factory=dict)
    threaded: dict[str, str] = field(default_factory=dict)


def import_all(names: Sequence[str]) -> Imported:
    """Import each module. A lab that needs one which cannot be imported says so itself."""
    imported = Imported()
    before = thread_names()
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            imported.missing[name] = f"{type(error).__name__}: {error}"[:300]
        after = thread_names()
        if len(after) > len(before):
            imported.threaded[name] = f"starts threads: {', '.join(sorted(set(after) - set(before)))}"
            before = after
    return imported


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    main()
