"""Runs a notebook in a plain kernel of this Python, on every platform.

There is no sandbox: it is for the course's own notebooks, and for a learner's on the learner's machine.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode


def notebook_client(
    notebook: NotebookNode,
    folder: Path,
    *,
    seconds: int,
    allow_errors: bool = False,
    on_cell_start: Callable[..., None] | None = None,
) -> NotebookClient:
    """Return a client whose `execute` runs `notebook` in `folder` and puts the outputs into it.

    Nothing is started before; `execute` takes the kernel's whole environment. A cell that runs for more than `seconds`
    raises nbclient's `CellTimeoutError`. `on_cell_start` is called with `cell` and `cell_index`.
    """
    from nbclient import NotebookClient

    return NotebookClient(
        notebook,
        timeout=seconds,
        allow_errors=allow_errors,
        kernel_name="python3",
        # At its usual level it warns on every start that loopback is not encrypted.
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=on_cell_start,
    )
