"""Figures for Prometheus: exchanges by endpoint, tier and status, their time, tokens, and streams under way."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from courseware.gateway.sessions import Exchange


class Metrics:
    """One gateway's own registry, so that two in a process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._children: dict[tuple[Any, ...], Any] = {}
        self._exchanges = Counter(
            "gateway_exchanges", "Exchanges answered", ("path", "tier", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "gateway_exchange_seconds", "From the request's head to the answer's end", ("tier",), registry=self.registry
        )
        self._tokens = Counter("gateway_tokens", "Tokens answered for", ("direction", "tier"), registry=self.registry)
        self.under_way = Gauge("gateway_under_way", "Exchanges being answered", registry=self.registry)

    def count(self, exchange: Exchange, path: str) -> None:
        """Add a finished exchange; `path` is its endpoint's, which has no names in it that clients choose."""
        tier = exchange.tier or "none"
        self._of(self._exchanges, path, tier, str(exchange.status)).inc()
        self._of(self._seconds, tier).observe(exchange.took_s)
        for direction, tokens in (exchange.usage or {}).items():
            self._of(self._tokens, direction, tier).inc(tokens)

    def _of(self, metric: Any, *labels: str) -> Any:
        """The metric's child with these labels; looking it up in the library takes longer than counting."""
        key = (metric, *labels)
        if key not in self._children:
            self._children[key] = metric.labels(*labels)
        return self._children[key]

    def text(self) -> bytes:
        """Prometheus's text format."""
        return generate_latest(self.registry)
