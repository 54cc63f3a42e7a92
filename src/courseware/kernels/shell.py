"""IPython's shell, with outputs collected in place of sent: what a cell gives here is what it gives under ipykernel.

Made once in the template, where it costs time; a fork gives it its collector. It keeps no history on disk and no
thread, and reads no profile of anybody.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import tempfile
import zlib
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

from courseware.kernels.collected import Collected

# What ipykernel sets, so that programs and tracebacks look as they do in a notebook.
NOTEBOOK_VARIABLES = {
    "TERM": "xterm-color",
    "CLICOLOR": "1",
    "CLICOLOR_FORCE": "1",
    "FORCE_COLOR": "1",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
}


def _collected(shell: Any) -> Collected:
    found: Collected = shell.collected
    return found


class _Results(DisplayHook):
    """Collects what the last line of a cell gives."""

    def write_output_prompt(self) -> None:
        """Write none: the count is a field of the output."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        """Collect the result in all its forms."""
        result = {"data": format_dict, "metadata": md_dict or {}, "execution_count": self.prompt_count}
        _collected(self.shell).add({"output_type": "execute_result", **result})

    def finish_displayhook(self) -> None:
        """Leave out the newline of a terminal."""
        self._is_active = False


class _Displays(DisplayPublisher):
    """Collects what `display()` is given, figures among it."""

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *_: Any,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **__: Any,
    ) -> None:
        """Collect one display; an update changes what this cell has displayed before."""
        metadata = metadata or {}
        self._validate_data(data, metadata)  # type: ignore[no-untyped-call]
        display_id = (transient or {}).get("display_id")
        if update:
            _collected(self.shell).update(display_id, {"data": data, "metadata": metadata})
        else:
            self.shell.collected.add({"output_type": "display_data", "data": data, "metadata": metadata}, display_id)

    def clear_output(self, wait: bool = False) -> None:
        """Take back what the cell has put out."""
        _collected(self.shell).clear(wait)


class _CellNames(CachingCompiler):
    """Names the file of a cell as ipykernel does: warnings and syntax errors show it."""

    def get_code_name(self, raw_code: str, _transformed: str, _number: int) -> str:
        """Return a name that depends on the code alone."""
        folder = os.path.join(tempfile.gettempdir(), f"ipykernel_{os.getpid()}")  # noqa: PTH118 - text in messages
        name = f"{folder}/{zlib.crc32(raw_code.encode('utf-8', 'replace'))}.py"
        # A traceback asks which module a frame's file is of. Unless that is known, `inspect` looks at every module
        # there is, and a template has thousands: 65 ms of CPU for each error.
        modules: dict[str, str] = vars(inspect)["modulesbyfile"]
        modules[name] = "__main__"
        return name


class KernelShell(InteractiveShell):
    """The shell of one kernel. Set `collected` before the first cell."""

    collected: Any = AnyTrait()  # a `Collected`
    failed_to_show = False  # whether the result of the last cell could not be shown
    compiler_class = Type(_CellNames)
    displayhook_class = Type(_Results)
    display_pub_class = Type(_Displays)

    def init_ipython_dir(self, ipython_dir: Any) -> None:
        """Have none: a fork's home folder does not exist yet, and the template's is not the learner's."""

    def init_profile_dir(self, profile_dir: Any) -> None:
        """Have none either."""

    def init_environment(self) -> None:
        """Leave the environment alone; a fork gets its own."""

    def enable_gui(self, gui: Any = None) -> None:
        """Have no window: `%matplotlib inline` asks for none, and nobody could see one."""

    def ask_exit(self) -> None:
        """Stay: `exit()` in a cell does not take the rest of a submission with it."""

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self.failed_to_show |= self.displayhook.is_active
        self.collected.add(
            {
                "output_type": "error",
                "ename": str(etype.__name__),
                "evalue": str(evalue),
                "traceback": [str(line) for line in stb],
            }
        )


# Libraries ask by this name whether they are in a notebook (rich, tqdm, pandas).
KernelShell.__name__ = KernelShell.__qualname__ = "ZMQInteractiveShell"


def new_shell() -> KernelShell:
    """Make this process's shell; its namespace is `__main__`."""
    settings = Config()
    settings.HistoryManager.enabled = False
    settings.HistoryManager.hist_file = ":memory:"
    shell: KernelShell = KernelShell.instance(config=settings)
    assert not sys.modules.keys() & {"matplotlib_inline.backend_inline"}, "figures would never be shown"
    return shell


def warm(shell: KernelShell) -> None:
    """Load in the template what the first error, the first program and the first magic would load in every fork."""
    for name in ("IPython.core.magic_arguments", "IPython.core.magics.osm", "pexpect"):
        importlib.import_module(name)
    try:
        raise ValueError("nobody sees this one")
    except ValueError:
        shell.InteractiveTB.structured_traceback(*sys.exc_info())
