"""Gives stock Jupyter programs, nbgrader above all, kernels that are forks of a warm template in a sandbox.

Chosen by configuration alone: `JUPYTER_DEFAULT_PROVISIONER_NAME=course-warm`, or a kernelspec that names it. There is
no lesser kernel in its place: where the template or the sandbox cannot be had, the launch fails. What it does not do is
keep a learner's code apart from tests in the same notebook.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Bool, Dict, List, Unicode

from courseware.kernels.errors import TemplateFailed
from courseware.kernels.jupyter import connection
from courseware.kernels.jupyter_kernel import JupyterKernel
from courseware.kernels.limits import Limits
from courseware.kernels.notebook_files import bring_back, data_files
from courseware.kernels.shared import jupyter_template

_LAUNCHERS = ("ipykernel_launcher", "ipykernel")
_CONNECTION_FILE = "{connection_file}"
_PATIENCE_S = 2.0  # for a kernel that was asked to end


class WarmProvisioner(KernelProvisionerBase):
    """One kernel of one manager."""

    imports = List(
        Unicode(), ["numpy", "pandas", "matplotlib.pyplot"], help="Modules that the template imports before any fork."
    ).tag(config=True)
    readable = List(Unicode(), help="Folders that kernels may read beside Python's own and the notebook's data.").tag(
        config=True
    )
    limits = Dict(help="Limits of one kernel by name, such as memory_bytes; see courseware.kernels.Limits.").tag(
        config=True
    )
    passed_on = List(
        Unicode(), ["NBGRADER_EXECUTION"], help="Variables of this process that the learner's code may read."
    ).tag(config=True)
    keep_files = Bool(True, help="Copy new files that a notebook wrote back beside it, when its kernel has ended.").tag(
        config=True
    )

    _kernel: JupyterKernel | None = None
    _status = 0
    _sockets: int | None = None
    _cwd: Path | None = None

    @property
    def has_process(self) -> bool:
        """Whether there is a kernel that was not waited for."""
        return self._kernel is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Refuse what is no ipykernel; it could only run without a sandbox."""
        arguments = kwargs.pop("extra_arguments", [])
        kwargs.pop("transport_encryption", None)
        return await super().pre_launch(cmd=_arguments(self.kernel_spec.argv, arguments), **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel and wait until it listens. Raises TemplateFailed."""
        self._close_sockets()
        self._cwd = Path(kwargs["cwd"]).resolve() if kwargs.get("cwd") else None
        session = self._session()
        # Not in this thread: the template may have much to import, and there are other kernels to be heard.
        self._kernel = await asyncio.to_thread(self._launched, cmd, kwargs["env"], session)
        self._sockets = self._kernel.sockets
        place = connection(f"/proc/self/fd/{self._sockets}")
        info: Any = {**place, **session, "key": session["key"].encode()}
        self.connection_info = info
        return self.connection_info

    async def poll(self) -> int | None:
        """Return None while the kernel runs, then its exit status."""
        if self._kernel is None:
            return self._status
        return self._kernel.ending().status if self._kernel.ended else None

    async def wait(self) -> int | None:
        """Wait for the kernel's end, keep its files, and let go of it."""
        if self._kernel is not None:
            await self._ended()
            kernel, self._kernel = self._kernel, None
            if kernel is not None:
                await asyncio.to_thread(self._leave, kernel)
        return self._status

    async def send_signal(self, signum: int) -> None:
        """Interrupt or end the kernel. Raises ValueError for a signal that means neither."""
        if self._kernel is None or signum == 0:
            return
        if signum == signal.SIGINT:
            with suppress(TemplateFailed):  # it has ended, which `poll` will tell
                self._kernel.interrupt()
        elif signum in (signal.SIGKILL, signal.SIGTERM):
            await asyncio.to_thread(self._kernel.kill)
        else:
            raise ValueError(f"a kernel in a sandbox takes SIGINT, SIGTERM and SIGKILL, not {signum}")

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002 - as managers call it
        """End every process of the kernel."""
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:  # noqa: ARG002 - as managers call it
        """Do as `kill`: its processes have been asked before."""
        await self.send_signal(signal.SIGTERM)

    async def shutdown_requested(self, restart: bool = False) -> None:  # noqa: ARG002 - as managers call it
        """Wait for the end that was asked for; the manager would look ten times a second."""
        if self._kernel is not None:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._ended(), _PATIENCE_S)

    async def cleanup(self, restart: bool = False) -> None:  # noqa: ARG002 - as managers call it
        """Let go of everything, the kernel included if it is still there."""
        if self._kernel is not None:
            await self.kill()
            await self.wait()
        self._close_sockets()

    def _session(self) -> dict[str, str]:
        assert self.parent is not None, "a provisioner without a manager has no key to sign with"
        session = self.parent.session
        return {"key": session.key.decode(), "signature_scheme": session.signature_scheme}

    def _launched(self, arguments: list[str], environment: dict[str, str], session: dict[str, str]) -> JupyterKernel:
        limits = Limits(**self.limits)
        files = {} if self._cwd is None else data_files(self._cwd, limits.scratch_bytes)
        names = [*self.passed_on, *self.kernel_spec.env]
        chosen = {name: environment[name] for name in names if name in environment}
        jupyter = {"connection": session, "arguments": arguments}
        with jupyter_template(self.imports, self.readable) as template:
            return template.jupyter_kernel(files, jupyter, limits, environment=chosen)

    async def _ended(self) -> None:
        """Wait for the end of the kernel's last process."""
        kernel = self._kernel
        if kernel is None or kernel.ended:
            return
        loop, gone = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(kernel.pidfd, gone.set)
        try:
            await gone.wait()
        finally:
            loop.remove_reader(kernel.pidfd)

    def _leave(self, kernel: JupyterKernel) -> None:
        ending = kernel.ending()
        self._status = ending.status
        if ending.text.startswith("passed"):
            self.log.warning("The kernel %s", ending.text)
        try:
            if self.keep_files and self._cwd is not None:
                bring_back(kernel.folder, self._cwd, Limits(**self.limits).scratch_bytes)
        finally:
            kernel.close()

    def _close_sockets(self) -> None:
        if self._sockets is not None:
            os.close(self._sockets)
            self._sockets = None


def _arguments(argv: Sequence[str], more: Sequence[str]) -> list[str]:
    """Return what comes after ipykernel's launcher, without the connection file. Raises TemplateFailed."""
    launcher = next((place for place, word in enumerate(argv) if word in _LAUNCHERS), None)
    if launcher is None:
        raise TemplateFailed(f"course-warm runs Python notebooks by ipykernel; this kernel is {' '.join(argv)}")
    words = [word for word in argv[launcher + 1 :] if word not in ("-f", _CONNECTION_FILE)]
    return [*words, *more]
