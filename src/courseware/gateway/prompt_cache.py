"""The usage figures of a provider's prompt cache, for one session. No answer is faster for it; only the figures move.

After Anthropic's description of prompt caching (read November 2026): a prefix of at least 1,024 tokens is written when
a request marks it, kept for five minutes or an hour, read by later requests that begin the same, and kept anew by each
reading. A later request finds it if one of its own marks stands at most 20 blocks further on.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from courseware.gateway.counting import count
from courseware.gateway.exchange import Usage

LEAST_TOKENS = 1_024
# Blocks at which a mark looks for something kept, its own the first; a block is a line of the prefix.
LOOKED_AT = 20
HOUR_S = 3_600
Mark = tuple[str, int]


@dataclass(frozen=True)
class _Kept:
    """A prefix's size in tokens, how long a reading keeps it, and when it is forgotten."""

    tokens: int
    seconds: int
    until: float


@dataclass
class PromptCache:
    """Prefixes by hash, and when each is forgotten (seconds of `clock`)."""

    clock: Callable[[], float] = time.monotonic
    _kept: dict[str, _Kept] = field(default_factory=dict)

    def charge(self, usage: Usage, marks: Sequence[Mark]) -> Usage:
        """Return the usage with what the cache gave and took; `marks` are (prefix, seconds to keep it), in order."""
        now = self.clock()
        self._kept = {key: kept for key, kept in self._kept.items() if kept.until > now}
        wanted = [(prefix, _Kept(count(prefix), seconds, now + seconds)) for prefix, seconds in marks]
        wanted = [mark for mark in wanted if mark[1].tokens >= LEAST_TOKENS]
        read = max((self._read(prefix, now) for prefix, _ in wanted), default=0)
        self._kept |= {_key(prefix): kept for prefix, kept in wanted}
        covered, for_an_hour = (
            min(max((kept.tokens for _, kept in wanted if kept.seconds >= least), default=0), usage.input)
            for least in (0, HOUR_S)
        )
        cached = min(read, usage.input)
        return replace(
            usage,
            cached=cached,
            cache_written=max(covered - cached, 0),
            cache_written_1h=max(for_an_hour - cached, 0),
        )

    def _read(self, prefix: str, now: float) -> int:
        """Tokens of the longest prefix that is kept and found from this mark, which is then kept anew."""
        lines = prefix.splitlines(keepends=True)
        for end in range(len(lines), max(len(lines) - LOOKED_AT, 0), -1):
            key = _key("".join(lines[:end]))
            kept = self._kept.get(key)
            if kept is not None:
                self._kept[key] = replace(kept, until=now + kept.seconds)
                return kept.tokens
        return 0


def _key(prefix: str) -> str:
    return hashlib.sha256(prefix.encode("utf-8", "surrogatepass")).hexdigest()
