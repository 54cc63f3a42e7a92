"""A fact: one thing that is so in the company, from a day, perhaps until a day, and who may know it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Audience = Literal["everyone", "staff", "restricted"]


@dataclass(frozen=True)
class Fact:
    """One thing that is so. `text` is how documents write it; `value` is what an answer is compared with."""

    id: str
    subject: str
    attribute: str
    value: str
    text: str
    unit: str = ""
    owner: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    audience: Audience = "staff"


# Not strftime: its month names follow the user's locale.
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def spoken(day: date) -> str:
    """A day as prose has it: 3 March 2025."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def money(cents: int, sign: str = "€") -> str:
    """An amount as documents have it: € 1,450 or € 12.50."""
    return f"{sign} {cents // 100:,}" if cents % 100 == 0 else f"{sign} {cents / 100:,.2f}"
