"""Offices, teams and the people in them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date

from courseware.corpus.knowledge import knowledge
from courseware.corpus.text.draw import Draw
from courseware.corpus.world.entities import Office, Person, Team
from courseware.corpus.world.facts import Fact

TITLES = {
    "Workshop": ("mechanic", "senior mechanic", "frame builder", "test engineer"),
    "Operations": ("fleet planner", "stores clerk", "dispatcher", "coordinator"),
    "Support": ("support agent", "senior agent", "field mechanic", "shift lead"),
    "Engineering": ("software engineer", "senior engineer", "data engineer", "product manager"),
    "Finance": ("accountant", "buyer", "controller", "analyst"),
    "People": ("people partner", "recruiter", "payroll officer", "office manager"),
    "Legal": ("counsel", "privacy officer", "contract manager", "paralegal"),
    "Sales": ("account manager", "copywriter", "event planner", "sales engineer"),
}


@dataclass(frozen=True)
class Staff:
    """Everyone, and where they sit."""

    offices: tuple[Office, ...]
    teams: tuple[Team, ...]
    people: tuple[Person, ...]


def plain(text: str) -> str:
    """A name in small plain letters, for ids and addresses."""
    letters = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return "".join(sign if sign.isalnum() else "-" for sign in letters).strip("-")


def hire(draw: Draw, domain: str, sizes: tuple[int, int, int]) -> Staff:
    """Draw the staff: so many offices, so many teams, so many people in each team."""
    offices, teams, members = sizes
    places = draw.at("places").sample(knowledge("company")["office"], offices)
    plans = _needed(draw.at("teams"), knowledge("company")["team"], teams)
    names = _names(draw.at("names"), len(plans) * members + len(places))
    people: list[Person] = []
    made: list[Team] = []
    for plan in plans:
        home = plain(draw.at("home", plan["key"]).pick(places)["city"])
        own = [_person(draw, names.pop(), plan["department"], plan["key"], home, domain) for _ in range(members)]
        own[0] = replace(own[0], title=f"head of {plan['name']}")
        people += own
        made.append(_team(draw, plan, home, tuple(own)))
    managers = [_person(draw, names.pop(), "People", "people", plain(place["city"]), domain) for place in places]
    managers = [replace(manager, title="office manager") for manager in managers]
    built = tuple(_office(draw, place, manager) for place, manager in zip(places, managers, strict=True))
    return Staff(built, tuple(made), (*people, *managers))


def _needed(draw: Draw, plans: list[dict[str, str]], count: int) -> list[dict[str, str]]:
    kept = {plan["key"] for plan in draw.sample(plans, count)}
    return [plan for plan in plans if plan["key"] in kept]


def _names(draw: Draw, count: int) -> list[str]:
    names = knowledge("names")
    first, last = draw.cycle(names["first"], count), draw.cycle(names["last"], count)
    pairs = [f"{a} {b}" for a, b in zip(first, last, strict=True)]
    seen: dict[str, None] = {}
    for pair in pairs:
        while pair in seen:
            pair = f"{pair.split()[0]} {draw.pick(names['last'])}"
        seen[pair] = None
    return list(seen)


def _person(draw: Draw, name: str, department: str, team: str, home: str, domain: str) -> Person:
    own = draw.at("person", name)
    handle = plain(name.split()[0]) + "." + plain(name.split()[-1])
    started = own.day(date(2016, 2, 1), date(2025, 11, 30))
    title = own.pick(TITLES[department])
    return Person(handle, name, f"{handle}@{domain}", handle, title, team, home, started)


def _fact(subject: str, attribute: str, value: object, text: str, unit: str = "", owner: str = "") -> Fact:
    return Fact(f"{subject}.{attribute}", subject, attribute, str(value), text, unit, owner)


def _team(draw: Draw, plan: dict[str, str], home: str, members: tuple[Person, ...]) -> Team:
    own, subject = draw.at("team", plan["key"]), f"team.{plan['key']}"
    city = next(place["city"] for place in knowledge("company")["office"] if plain(place["city"]) == home)
    clock = f"{own.between(8, 10)}:{own.pick(('10', '20', '40', '50'))}"
    answer = own.pick((2, 3, 5, 6, 8))
    facts = (
        _fact(subject, "lead", members[0].name, members[0].name),
        _fact(subject, "home", city, city),
        _fact(subject, "standup", clock, clock),
        _fact(subject, "answer", answer, f"{answer} working hours", "h"),
        _fact(subject, "backup", members[1].name, members[1].name),
    )
    named = {fact.attribute: fact for fact in facts}
    return Team(plan["key"], plan["name"], plan["department"], plan["does"], members[0], home, members, named)


def _office(draw: Draw, place: dict[str, str], manager: Person) -> Office:
    own, key = draw.at("office", place["city"]), plain(place["city"])
    subject = f"office.{key}"
    desks, stands, floor = own.between(14, 60), own.between(20, 90, 5), own.between(240, 1900, 20)
    opens = f"{own.between(7, 9)}:{own.pick(('00', '15', '30', '45'))}"
    parcels = f"{own.between(14, 17)}:{own.pick(('00', '15', '30', '45'))}"
    facts = (
        _fact(subject, "desks", desks, f"{desks} desks"),
        _fact(subject, "stands", stands, f"{stands} bike stands"),
        _fact(subject, "floor", floor, f"{floor} square metres", "m2"),
        _fact(subject, "opens", opens, opens),
        _fact(subject, "parcels", parcels, parcels),
        _fact(subject, "manager", manager.name, manager.name),
        _fact(subject, "extension", own.between(210, 890), ""),
        _fact(subject, "quiet", own.pick(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")), ""),
    )
    named = {fact.attribute: fact if fact.text else replace(fact, text=fact.value) for fact in facts}
    opened = own.day(date(2015, 3, 1), date(2023, 9, 30))
    address = f"{place['street']} {own.between(3, 98)}"
    return Office(key, place["city"], place["country"], address, place["site"], opened, manager, named)
