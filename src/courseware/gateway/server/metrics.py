"""Figures for Prometheus: exchanges by endpoint, tier and status, their time, tokens, and streams under way."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from courseware.gateway.sessions import Exchange

_Children = tuple[Counter, Histogram, dict[str, Counter]]


class Metrics:
    """One gateway's own registry, so that two in a process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._children: dict[tuple[str, str, int], _Children] = {}
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
        key = (path, exchange.tier or "none", exchange.status)
        exchanges, seconds, tokens = self._children.get(key) or self._found(*key)
        exchanges.inc()
        seconds.observe(exchange.took_s)
        for direction, count in (exchange.usage or {}).items():
            if count:
                tokens[direction].inc(count)

    def _found(self, path: str, tier: str, status: int) -> _Children:
        """The metrics' children with these labels; looking them up in the library takes longer than counting."""
        tokens = {direction: self._tokens.labels(direction, tier) for direction in ("input", "output")}
        found = self._exchanges.labels(path, tier, str(status)), self._seconds.labels(tier), tokens
        self._children[path, tier, status] = found
        return found

    def text(self) -> bytes:
        """Prometheus's text format."""
        return generate_latest(self.registry)
