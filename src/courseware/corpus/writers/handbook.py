"""Handbook pages: teams, offices, products, programs, words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from courseware.corpus.document import Draft
from courseware.corpus.knowledge import knowledge
from courseware.corpus.text.blocks import compose, insert
from courseware.corpus.text.draw import Draw
from courseware.corpus.world.entities import Product, Service, Team
from courseware.corpus.world.world import World
from courseware.corpus.writers.people import around

HTML_SHARE = 6
GLOSSARY = ("shop floor", "bookings", "batteries", "service", "stores", "everything else")


def write_handbook(world: World, count: int) -> list[Draft]:
    """Pages about everything there is, the kinds taking turns, until there are enough."""
    kinds = [
        list(kind) for kind in (_offices(world), _products(world), _teams(world), _services(world), _glossary(world))
    ]
    pages: list[Draft] = []
    while any(kinds) and len(pages) < count:
        pages += [kind.pop(0) for kind in kinds if kind][: count - len(pages)]
    # A share of exactly one in six, so that the standard edition has its stated number of HTML pages.
    return [replace(page, format="html") if number % HTML_SHARE == 0 else page for number, page in enumerate(pages)]


def _draft(world: World, kind: str, key: str, page: str, context: dict[str, object], department: str) -> Draft:
    own = world.draw.at("write", "handbook", kind, key)
    blocks = compose(page, {**around(world), **context}, own.at("words"))
    day = own.at("day").day(date(2024, 2, 1), date(2026, 5, 29))
    title = blocks[0].body.text
    return Draft(f"handbook-{kind}-{key}", "handbook", title, day, department, blocks, f"handbook/{kind}/{key}")


def _offices(world: World) -> Iterator[Draft]:
    plan = knowledge("handbook")["office"]
    for subject in ("arrive", "desk", "post", "kitchen", "emergency"):
        for office in world.offices:
            own = world.draw.at("handbook", "office", subject, office.id)
            context = {
                "office": office, "way": own.pick(plan["ways"]), "weather": own.pick(plan["weathers"]),
                "room": own.pick(plan["rooms"]), "food": own.pick(plan["foods"]),
            }  # fmt: skip
            yield _draft(world, "office", f"{office.id}-{subject}", plan[subject], context, "People")


def _teams(world: World) -> Iterator[Draft]:
    plan = knowledge("handbook")["team"]
    # Teams that run programs first: small editions too have chains from a program to its owner.
    owners = {service.team for service in world.services}
    teams = sorted(world.teams, key=lambda team: team.id not in owners)
    for shape in range(len(plan["pages"])):
        for team in teams:
            own = world.draw.at("handbook", "team", team.id)
            number = (shape + own.below(2)) % 2
            habits = own.shuffled(plan["habits"])
            context = {
                "team": team, "channel": team.channel, "habit": habits[2 * number], "habit2": habits[2 * number + 1],
                "short_does": team.does, "office": world.office(team.office),
            }  # fmt: skip
            page = insert(plan["pages"][number], "people", _people(team, own.at(shape)))
            yield _draft(world, "team", f"{team.id}-{number + 1}", page, context, team.department)


def _people(team: Team, own: Draw) -> list[str]:
    if own.chance(0.5):
        return [f"- {person.name}, {person.title}" for person in team.members]
    named = [f"{person.name} ({person.title})" for person in own.shuffled(team.members)]
    return [f"{', '.join(named[:-1])} and {named[-1]}." if len(named) > 1 else f"{named[0]}."]


def _products(world: World) -> Iterator[Draft]:
    plan = knowledge("handbook")["product"]
    for shape in range(len(plan["pages"])):
        for place, product in enumerate(world.products):
            yield _product(world, plan, product, place, shape)


def _product(world: World, plan: dict[str, list[str]], product: Product, place: int, shape: int) -> Draft:
    own = world.draw.at("handbook", "product", product.id)
    number = (shape + own.below(2)) % 2
    context = {
        "p": product, "story": plan["stories"][(place + number) % len(plan["stories"])],
        "sell": plan["sells"][(place + 2 * number) % len(plan["sells"])], "wrong": own.pick(plan["wrongs"]),
    }  # fmt: skip
    return _draft(world, "product", f"{product.id}-{number + 1}", plan["pages"][number], context, "Sales")


def _services(world: World) -> Iterator[Draft]:
    plan = knowledge("handbook")["service"]
    for shape in range(len(plan["pages"])):
        for service in world.services:
            yield _service(world, plan, service, shape)


def _service(world: World, plan: dict[str, list[str]], service: Service, shape: int) -> Draft:
    own = world.draw.at("handbook", "service", service.id)
    number, books = (shape + own.below(2)) % 2, own.shuffled(plan["runbooks"])
    context = {
        "s": service, "short_does": service.does, "runbook": books[2 * number], "runbook2": books[2 * number + 1],
    }  # fmt: skip
    return _draft(world, "service", f"{service.id}-{number + 1}", plan["pages"][number], context, "Engineering")


def _glossary(world: World) -> Iterator[Draft]:
    plan = knowledge("handbook")["glossary"]
    words = {**knowledge("company")["acronyms"], **plan["extra"]}
    order = world.draw.at("glossary").shuffled(sorted(words))
    for number, part in enumerate(GLOSSARY):
        own = sorted(order[number :: len(GLOSSARY)], key=str.lower)
        terms = [f"- **{word}**: {words[word]}" for word in own]
        context = {"part": part, "intro": plan["intros"][number]}
        yield _draft(world, "words", f"part-{number + 1}", insert(plan["page"], "terms", terms), context, "People")
