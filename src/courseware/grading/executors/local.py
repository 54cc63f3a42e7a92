"""Worker processes on this machine. A thread looks after each: gives it a task, hears its news, replaces it."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from courseware.grading.executors.interface import News

_MOST_DEATHS = 2
_STOP_S = 10.0
Work = tuple[str, bytes, int]


class LocalExecutor:
    """`workers` processes for the course at `root`, each with a template of its own."""

    def __init__(self, root: Path, workers: int) -> None:
        self._workers = workers
        self._environment = os.environ | {"COURSE_ROOT": str(root), "OMP_NUM_THREADS": "1"}

    def run(self, tasks: Sequence[tuple[str, bytes]]) -> Iterator[News]:
        """Yield news until every task has its last."""
        waiting: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        news: queue.SimpleQueue[News] = queue.SimpleQueue()
        for student, payload in tasks:
            waiting.put((student, payload, 0))
        # Workers are killed in the end, or before: what they keep on the disk is this process's to remove.
        kept = tempfile.TemporaryDirectory(prefix="grading-")
        command = [sys.executable, "-P", "-m", "courseware.grading.executors.local_main", kept.name]
        keepers = [_Keeper(waiting, news, command, self._environment) for _ in range(min(self._workers, len(tasks)))]
        try:
            left = len(tasks)
            while left:
                told = news.get()
                left -= "examined" in told or "failed" in told
                yield told
        finally:
            for keeper in keepers:
                keeper.end()
            kept.cleanup()


class _Keeper:
    """Looks after one worker process at a time."""

    def __init__(
        self,
        waiting: queue.SimpleQueue[Work | None],
        news: queue.SimpleQueue[News],
        command: Sequence[str],
        environment: Mapping[str, str],
    ) -> None:
        self._waiting, self._news, self._command, self._environment = waiting, news, command, environment
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End the process, whatever it is doing, and the thread."""
        with self._lock:
            self._ending = True
            process = self._process
        if process is not None:
            process.kill()
        self._waiting.put(None)
        self._thread.join(_STOP_S)

    def _keep(self) -> None:
        try:
            while (work := self._waiting.get()) is not None and not self._ending:
                self._do(*work)
        finally:
            self._bury()

    def _do(self, student: str, payload: bytes, deaths: int) -> None:
        """Have one task done; where its worker dies, put it back."""
        last = self._asked(payload)
        if last is not None:
            self._news.put(last)
            return
        how = self._bury()
        if self._ending:
            return
        if deaths + 1 < _MOST_DEATHS:
            self._waiting.put((student, payload, deaths + 1))
        else:
            self._news.put({"failed": f"its worker was lost {_MOST_DEATHS} times (the last {how})", "student": student})

    def _asked(self, payload: bytes) -> News | None:
        """Send a task and hand on what is told of it; return the last news, None where the worker died."""
        try:
            process = self._alive()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(payload + b"\n")
            process.stdin.flush()
            for line in process.stdout:
                told: News = json.loads(line)
                if "examined" in told or "failed" in told:
                    return told
                self._news.put(told)
        except (OSError, ValueError):  # a pipe that broke, a line that was cut off
            return None
        return None

    def _alive(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._ending:
                raise BrokenPipeError
            if self._process is None:
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self._environment
                )
            return self._process

    def _bury(self) -> str:
        """Clear away the process; return how it ended."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return "before it started"
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        try:
            status = process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        return f"by signal {-status}" if status < 0 else f"with status {status}"
