"""Figures for Prometheus: exchanges by endpoint, tier and status, their time, tokens, and streams under way."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from courseware.gateway.sessions import Exchange


class Metrics:
    """One gateway's own registry, so that two in a process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
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
        self._exchanges.labels(path, tier, exchange.status).inc()
        self._seconds.labels(tier).observe(exchange.took_s)
        for direction, tokens in (exchange.usage or {}).items():
            self._tokens.labels(direction, tier).inc(tokens)

    def text(self) -> bytes:
        """Prometheus's text format."""
        return generate_latest(self.registry)
