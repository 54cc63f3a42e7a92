"""What is laid down: the policies, each in three versions, and the pages that every town has."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from courseware.corpus.knowledge import knowledge
from courseware.corpus.text.draw import Draw
from courseware.corpus.world.entities import Policy, RegionalPage, Version
from courseware.corpus.world.facts import Audience, Fact, money
from courseware.corpus.world.staff import Staff

VERSIONS = 3
_ONE = re.compile(r"^1 ((?:\w+ )?\w+?)s\b")
_FILES = ("people", "money", "machines", "workshop", "customers")


def make_policies(draw: Draw, staff: Staff, count: int) -> tuple[Policy, ...]:
    """So many of the topics. Their first fact differs in every version, the others change once."""
    topics = [topic for name in _FILES for topic in knowledge(f"policies/{name}")["topic"]]
    chosen = {topic["id"] for topic in draw.at("topics").sample(topics, count)}
    return tuple(_policy(draw.at("policy", t["id"]), t, staff) for t in topics if t["id"] in chosen)


def _policy(own: Draw, topic: dict[str, Any], staff: Staff) -> Policy:
    owner = next((team for team in staff.teams if team.id == topic["team"]), staff.teams[0])
    days = _days(own)
    values = {
        name: _history(own.at(name), plan["values"], first=not n)
        for n, (name, plan) in enumerate(topic["facts"].items())
    }
    audience: Audience = "restricted" if topic.get("restricted") else "staff"
    versions = []
    for number, day in enumerate(days):
        ends = days[number + 1] - timedelta(days=1) if number + 1 < VERSIONS else None
        facts = {
            name: _fact(
                topic["id"], number + 1, name, values[name][number], plan["say"], owner.id, (day, ends), audience
            )
            for name, plan in topic["facts"].items()
        }
        versions.append(Version(number + 1, day, own.pick(staff.people), facts))
    asks = {name: tuple(plan["ask"]) for name, plan in topic["facts"].items()}
    return Policy(topic["id"], topic["title"], owner.department, owner, topic["page"], tuple(versions), asks)


def _days(own: Draw) -> list[date]:
    first = own.day(date(2022, 1, 10), date(2023, 3, 31))
    second = own.day(first + timedelta(days=200), first + timedelta(days=480))
    return [first, second, own.day(second + timedelta(days=200), second + timedelta(days=480))]


def _history(own: Draw, values: list[Any], first: bool) -> list[Any]:
    drawn = own.sample(values, VERSIONS)
    if first and len(drawn) == VERSIONS:
        return drawn
    old, new = (drawn * 2)[:2]
    return [old, new, new] if own.chance(0.5) else [old, old, new]


def _fact(
    topic: str,
    number: int,
    name: str,
    value: Any,
    say: str,
    owner: str,
    valid: tuple[date, date | None],
    audience: Audience,
) -> Fact:
    text = money(value) if say == "money" else _ONE.sub(r"1 \1", say.format(value))
    subject, unit = f"policy.{topic}", "EUR" if say == "money" else ""
    return Fact(f"{subject}.v{number}.{name}", subject, name, str(value), text, unit, owner, *valid, audience)


def make_regional(draw: Draw, staff: Staff) -> tuple[RegionalPage, ...]:
    """Every page for every office; no two offices share a value while there are values left."""
    made = []
    for plan in knowledge("regions")["page"]:
        values = draw.at(plan["id"]).cycle(plan["value"]["values"], len(staff.offices))
        for office, value in zip(staff.offices, values, strict=True):
            subject = f"region.{plan['id']}.{office.id}"
            fact = Fact(f"{subject}.value", subject, "value", value, value)
            title = plan["title"].replace("{office.city}", office.city)
            page = RegionalPage(plan["id"], title, plan["text"], plan["value"]["ask"], office, {"value": fact})
            made.append(page)
    return tuple(made)
