"""Runs one cell after another in the shell, as ipykernel does."""

from __future__ import annotations

import asyncio
import builtins
import getpass
import sys
from contextlib import suppress
from typing import Any

from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import ExecutionResult

from courseware.kernels.shell import KernelShell


async def run_cell(shell: KernelShell, source: str) -> bool:
    """Run one cell as ipykernel does, inside the running loop; return whether it went well.

    Cancelling this coroutine cancels a cell that awaits.
    """
    _forbid_input()
    shell.failed_to_show = False
    text, wrong = source, None
    try:
        text = shell.transform_cell(source)  # type: ignore[no-untyped-call]
    except Exception:
        wrong = sys.exc_info()
    if not shell.should_run_async(source, transformed_cell=text, preprocessing_exc_tuple=wrong):
        result = shell.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
    else:
        result = await _run_awaiting(shell, source, text, wrong)
    return result is not None and bool(result.success) and not shell.failed_to_show


async def _run_awaiting(shell: KernelShell, source: str, text: str, wrong: Any) -> ExecutionResult | None:
    result: ExecutionResult | None = None
    running = shell.run_cell_async(source, store_history=True, transformed_cell=text, preprocessing_exc_tuple=wrong)
    try:
        result = await asyncio.ensure_future(running)
    finally:
        shell.events.trigger("post_execute")
        shell.events.trigger("post_run_cell", result)
    return result


def _forbid_input() -> None:
    def refuse(*_: Any, **__: Any) -> str:
        raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")

    builtins.input = refuse
    with suppress(AttributeError):
        getpass.getpass = refuse
