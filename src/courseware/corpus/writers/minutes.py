"""Minutes of meetings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from courseware.corpus.document import Draft, Format
from courseware.corpus.knowledge import knowledge
from courseware.corpus.text.blocks import compose, insert
from courseware.corpus.text.draw import Draw
from courseware.corpus.text.pattern import wording
from courseware.corpus.world.entities import Person, Vendor
from courseware.corpus.world.facts import spoken
from courseware.corpus.world.world import World
from courseware.corpus.writers.people import around, cast, later, number_words


def write_minutes(world: World, count: int) -> list[Draft]:
    """Minutes, half of them as DOCX; the items of the agenda take turns."""
    plan = knowledge("minutes")
    items = world.draw.at("agenda").cycle(plan["item"], 4 * count)
    return [_minutes(world, number, plan, items[4 * number : 4 * number + 4]) for number in range(count)]


def _minutes(world: World, number: int, plan: dict[str, object], items: list[dict[str, object]]) -> Draft:
    own, team = world.draw.at("write", "minutes", number), world.teams[number % len(world.teams)]
    day = own.day(date(2024, 2, 1), date(2026, 6, 19))
    people, city = cast(world, own, own.between(4, 6), team.members), world.office(team.office).city
    heading = own.pick(("## {}", "## {n}. {}", "### {}"))
    chosen = items[: own.between(3, 4)]
    lines = [line for n, item in enumerate(chosen, 1) for line in _item(world, own.at(n), item, people, heading, n)]
    page = insert(str(own.pick(sorted(dict(plan["shapes"]).items()))[1]), "items", lines)  # type: ignore[call-overload]
    context = {
        **around(world), "people": _names(people, own), "writer": people[-1].name, "next": later(day, 14),
        "away": own.pick([p.first for p in world.people if p.first not in {each.first for each in people}]),
        "title": wording(own.pick(list(plan["titles"])), {"city": city, "day": spoken(day)}, own).text,  # type: ignore[call-overload]
    }  # fmt: skip
    blocks = compose(page, context, own.at("words"))
    kind: Format = "docx" if number % 2 else "md"
    return Draft(
        f"minutes-{number:03d}", "minutes", blocks[0].body.text, day, team.department, blocks,
        f"minutes/{day.isoformat()}-{team.id}-{number:03d}", kind, author=people[-1].name,
    )  # fmt: skip


def _names(people: list[Person], own: Draw) -> str:
    return ", ".join(person.first if own.chance(0.3) else person.name for person in people)


def _item(
    world: World, own: Draw, item: dict[str, object], people: list[Person], heading: str, place: int
) -> list[str]:
    speakers = own.sample(people, 3)
    context = {
        **number_words(own), "vendor": own.pick(_part_makers(world)).name,
        **{key: person.first for key, person in zip("abc", speakers, strict=True)},
    }  # fmt: skip
    head = wording(own.pick(list(item["head"])), context, own).text  # type: ignore[call-overload]
    said, done = (wording(str(item[part]), context, own).text for part in ("said", "done"))
    label = own.pick(("Decided: ", "→ ", "Outcome: ", ""))
    title = heading.replace("{n}", str(place)).replace("{}", head)
    return [_literal(line) for line in ("", title, said, "", f"{label}{done}", "")]


def _part_makers(world: World) -> Sequence[Vendor]:
    """Vendors of things a workshop runs out of, if there are any."""
    services = knowledge("papers")["services"]
    return [vendor for vendor in world.vendors if vendor.supplies not in services] or world.vendors


def _literal(line: str) -> str:
    """The line as a pattern for itself; it is filled already."""
    return "".join("\\" + sign if sign in "[]{}|\\" else sign for sign in line)
