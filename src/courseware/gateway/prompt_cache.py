"""The usage figures of a provider's prompt cache, for one session. No answer is faster for it; only the figures move.

After Anthropic's description of prompt caching (read November 2026): a prefix of at least 1,024 tokens is written when
a request marks it, kept for five minutes or an hour, read by later requests that begin the same, and kept anew by each
reading.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from courseware.gateway.counting import count
from courseware.gateway.exchange import Usage

LEAST_TOKENS = 1_024
Mark = tuple[str, int]


@dataclass
class PromptCache:
    """Prefixes by hash, and when each is forgotten (seconds of `clock`)."""

    clock: Callable[[], float] = time.monotonic
    _until: dict[str, float] = field(default_factory=dict)

    def charge(self, usage: Usage, marks: Sequence[Mark]) -> Usage:
        """Return the usage with what the cache gave and took; `marks` are (prefix, seconds to keep it), in order."""
        now = self.clock()
        self._until = {key: until for key, until in self._until.items() if until > now}
        sizes = [(prefix, ttl, count(prefix)) for prefix, ttl in marks]
        long_enough = [mark for mark in sizes if mark[2] >= LEAST_TOKENS]
        read = max((size for prefix, _, size in long_enough if _key(prefix) in self._until), default=0)
        longest = max((size for _, _, size in long_enough), default=0)
        for prefix, ttl, _ in long_enough:
            self._until[_key(prefix)] = now + ttl
        cached, covered = min(read, usage.input), min(longest, usage.input)
        return replace(usage, cached=cached, cache_written=covered - cached)


def _key(prefix: str) -> str:
    return hashlib.sha256(prefix.encode("utf-8", "surrogatepass")).hexdigest()
