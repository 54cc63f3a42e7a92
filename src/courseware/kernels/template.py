"""The warm template: a process that has imported what a lab needs, of which every submission gets a fork."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from courseware.kernels.control import Control
from courseware.kernels.environment import all_readable, kernel_variables, template_variables
from courseware.kernels.errors import TemplateFailed
from courseware.kernels.jupyter_kernel import JupyterKernel
from courseware.kernels.kernel import Kernel
from courseware.kernels.limits import Limits
from courseware.kernels.packages import installed
from courseware.kernels.prepared import Prepare
from courseware.kernels.process import TemplateProcess
from courseware.kernels.protocol import Channel, ChannelClosed, channel_pair
from courseware.kernels.request import KernelRequest, relative_parts

SERVANT = "courseware.checks.servant:Servant"
UIDS = range(60_100, 60_600)  # Debian keeps 60000 to 64999 for uses like this one
# A process that lives for days gathers what nobody wants: a term's batch sees the change, a submission not its cost.
MOST_FORKS = 500
_READY_S = 60.0


class Template:
    """Made by `start`. Not for two threads at once."""

    def __init__(
        self, settings: Mapping[str, Any], variables: Mapping[str, str], *, cold: bool, most_forks: int
    ) -> None:
        self._settings, self._variables, self._cold = dict(settings), variables, cold
        self._forks, self._most_forks = 0, most_forks
        self._packages = installed()
        self._left_out: dict[str, str] = {}
        self._process = self._start_process()

    @classmethod
    def start(
        cls,
        imports: Sequence[str],
        *,
        readable: Sequence[Path] = (),
        hidden: Sequence[Path] = (),
        prepare: Prepare | None = None,
        cold: bool = False,
        sandbox: bool = True,
        lesser: bool = False,
        environment: Mapping[str, str] = {},
        servant: str | None = SERVANT,
        uids: Sequence[int] = UIDS,
        most_forks: int = MOST_FORKS,
    ) -> Template:
        """Start a template and wait until it is ready; nothing of the caller's environment reaches it.

        Args:
            imports: modules to import before any fork; those that cannot be are named in `not_imported`.
            readable: folders that kernels may read beside Python's own.
            hidden: folders that do not exist for kernels, wherever they are.
            prepare: a lab's `warm.py`, to be run after the imports and before any fork.
            cold: give every kernel a template of its own that has imported nothing, to verify that warmth changes
                no score.
            sandbox: False leaves out all protection; for code of our own only.
            lesser: take the sandbox for hosts that forbid namespaces; docs/concepts/grading.md says what it gives up.
            environment: variables of the template and of all kernels; any of them can read these.
            servant: "module:class" of what answers checks; made with the kernel's namespace, asked by `serve(bytes)`.
                None is for kernels that speak Jupyter's protocol: `jupyter_kernel` in place of `kernel`.
            uids: as root, who kernels run as, one after the other; users that own nothing on this machine.
            most_forks: after so many kernels it is `worn_out`.

        Raises TemplateFailed: it does not start, the preparation fails, or this machine has no such sandbox.
        """
        _require_linux()
        shown = all_readable(readable)
        settings = {
            "imports": [] if cold else list(imports),
            "servant": servant,
            "readable": [str(folder) for folder in shown],
            "hidden": [str(folder.resolve()) for folder in hidden],
            "sandbox": sandbox,
            "lesser": lesser,
            "uids": list(uids),
            "prepare": None if cold or prepare is None else [str(prepare.file), str(prepare.released), prepare.memo],
        }
        template = cls(settings, kernel_variables(shown, environment), cold=cold, most_forks=most_forks)
        if sandbox and servant is not None:
            template._try_sandbox()
        return template

    @property
    def not_imported(self) -> tuple[str, ...]:
        """The imports that a fork has to do itself, where it needs them, with the reason of each."""
        return tuple(f"{name} ({why})" for name, why in (self._process.hello["missing"] | self._left_out).items())

    @property
    def forks(self) -> int:
        """How many kernels there have been."""
        return self._forks

    @property
    def pid(self) -> int:
        """The template's process."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it is still there."""
        return self._process.running

    @property
    def worn_out(self) -> str:
        """Why another template should take its place, "" where none should. Closing it ends its kernels, too."""
        if not self.running:
            return "it has ended"
        if installed() != self._packages:
            return "packages have changed since it imported them"
        return "" if self._cold or self._forks < self._most_forks else f"it has made {self._forks} kernels"

    def kernel(
        self,
        files: Mapping[str, bytes],
        limits: Limits = Limits(),  # noqa: B008 - frozen
        *,
        environment: Mapping[str, str] = {},
        port: int | None = None,
    ) -> Kernel:
        """Fork a kernel whose folder holds `files`, by relative name.

        `environment` comes on top of the template's; `port` is the one TCP port of this host's 127.0.0.1 that the
        kernel reaches, under the same number. Raises TemplateFailed, and ValueError for a name that leads elsewhere.
        """
        request = KernelRequest(limits, {**self._variables, **environment}, files, port)
        cells, control = self._fork(request)
        return Kernel(cells, Control(control), limits)

    def jupyter_kernel(
        self,
        files: Mapping[str, bytes],
        jupyter: Mapping[str, Any],
        limits: Limits = Limits(),  # noqa: B008 - frozen
        *,
        environment: Mapping[str, str] = {},
    ) -> JupyterKernel:
        """Fork an ipykernel and wait until it listens; `jupyter` as in `KernelRequest`. Raises as `kernel` does."""
        request = KernelRequest(limits, {**self._variables, **environment}, files, None, jupyter)
        ready, control = self._fork(request)
        return JupyterKernel.listening(ready, control)

    def close(self) -> None:
        """End the template and every kernel of it."""
        self._process.close()

    def __enter__(self) -> Template:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self.close()

    def _fork(self, request: KernelRequest) -> tuple[Channel, Channel]:
        """Return the channels to a new kernel and to its supervisor. Raises TemplateFailed, ValueError."""
        for name in request.files:
            relative_parts(name)
        if self._cold and self._forks:
            self._process.close()
            self._process = self._start_process()
        cells, kernel_end = channel_pair()
        control, supervisor_end = channel_pair()
        try:
            with kernel_end, supervisor_end:
                self._process.fork([kernel_end, supervisor_end])
            self._forks += 1
            self._prepare(control, request)
        except BaseException:
            cells.close()
            control.close()
            raise
        return cells, control

    def _start_process(self) -> TemplateProcess:
        """Start a template; where an import starts threads, which forbids forks, another one without it."""
        while True:
            process = TemplateProcess(self._settings, template_variables(self._variables))
            if not process.hello["threaded"]:
                return process
            self._left_out |= process.hello["threaded"]
            process.close()
            self._settings["imports"] = [name for name in self._settings["imports"] if name not in self._left_out]

    def _prepare(self, control: Channel, request: KernelRequest) -> None:
        """Have a supervisor make its kernel. Raises TemplateFailed."""
        try:
            control.send(*request.message(), seconds=_READY_S)
            answer = control.receive(seconds=_READY_S).header
        except (ChannelClosed, TimeoutError) as failed:
            words = self._process.last_words()
            raise TemplateFailed(f"a kernel's supervisor ended before it was ready: {failed}{words}") from None
        if "failed" in answer:
            raise TemplateFailed(answer["failed"])

    def _try_sandbox(self) -> None:
        """Close one kernel in before there is a submission. Raises TemplateFailed."""
        try:
            self.kernel({}).close()
        except TemplateFailed:
            self.close()
            raise
        self._forks = 0


def _require_linux() -> None:
    if sys.platform != "linux":
        raise TemplateFailed(f"kernels for grading need Linux; this is {sys.platform}. Grade in a Linux container")
