"""What a user sets to let the gateway use a provider; nothing is used unless the first two are there.

COURSE_PROVIDER              openai or anthropic
COURSE_PROVIDER_KEY          the user's own key. Not the SDKs' variables: `setup()` points those at the gateway
COURSE_SPEND_USD_PER_DAY     the cap, 1 unless set
COURSE_PROVIDER_URL          another address than the provider's own
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

PROVIDER, KEY, CAP, URL = (
    "COURSE_PROVIDER",
    "COURSE_PROVIDER_KEY",
    "COURSE_SPEND_USD_PER_DAY",
    "COURSE_PROVIDER_URL",
)
_ADDRESSES = {"openai": "https://api.openai.com", "anthropic": "https://api.anthropic.com"}
_DEFAULT_CAP = 1.0


class SettingsError(Exception):
    """A variable has a value that cannot be used; one line that says which."""


@dataclass(frozen=True)
class Settings:
    """A provider that may be used. `cap_usd` is for a day, by UTC."""

    provider: Literal["openai", "anthropic"]
    key: str = field(repr=False)
    cap_usd: float
    url: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Settings | None:
        """Read the variables; None where no provider is asked for. Raises SettingsError."""
        provider = environment.get(PROVIDER, "")
        if not provider:
            return None
        if provider not in _ADDRESSES:
            raise SettingsError(f"{PROVIDER} is {provider!r}; write openai or anthropic, or unset it")
        if not environment.get(KEY):
            raise SettingsError(f"{PROVIDER} is {provider} but {KEY} is not set; put your key there, or unset both")
        url = environment.get(URL) or _ADDRESSES[provider]
        return cls(provider, environment[KEY], _cap(environment), url.rstrip("/"))  # type: ignore[arg-type]


def _cap(environment: Mapping[str, str]) -> float:
    text = environment.get(CAP, str(_DEFAULT_CAP))
    try:
        cap = float(text)
    except ValueError:
        cap = math.nan
    if not (math.isfinite(cap) and cap >= 0):
        raise SettingsError(f"{CAP} is {text!r}, not an amount in USD from 0; write one such as 0.50")
    return cap
