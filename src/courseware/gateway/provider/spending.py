"""What a provider was paid today, kept in a file, and the cap that no call may pass.

A call is charged its dearest possible outcome before it is sent and what it really cost afterwards, so that calls at
the same time cannot pass the cap together. A call whose cost nobody learnt stays charged at its dearest.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from courseware.gateway.errors import ApiError
from courseware.models.locking import locked


def _today() -> date:
    return datetime.now(UTC).date()


class Spending:
    """The ledger of one user. Amounts are USD; a day is UTC's."""

    def __init__(self, path: Path, cap_usd: float, today: Callable[[], date] = _today) -> None:
        self._path, self._cap_usd, self._today = path, cap_usd, today

    def spent_usd(self) -> float:
        """What today has cost so far, calls under way at their dearest."""
        try:
            kept = json.loads(self._path.read_bytes())
            return float(kept["usd"]) if kept["day"] == str(self._today()) else 0.0
        except FileNotFoundError:
            return 0.0
        except (ValueError, KeyError, TypeError) as error:
            wrong = f"the spending ledger {self._path} cannot be read; look at your provider's bill, then delete it"
            raise ApiError("permission", wrong, code="spending_unknown") from error

    def reserve(self, usd: float) -> None:
        """Charge a call's dearest outcome before it is sent. Raises ApiError where that would pass the cap."""
        with locked(self._path.with_suffix(".lock"), lambda: None):
            spent = self.spent_usd()
            if spent + usd > self._cap_usd:
                message = (
                    f"this call may cost {usd:.4f} USD and {spent:.4f} of today's {self._cap_usd:.2f} USD are spent;"
                    " raise COURSE_SPEND_USD_PER_DAY, or ask for less with max_tokens"
                )
                raise ApiError("permission", message, code="daily_spend_cap")
            self._write(spent + usd)

    def settle(self, reserved_usd: float, cost_usd: float) -> None:
        """Put what a call really cost in place of what was reserved for it."""
        with locked(self._path.with_suffix(".lock"), lambda: None):
            self._write(max(0.0, self.spent_usd() - reserved_usd + cost_usd))

    def _write(self, usd: float) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps({"day": str(self._today()), "usd": usd}), encoding="utf-8")
        fresh.replace(self._path)
