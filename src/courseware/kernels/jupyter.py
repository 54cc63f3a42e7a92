"""A fork that becomes a real ipykernel: for whoever drives kernels by Jupyter's protocol, as stock nbgrader does.

It runs in the sandbox, like the kernel of `serving`, and is as little trusted: the learner's code shares its process
and can send any message in its name.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from courseware.kernels.printed import redirect_descriptors
from courseware.kernels.protocol import Channel
from courseware.kernels.request import KernelEnds, KernelRequest
from courseware.kernels.reset import reset
from courseware.kernels.sandbox.root import SOCKETS

PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
SOCKET_NAME = "k"  # the number of a port follows, as in "k-1"
_FAILED = 70
_MOST_TEXT = 2000
_PARENT_ENDS_IT = 1  # to ipykernel: there is no parent to look for, its end is ours already
# What ipykernel would import in every fork.
_WARM = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "IPython.core.completer", "IPython.core.magics",
    "IPython.core.magic_arguments", "IPython.core.magics.osm", "pexpect", "zmq.eventloop.zmqstream", "sqlite3",
)  # fmt: skip


def connection(folder: str) -> dict[str, Any]:
    """Return where a kernel listens whose folder for sockets is `folder`, in the words of a connection file."""
    ports = {name: number for number, name in enumerate(PORTS, start=1)}
    return {"transport": "ipc", "ip": f"{folder}/{SOCKET_NAME}", **ports}


def warm_jupyter() -> Callable[[KernelEnds, KernelRequest, Mapping[str, str]], NoReturn]:
    """Import what an ipykernel needs, start none, and return what makes one of a fork."""
    for name in _WARM:
        importlib.import_module(name)
    return _become


def _become(ends: KernelEnds, request: KernelRequest, variables: Mapping[str, str]) -> NoReturn:
    assert request.jupyter is not None
    temporary = variables["TMPDIR"]
    # Their usual places are in the learner's folder, where a notebook that lists its files would show them.
    own = {name: f"{temporary}/.{name.lower()}" for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")}
    reset({**request.environment, **variables, **own})
    redirect_descriptors(ends.printed)
    file = Path(temporary, ".connection.json")
    file.write_text(json.dumps({**connection(SOCKETS), **request.jupyter["connection"]}), encoding="utf-8")
    _run(Channel(ends.channel), file, request.jupyter["arguments"])


def _run(report: Channel, file: Path, arguments: list[str]) -> NoReturn:
    """Run an ipykernel to its end, as its launcher would; say when it listens."""
    from ipykernel.kernelapp import IPKernelApp

    atexit._clear()  # what the template's modules registered for their end is not ours to run
    try:
        app: Any = IPKernelApp.instance(connection_file=str(file), parent_handle=_PARENT_ENDS_IT)
        app.initialize(arguments)
    except BaseException:
        report.send({"failed": traceback.format_exc()[-_MOST_TEXT:]})
        os._exit(_FAILED)
    report.send({"listens": True})
    report.close()
    try:
        app.start()
        atexit._run_exitfuncs()
    finally:
        os._exit(0)
