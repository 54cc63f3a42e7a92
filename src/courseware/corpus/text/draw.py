"""Seeded choices, the same on every machine, Python and run.

Only `random.Random.random` is used: it is the one method whose sequence Python promises to keep.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """A stream of choices with a name. Streams of other names are independent of it."""

    def __init__(self, *path: object) -> None:
        self._path = path
        digest = hashlib.sha256("\x1f".join(str(part) for part in path).encode()).digest()
        self._random = random.Random(int.from_bytes(digest, "big"))  # noqa: S311 - repeatable is the point

    def at(self, *names: object) -> Draw:
        """The stream below this one; how far this one has been read does not matter."""
        return Draw(*self._path, *names)

    def below(self, count: int) -> int:
        """A whole number from 0 to `count` - 1."""
        return int(self._random.random() * count)

    def between(self, low: int, high: int, step: int = 1) -> int:
        """One of low, low + step, ... up to and including `high`."""
        return low + step * self.below((high - low) // step + 1)

    def chance(self, share: float) -> bool:
        """True in this share of the calls."""
        return self._random.random() < share

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """All options in another order."""
        rest = list(options)
        for last in range(len(rest) - 1, 0, -1):
            other = self.below(last + 1)
            rest[last], rest[other] = rest[other], rest[last]
        return rest

    def sample(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different options, fewer if there are not so many."""
        return self.shuffled(options)[:count]

    def cycle(self, options: Sequence[T], count: int) -> list[T]:
        """`count` options, none used once more than another: rounds of all of them, each in its own order."""
        drawn: list[T] = []
        while len(drawn) < count:
            drawn += self.shuffled(options)
        return drawn[:count]

    def day(self, first: date, last: date) -> date:
        """A working day in this range, both ends included."""
        drawn = first + timedelta(days=self.below((last - first).days + 1))
        while drawn.weekday() > 4:
            drawn += timedelta(days=1)
        return drawn
