"""What the company makes, runs and buys: products, services and vendors."""

from __future__ import annotations

from courseware.corpus.knowledge import knowledge
from courseware.corpus.text.draw import Draw
from courseware.corpus.world.entities import Product, Service, Team, Vendor
from courseware.corpus.world.facts import Fact, money
from courseware.corpus.world.staff import Staff, plain


def named(facts: tuple[Fact, ...]) -> dict[str, Fact]:
    """The facts by attribute."""
    return {fact.attribute: fact for fact in facts}


def make_products(draw: Draw, count: int) -> tuple[Product, ...]:
    """The range of bikes and trailers."""
    plans = draw.at("range").sample(knowledge("company")["product"], count)
    return tuple(_product(draw.at("product", plan["name"]), plan) for plan in plans)


def _product(own: Draw, plan: dict[str, str]) -> Product:
    subject = f"product.{plain(plan['name'])}"
    price, rent, service = own.between(2_190, 7_890, 100), own.between(29, 89), own.between(69, 149, 10)
    figures = (
        ("payload", own.between(60, 240, 5), "{} kg"),
        ("weight", own.between(22, 68), "{} kg"),
        ("range", own.between(35, 110, 5), "{} km"),
        ("battery", own.between(400, 1000, 20), "{} Wh"),
        ("width", own.between(62, 98), "{} cm"),
        ("turning", own.between(21, 46), "{} dm"),
        ("charge", own.between(3, 8), "{} hours"),
    )
    facts = tuple(Fact(f"{subject}.{a}", subject, a, str(v), say.format(v)) for a, v, say in figures)
    prices = tuple(
        Fact(f"{subject}.{a}", subject, a, str(v * 100), money(v * 100), "EUR", "sales")
        for a, v in (("price", price), ("rent", rent), ("service", service))
    )
    return Product(plain(plan["name"]), plan["name"], plan["kind"], plan["for"], named((*facts, *prices)))


_LANGUAGES = ("Python", "Go", "Kotlin", "Elixir", "Rust", "TypeScript")
_STORES = ("a relational database", "a key-value store", "flat files", "a message log", "a search index")


def make_services(draw: Draw, staff: Staff, count: int) -> tuple[Service, ...]:
    """The programs, each owned by a team that exists."""
    teams = {team.id: team for team in staff.teams}
    plans = [plan for plan in knowledge("company")["service"] if plan["team"] in teams]
    return tuple(_service(draw.at("service", p["name"]), p, teams[p["team"]]) for p in plans[:count])


def _service(own: Draw, plan: dict[str, str], team: Team) -> Service:
    subject = f"service.{plan['name']}"
    limit, rate, keep = own.between(80, 900, 10), own.between(40, 2400, 20), own.between(3, 45)
    facts = (
        Fact(f"{subject}.owner", subject, "owner", team.name, team.name),
        Fact(f"{subject}.language", subject, "language", (lang := own.pick(_LANGUAGES)), lang),
        Fact(f"{subject}.store", subject, "store", (store := own.pick(_STORES)), store),
        Fact(f"{subject}.limit", subject, "limit", str(limit), f"{limit} ms"),
        Fact(f"{subject}.rate", subject, "rate", str(rate), f"{rate} requests a second"),
        Fact(f"{subject}.keep", subject, "keep", str(keep), f"{keep} days"),
    )
    return Service(plan["name"], plan["name"], team.id, plan["does"], plan["noun"], named(facts))


def make_vendors(draw: Draw, staff: Staff, count: int) -> tuple[Vendor, ...]:
    """Firms the company buys from; each trade has one before any has two."""
    trades = draw.at("trades").cycle(knowledge("company")["vendor"], count)
    houses = draw.at("houses").cycle(knowledge("names")["vendors"], count)
    buyers = [p for p in staff.people if p.team in ("purchasing", "finance", "logistics")] or list(staff.people)
    made = []
    for number, (trade, house) in enumerate(zip(trades, houses, strict=True)):
        name = f"{house} {trade['trade']}"
        own = draw.at("vendor", number)
        city = own.pick(knowledge("company")["office"])["city"]
        made.append(Vendor(plain(name), name, trade["supplies"], city, own.pick(buyers)))
    return tuple(made)
