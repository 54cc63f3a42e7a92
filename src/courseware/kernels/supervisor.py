"""The parent of one kernel: makes it, watches what it uses, reads its files, ends it.

A fork of the template in which no learner's code ever runs. Its owner speaks to it over a channel of its own; when
that closes, the kernel is over.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import socket
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from courseware.kernels.limits import Usage, size_text
from courseware.kernels.printed import new_output_files
from courseware.kernels.processes import die_with_parent, ending_text
from courseware.kernels.protocol import Channel, ChannelClosed, Message
from courseware.kernels.request import KernelEnds, KernelRequest
from courseware.kernels.sandbox import SandboxFailed, Scene
from courseware.kernels.scratch import read_file

LOOK_S = 0.25  # how often memory and time are looked at
ENDING_S = 1.0  # how long a kernel whose channel closed may take to be gone
_BURST = 400  # interruptions that follow each other closely, for code that swallows them one by one
_PATIENT = 3


# What the fork turns into, given its descriptors, what was asked for, and its folders' variables.
BecomeKernel = Callable[[KernelEnds, KernelRequest, Mapping[str, str]], NoReturn]
NewScene = Callable[[KernelRequest], Scene]


def supervise(
    template: int, control: socket.socket, kernel_end: socket.socket, new_scene: NewScene, become_kernel: BecomeKernel
) -> NoReturn:
    """Serve one kernel to its end. `template` is the process this was forked from. Never returns."""
    status = 1
    try:
        os.setsid()
        die_with_parent(template)
        channel = Channel(control)
        _start(channel, kernel_end, new_scene, become_kernel)
        status = 0
    except ChannelClosed:
        status = 0  # the owner is gone
    except BaseException:
        traceback.print_exc()  # into the template's log
    finally:
        os._exit(status)


def _start(channel: Channel, kernel_end: socket.socket, new_scene: NewScene, become_kernel: BecomeKernel) -> None:
    request = KernelRequest.of(channel.receive())
    ends = KernelEnds(kernel_end, new_output_files())
    try:
        scene = new_scene(request)
        pid = scene.fork(lambda variables: become_kernel(ends, request, variables), ends.numbers())
    except SandboxFailed as failed:
        channel.send({"failed": str(failed)})
        return
    ends.close()
    try:
        channel.send({"ready": pid})
        supervisor = _Supervisor(channel, scene, request, pid)
        if scene.sockets is not None:
            channel.send_descriptors([scene.sockets, scene.folder, supervisor.pidfd])
        supervisor.run()
    finally:
        scene.remove()


class _Supervisor:
    def __init__(self, channel: Channel, scene: Scene, request: KernelRequest, pid: int) -> None:
        self._channel, self._scene, self._request, self._pid = channel, scene, request, pid
        self._ended: str | None = None
        self._status: int | None = None
        self._passed: str | None = None  # the limit that it was killed for
        self._cpu_s, self._interruptions = 0.0, 0
        self._deadline = time.monotonic() + request.limits.wall_s
        self.pidfd = os.pidfd_open(pid)
        self._poll = select.poll()
        for descriptor in (channel.fileno(), self.pidfd):
            self._poll.register(descriptor, select.POLLIN)
        self._relay = scene.relay(self._poll)
        self._look_at = 0.0

    def run(self) -> None:
        """Serve until the owner closes the kernel or is gone; then nothing of the kernel is left."""
        try:
            while self._serve_once():
                pass
        finally:
            self._kill()

    def _serve_once(self) -> bool:
        ready = dict(self._poll.poll(LOOK_S * 1000))
        if self.pidfd in ready:
            self._reap()
        if self._relay is not None:
            for descriptor, events in ready.items():
                self._relay.serve(descriptor, events)
        self._look()
        return self._channel.fileno() not in ready or self._answer(self._channel.receive())

    def _answer(self, message: Message) -> bool:
        """Do what the owner asks; return whether there is more to come."""
        operation = message.header["op"]
        if operation == "interrupt":
            self._interrupt()
        elif operation == "ending":
            self._channel.send({"ended": self._ending(), "status": self._status})
        elif operation == "kill":
            self._kill()
            self._channel.send({})
        elif operation == "read":
            self._send_file(message.header)
        elif operation == "close":
            self._kill()
            usage = Usage(self._cpu_s, self._scene.watch.peak_bytes)
            self._channel.send({"cpu_s": usage.cpu_s, "peak_bytes": usage.peak_bytes})
        return bool(operation != "close")

    def _send_file(self, header: dict[str, Any]) -> None:
        content = read_file(self._scene.folder, header["name"], header["most"])
        self._channel.send({"found": content is not None}, content or b"")

    def _interrupt(self) -> None:
        self._interruptions += 1
        for _ in range(1 if self._interruptions % (_PATIENT + 1) else _BURST):
            self._signal(signal.SIGINT)

    def _ending(self) -> str | None:
        """Return how the kernel ended; None where it is still there although its channel is closed."""
        if self._ended is None:
            waiting = select.poll()
            waiting.register(self.pidfd, select.POLLIN)
            if waiting.poll(ENDING_S * 1000):
                self._reap()
        return self._ended

    def _look(self) -> None:
        now = time.monotonic()
        if self._ended is None and now >= self._look_at:
            self._look_at = now + LOOK_S
            self._passed = self._limit_passed()
            if self._passed:
                self._kill()

    def _limit_passed(self) -> str | None:
        limits = self._request.limits
        if time.monotonic() > self._deadline:
            return f"passed its time limit of {limits.wall_s:g} s"
        used = self._scene.watch.look(self._pid)
        if used.cpu_s > limits.cpu_s:
            return f"passed its processor time limit of {limits.cpu_s:g} s"
        if used.memory_bytes > limits.memory_bytes:
            return f"passed its memory limit of {size_text(limits.memory_bytes)}"
        if used.disk_bytes > limits.scratch_bytes:
            return f"passed its disk limit of {size_text(limits.scratch_bytes)}"
        if used.processes > limits.processes:
            return f"passed its limit of {limits.processes} processes"
        return None

    def _kill(self) -> None:
        if self._ended is None:
            self._scene.watch.look(self._pid)  # what its children's children used, nobody waits for
            self._signal(signal.SIGKILL)
            self._reap()

    def _signal(self, number: int) -> None:
        if self._ended is None:
            signal.pidfd_send_signal(self.pidfd, number)

    def _reap(self) -> None:
        """Wait for the kernel, and so for every process in its namespace."""
        _, status, used = os.wait4(self._pid, 0)
        self._poll.unregister(self.pidfd)
        self._status = os.waitstatus_to_exitcode(status)
        self._ended = self._passed or ending_text(self._status)
        self._cpu_s = max(_seconds(used), self._scene.watch.cpu_s)
        self._scene.end_leftovers()


def _seconds(used: resource.struct_rusage) -> float:
    return used.ru_utime + used.ru_stime
