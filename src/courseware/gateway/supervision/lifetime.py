"""When a gateway ends: when all who said they need it are gone, or nobody has asked it anything for long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

GRACE_S = 15.0
IDLE_S = 1_800.0


@dataclass
class Lifetime:
    """Owners by pid with the start of each process, and the time of the last sign of life (monotonic seconds)."""

    grace_s: float = GRACE_S
    idle_s: float = IDLE_S
    clock: Callable[[], float] = time.monotonic
    _owners: dict[int, float] = field(default_factory=dict)
    _owned: bool = False
    _last: float = 0.0

    def __post_init__(self) -> None:
        self._last = self.clock()

    def touch(self) -> None:
        """Somebody asked something."""
        self._last = self.clock()

    def own(self, pid: int) -> bool:
        """Remember an owner; whether there is such a process."""
        self.touch()
        try:
            self._owners[pid] = psutil.Process(pid).create_time()
        except psutil.Error:
            return False
        self._owned = True
        return True

    def is_over(self) -> bool:
        """Whether nobody needs the gateway any more."""
        self._owners = {pid: started for pid, started in self._owners.items() if _runs(pid, started)}
        quiet = self.clock() - self._last
        if self._owners:
            return False
        return quiet > (self.grace_s if self._owned else self.idle_s)


def _runs(pid: int, started: float) -> bool:
    try:
        process = psutil.Process(pid)
        return bool(abs(process.create_time() - started) < 1.0 and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


async def watch(lifetime: Lifetime, end: Callable[[], None], every_s: float = 1.0) -> None:
    """Call `end` once nobody needs the gateway."""
    while not lifetime.is_over():
        await asyncio.sleep(every_s)
    end()
