"""The template as a process, seen from its owner: started, asked for forks, ended."""

from __future__ import annotations

import queue
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

from courseware.kernels.errors import TemplateFailed
from courseware.kernels.processes import ending_text
from courseware.kernels.protocol import ChannelClosed, channel_pair

_MAIN = "courseware.kernels.template_main"
_READY_S, _FORK_S, _STOP_S = 600.0, 60.0, 5.0
_LAST_WORDS = 2000


class TemplateProcess:
    """One running template."""

    def __init__(self, settings: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        """Start it and wait until its imports are done. Raises TemplateFailed."""
        self._lock = threading.Lock()
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._channel, theirs = channel_pair()
        with theirs:
            self._process = _started([_MAIN, str(theirs.fileno())], theirs, self._log, environment)
        try:
            self._channel.send(settings)
            self.hello: dict[str, Any] = self._channel.receive(seconds=_READY_S).header
        except (ChannelClosed, TimeoutError) as failed:
            raise self._failed("did not start", failed) from None
        if "failed" in self.hello:
            self.close()
            raise TemplateFailed(self.hello["failed"])

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def fork(self, ends: Sequence[socket.socket]) -> None:
        """Have it fork a supervisor that owns `ends`. Raises TemplateFailed."""
        try:
            with self._lock:
                self._channel.send_ends(ends)
                answer = self._channel.receive(seconds=_FORK_S).header
        except (ChannelClosed, TimeoutError) as failed:
            raise self._failed("is gone", failed) from None
        if "failed" in answer:
            raise TemplateFailed(
                f"the template cannot fork: {answer['failed']}. "
                "A module that it imports starts threads; leave it out of the imports"
            )

    def close(self) -> None:
        """End it; its kernels end with it."""
        self._channel.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_S)
        self._process.kill()
        self._process.wait()
        self._log.close()

    def _failed(self, what: str, how: Exception) -> TemplateFailed:
        """Say how it ended, with its last words, and leave nothing of it."""
        if isinstance(how, TimeoutError):
            ending = "it did not answer in time"
            self._process.kill()
        else:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_S)
            ending = f"it {ending_text(self._process.returncode)}"
        words = self.last_words()
        self.close()
        return TemplateFailed(f"the template {what}: {ending}{words}. Start another one")

    def last_words(self) -> str:
        """Return the last line that it, or a supervisor of its, printed, in parentheses; "" where there is none."""
        if self._log.closed:
            return ""
        self._log.seek(0, 2)
        self._log.seek(max(0, self._log.tell() - _LAST_WORDS))
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return f" (it last printed: {lines[-1].strip()})" if lines else ""


def _started(
    arguments: Sequence[str], end: socket.socket, log: IO[bytes], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start Python in a thread that lives as long as the process.

    The process asks to be killed when its parent ends, and by that Linux means the thread that started it.
    """
    started: queue.Queue[subprocess.Popen[bytes] | OSError] = queue.Queue()

    def start_and_wait() -> None:
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=dict(environment),
                pass_fds=[end.fileno()], start_new_session=True, cwd="/",
            )  # fmt: skip
        except OSError as failed:
            started.put(failed)
            return
        started.put(process)
        process.wait()

    threading.Thread(target=start_and_wait, daemon=True, name="template").start()
    process = started.get()
    if isinstance(process, OSError):
        raise TemplateFailed(f"the template cannot be started: {process}")
    return process
