"""A Dask cluster's workers. They must have the course installed; the tasks bring everything else.

A link to a cluster is trusted with submissions and hidden checks: use TLS (`tls://`) beyond this machine.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from courseware.grading.errors import GradingError
from courseware.grading.executors.interface import News
from courseware.grading.worker import Worker

_TOPIC = "courseware-grading"
_RETRIES = 2
_CONNECT_S = 10
_lock = threading.Lock()
_worker: list[Worker] = []


class DaskExecutor:
    """The workers of the cluster whose scheduler is at `address`."""

    def __init__(self, address: str) -> None:
        self._address = address

    def run(self, tasks: Sequence[tuple[str, bytes]]) -> Iterator[News]:
        """Yield news until every task has its last. Raises GradingError where there is no cluster."""
        client = self._connected()
        news: queue.SimpleQueue[News] = queue.SimpleQueue()
        kept: list[Any] = []  # a future that nobody holds is given up
        with client:
            client.subscribe_topic(_TOPIC, lambda event: news.put(event[1]))
            for student, payload in tasks:
                future = client.submit(examine_here, payload.decode(), pure=False, retries=_RETRIES)
                future.add_done_callback(lambda done, student=student: news.put(_last(done, student)))
                kept.append(future)
            left = len(tasks)
            while left:
                told = news.get()
                left -= "examined" in told or "failed" in told
                yield told

    def _connected(self) -> Any:
        import distributed

        make: Any = distributed.Client
        try:
            return make(self._address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise GradingError(
                f"no Dask scheduler answers at {self._address}: {error}; start one or leave --dask out"
            ) from error


def examine_here(payload: str) -> str:
    """Examine one task on this worker, whose threads take turns: each submission has the machine's limits."""
    from distributed import get_worker

    def tell(told: Any) -> None:
        get_worker().log_event(_TOPIC, told)

    with _lock:
        if not _worker:
            _worker.append(Worker())
        return _worker[0].work(payload.encode(), tell).decode()


def _last(done: Any, student: str) -> News:
    if done.status == "finished":
        told: News = json.loads(done.result())
        return told
    return {"failed": f"the cluster gave it up: {done.exception()}", "student": student}
