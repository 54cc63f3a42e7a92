"""What every writer shares: the names a pattern may use everywhere, and who sits where."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from courseware.corpus.text.draw import Draw
from courseware.corpus.world.entities import Person
from courseware.corpus.world.facts import spoken
from courseware.corpus.world.world import World


def around(world: World) -> dict[str, object]:
    """Names that every pattern may use."""
    return {"company": world.company, "short": world.short, "domain": world.domain}


def cast(world: World, draw: Draw, count: int, first: Sequence[Person] = ()) -> list[Person]:
    """So many different people, from `first` as long as there are any."""
    chosen = draw.shuffled(first)[:count]
    others = [person for person in world.people if person not in chosen]
    return chosen + draw.sample(others, count - len(chosen))


def later(day: date, days: int) -> str:
    """A working day so many days on, as prose has it."""
    moved = day + timedelta(days=days)
    return spoken(moved + timedelta(days=(7 - moved.weekday()) % 7 if moved.weekday() > 4 else 0))


def number_words(draw: Draw) -> dict[str, object]:
    """Numbers that mean nothing, for talk: `n` and the smaller `m`."""
    return {"n": draw.between(11, 60), "m": draw.between(3, 14), "n2": draw.between(2, 9)}
