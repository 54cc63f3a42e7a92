"""Figures for Prometheus: exchanges by endpoint, tier and status, their time, tokens, and streams under way.

Counted in plain numbers, which is much cheaper than the library's own counters; it writes them out when asked.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from courseware.gateway.sessions import Exchange

# Upper ends of the histogram's buckets, in seconds.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, float("inf"))


class Metrics(Collector):
    """One gateway's own figures, so that two in a process do not mix."""

    def __init__(self) -> None:
        self.under_way = 0
        self._exchanges = Counter[tuple[str, str, int]]()
        self._tokens = Counter[tuple[str, str]]()
        self._waits: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(_BUCKETS))
        self._seconds = defaultdict[str, float](float)
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def count(self, exchange: Exchange, path: str) -> None:
        """Add a finished exchange; `path` is its endpoint's, which has no names in it that clients choose."""
        tier = exchange.tier or "none"
        self._exchanges[path, tier, exchange.status] += 1
        self._waits[tier][bisect_left(_BUCKETS, exchange.took_s)] += 1
        self._seconds[tier] += exchange.took_s
        for direction, tokens in (exchange.usage or {}).items():
            self._tokens[direction, tier] += tokens

    def text(self) -> bytes:
        """Prometheus's text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield every figure as it is now."""
        exchanges = CounterMetricFamily("gateway_exchanges", "Exchanges answered", labels=("path", "tier", "status"))
        for (path, tier, status), count in self._exchanges.items():
            exchanges.add_metric((path, tier, str(status)), count)
        yield exchanges
        yield self._times()
        tokens = CounterMetricFamily("gateway_tokens", "Tokens answered for", labels=("direction", "tier"))
        for labels, count in self._tokens.items():
            tokens.add_metric(labels, count)
        yield tokens
        yield GaugeMetricFamily("gateway_under_way", "Exchanges being answered", self.under_way)

    def _times(self) -> HistogramMetricFamily:
        times = HistogramMetricFamily(
            "gateway_exchange_seconds", "From the request's head to the answer's end", labels=("tier",)
        )
        for tier, waits in self._waits.items():
            ends = ("+Inf" if end == float("inf") else str(end) for end in _BUCKETS)
            counts = zip(ends, itertools.accumulate(waits), strict=True)
            times.add_metric((tier,), buckets=list(counts), sum_value=self._seconds[tier])
        return times
