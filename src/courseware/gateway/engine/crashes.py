"""Stops a model that ends again and again from being started without end."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable


class CrashLimit:
    """Counts crashes; after `times` of them `within_s` it asks for a pause as long."""

    def __init__(self, times: int = 3, within_s: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._within_s, self._clock = within_s, clock
        self._crashes: deque[float] = deque(maxlen=times)

    def record(self) -> None:
        """One more, now."""
        self._crashes.append(self._clock())

    def wait_s(self) -> float:
        """Seconds until it may be started, 0 for now."""
        if len(self._crashes) < (self._crashes.maxlen or 0):
            return 0.0
        if self._crashes[-1] - self._crashes[0] > self._within_s:
            return 0.0
        return max(0.0, self._crashes[-1] + self._within_s - self._clock())
