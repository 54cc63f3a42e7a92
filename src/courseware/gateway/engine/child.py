"""A child process that serves a model: started, listened to, ended; it never outlives this process.

Knows nothing of what the child serves, and does not start it again: that is its owner's to decide. Threads listen to
it, not asyncio's own subprocesses: those hang where whoever started one is cancelled at once (CPython 3.11).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import psutil

_MAIN = Path(__file__).with_name("child_main.py")
_LOG_LINES, _LOG_CHARS = 200, 400
_STOP_S, _LOOK_S = 3.0, 0.02
# A model is loaded from the store alone: nothing may ask the hub whether there is a newer one.
_ENVIRONMENT = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


class ChildFailed(Exception):
    """The child ended, or said nothing in time; the text says which, and its last words."""


class Child:
    """One running child. `hello` is what it said when it was ready."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_MAIN)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=os.environ | _ENVIRONMENT, start_new_session=True,
        )  # fmt: skip
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self._answers: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._sending = threading.Lock()
        self._threads = (
            threading.Thread(target=self._read_answers, args=(asyncio.get_running_loop(),), daemon=True),
            threading.Thread(target=self._read_log, daemon=True),
        )
        for thread in self._threads:
            thread.start()
        self.hello: Mapping[str, Any] = {}

    @classmethod
    async def start(cls, task: str, settings: Mapping[str, Any], ready_s: float) -> Child:
        """Start it and wait until it is ready.

        Raises:
            ChildFailed: it ended, or was not ready within `ready_s`; either way it is gone.
        """
        child = cls()
        try:
            async with asyncio.timeout(ready_s):
                child.hello = await child.ask({"task": task, **settings})
        except TimeoutError:
            child.kill()
            raise ChildFailed(f"was not ready after {ready_s:.0f} s{child._last_words()}") from None
        except BaseException:
            child.kill()
            raise
        return child

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def memory_bytes(self) -> int:
        """What the system would get back if it ended. Mapped weights do not count: they are given back anyway."""
        try:
            used = psutil.Process(self._process.pid).memory_info()
        except psutil.NoSuchProcess:
            return 0
        return int(used.rss - getattr(used, "shared", 0))

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that it printed."""
        return tuple(self._log)

    async def ask(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Send a line and wait for the next line. Raises ChildFailed where the child ends instead."""
        await asyncio.to_thread(self._send, json.dumps(message).encode() + b"\n")
        return await self.answer()

    async def answer(self) -> dict[str, Any]:
        """Wait for the next line alone. Raises ChildFailed."""
        line = await self._answers.get()
        if line is None:
            self._answers.put_nowait(None)  # for whoever else waits
            raise ChildFailed(await self.ending())
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def ending(self) -> str:
        """How it ended, with its last words; where it still runs after a moment, that."""
        await self._wait()
        return _how(self._process.poll()) + self._last_words()

    async def stop(self) -> None:
        """End it, by force where closing its standard input is not enough. When this returns it is gone."""
        try:
            self._close_input()
            await self._wait()
        finally:
            self.kill()

    def kill(self) -> None:
        """End it by force and at once."""
        if self.alive:
            self._process.kill()
        self._process.wait()
        self._close_input(_STOP_S)
        for thread in self._threads:
            thread.join(_STOP_S)

    async def _wait(self) -> None:
        """Until it is gone and all that it printed was read, or for a moment."""
        last = time.monotonic() + _STOP_S
        while (self.alive or self._threads[1].is_alive()) and time.monotonic() < last:
            await asyncio.sleep(_LOOK_S)

    def _send(self, line: bytes) -> None:
        assert self._process.stdin is not None
        # Closed or broken: it has ended, and the answer that does not come says so.
        with self._sending, contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def _close_input(self, patience_s: float = 0.0) -> None:
        assert self._process.stdin is not None
        # A child that was stopped in the middle of a line would let this wait for ever.
        if self._sending.acquire(timeout=patience_s):
            with contextlib.suppress(OSError):
                self._process.stdin.close()
            self._sending.release()

    def _read_answers(self, loop: asyncio.AbstractEventLoop) -> None:
        with contextlib.suppress(RuntimeError), _stream(self._process.stdout) as stdout:  # the event loop has ended
            for line in stdout:
                loop.call_soon_threadsafe(self._answers.put_nowait, line)
            loop.call_soon_threadsafe(self._answers.put_nowait, None)

    def _read_log(self) -> None:
        with _stream(self._process.stderr) as stderr:
            while line := stderr.readline(_LOG_CHARS):
                if line.strip():
                    self._log.append(line.decode(errors="replace").rstrip())

    def _last_words(self) -> str:
        return f" (it last printed: {self._log[-1].strip()})" if self._log else ""


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def _how(status: int | None) -> str:
    if status is None:
        return "does not answer"
    if status >= 0:
        return f"ended with status {status}"
    name = signal.Signals(-status).name
    reason = {"SIGKILL": ", as a system out of memory does", "SIGILL": ": this CPU lacks an instruction"}.get(name, "")
    return f"was ended by signal {-status} ({name}{reason})"
