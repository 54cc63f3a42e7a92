"""Runs a notebook in memory in a fresh kernel of this Python, on every platform. It knows nothing of checks."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from courseware.kernels import notebook_client
from courseware.learner.errors import NotebookError

SECONDS = 120  # for one cell


class LabStopped(NotebookError):
    """The lab's code ended its kernel or ran for too long."""


def run_notebook(notebook: Any, folder: Path, variables: Mapping[str, str]) -> None:
    """Run every cell in `folder`, those after a failing one too; the outputs are in `notebook` then.

    Raises:
        LabStopped: a cell ended the kernel or took longer than `SECONDS`.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    client = notebook_client(notebook, folder, seconds=SECONDS, allow_errors=True)
    # In the main thread the client would take Ctrl-C for itself and call it a dead kernel.
    with ThreadPoolExecutor(max_workers=1) as worker:
        running = worker.submit(_run, client, {**os.environ, "OMP_NUM_THREADS": "1", **variables})
        try:
            running.result()
        except KeyboardInterrupt:
            _kill(client, running)
            raise
        except CellTimeoutError as error:
            raise LabStopped(f"a cell ran for more than {SECONDS} s; run them one by one to find it") from error
        except DeadKernelError as error:
            raise LabStopped("your code ended the kernel; look for exit() or for more memory than there is") from error


def _run(client: Any, variables: dict[str, str]) -> None:
    # Windows' own kind of loop cannot wait for the kernel's sockets.
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(client.async_execute(env=variables))


def _kill(client: Any, running: Future[Any]) -> None:
    """End the kernel, also one that is only about to start, and wait for the client to notice."""
    while not running.done():
        process = getattr(getattr(client.km, "provisioner", None), "process", None)
        if process is not None:
            process.kill()
        wait([running], timeout=0.1)
