"""A child process that serves a model: started, listened to, ended; it never outlives this process.

Knows nothing of what the child serves, and does not start it again: that is its owner's to decide.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

_MAIN = Path(__file__).with_name("child_main.py")
_LOG_LINES, _LOG_CHARS = 200, 400
_LINE_BYTES = 1 << 24
_STOP_S = 3.0
# A model is loaded from the store alone: nothing may ask the hub whether there is a newer one.
_ENVIRONMENT = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


class ChildFailed(Exception):
    """The child ended, or said nothing in time; the text says which, and its last words."""


class Child:
    """One running child. `hello` is what it said when it was ready."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self._listening = asyncio.create_task(self._listen(), name="log of a model process")
        self.hello: Mapping[str, Any] = {}

    @classmethod
    async def start(cls, task: str, settings: Mapping[str, Any], ready_s: float) -> Child:
        """Start it and wait until it is ready.

        Raises:
            ChildFailed: it ended, or was not ready within `ready_s`; either way it is gone.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", str(_MAIN),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=os.environ | _ENVIRONMENT, start_new_session=True, limit=_LINE_BYTES,
        )  # fmt: skip
        child = cls(process)
        try:
            async with asyncio.timeout(ready_s):
                child.hello = await child.ask({"task": task, **settings})
        except TimeoutError:
            await child.stop()
            raise ChildFailed(f"was not ready after {ready_s:.0f} s{child._last_words()}") from None
        except BaseException:
            await child.stop()
            raise
        return child

    @property
    def alive(self) -> bool:
        """Whether it runs. The system is asked too: it knows of an end before the event loop does."""
        return self._process.returncode is None and _runs(self._process.pid)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that it printed."""
        return tuple(self._log)

    async def ask(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Send a line and wait for the next line. Raises ChildFailed where the child ends instead."""
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            await self._process.stdin.drain()
        return await self.answer()

    async def answer(self) -> dict[str, Any]:
        """Wait for the next line alone. Raises ChildFailed."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise ChildFailed(await self.ending())
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def ending(self) -> str:
        """How it ended, with its last words; where it still runs after a moment, that."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._listening), _STOP_S)
            await asyncio.wait_for(self._process.wait(), _STOP_S)
        return _how(self._process.returncode) + self._last_words()

    async def stop(self) -> None:
        """End it, by force where closing its standard input is not enough, and wait until it is gone."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_S)
        finally:
            if self._process.returncode is None:
                self._process.kill()
            await self._process.wait()
            await self._listening

    async def _listen(self) -> None:
        assert self._process.stderr is not None
        rest = b""
        while chunk := await self._process.stderr.read(1 << 16):
            *lines, rest = (rest + chunk).split(b"\n")
            self._log.extend(line.decode(errors="replace")[:_LOG_CHARS] for line in lines if line.strip())
            rest = rest[-_LOG_CHARS:]
        if rest.strip():
            self._log.append(rest.decode(errors="replace"))

    def _last_words(self) -> str:
        return f" (it last printed: {self._log[-1].strip()})" if self._log else ""


def _runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _how(status: int | None) -> str:
    if status is None:
        return "does not answer"
    if status >= 0:
        return f"ended with status {status}"
    name = signal.Signals(-status).name
    reason = {"SIGKILL": ", as a system out of memory does", "SIGILL": ": this CPU lacks an instruction"}.get(name, "")
    return f"was ended by signal {-status} ({name}{reason})"
