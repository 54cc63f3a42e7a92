"""What the steps of one exchange share."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from courseware.gateway.sessions import Exchange, Session
from courseware.gateway.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from courseware.gateway.server.app import Gateway


@dataclass(frozen=True)
class Context:
    """An exchange under way: whose it is, where it is logged, when it began (seconds of the monotonic clock)."""

    gateway: Gateway
    endpoint: Endpoint
    session: Session
    exchange: Exchange
    request_id: str
    begun: float

    def finish(self, status: int) -> None:
        """Write the end of the exchange into the log and the metrics."""
        self.exchange.status = status
        self.exchange.took_s = time.monotonic() - self.begun
        self.gateway.metrics.under_way -= 1
        self.gateway.metrics.count(self.exchange, self.endpoint.path)

    @property
    def pace_s(self) -> float:
        """Seconds between the pieces of a stream."""
        return max([fault.pace_s for fault in self.session.faults_for(self.exchange.number)], default=0)

    @property
    def cut_after(self) -> int | None:
        """Pieces after which the connection is closed, None for all."""
        cuts = [fault.cut_after for fault in self.session.faults_for(self.exchange.number)]
        return min([cut for cut in cuts if cut is not None], default=None)
