"""The whole company, from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property

from courseware.corpus.knowledge import knowledge
from courseware.corpus.text.draw import Draw
from courseware.corpus.world import failures, goods, rules, staff, trade
from courseware.corpus.world.entities import (
    Contract,
    Incident,
    Invoice,
    Office,
    Order,
    Person,
    Policy,
    Posting,
    Product,
    RegionalPage,
    Service,
    Team,
    Ticket,
    Vendor,
)  # fmt: skip
from courseware.corpus.world.facts import Fact

AS_OF = date(2026, 6, 30)


@dataclass(frozen=True)
class Sizes:
    """How much of everything there is."""

    offices: int = 8
    teams: int = 16
    members: int = 7
    products: int = 12
    services: int = 14
    vendors: int = 30
    topics: int = 60
    incidents: int = 90
    orders: int = 600
    tickets: int = 300
    invoices: int = 60
    contracts: int = 40
    postings: int = 60


@dataclass(frozen=True)
class World:
    """Everything that is so in one company. The same seed and sizes give the same company."""

    seed: str
    company: str
    domain: str
    offices: tuple[Office, ...]
    teams: tuple[Team, ...]
    people: tuple[Person, ...]
    products: tuple[Product, ...]
    services: tuple[Service, ...]
    vendors: tuple[Vendor, ...]
    policies: tuple[Policy, ...]
    incidents: tuple[Incident, ...]
    orders: tuple[Order, ...]
    tickets: tuple[Ticket, ...]
    invoices: tuple[Invoice, ...]
    contracts: tuple[Contract, ...]
    postings: tuple[Posting, ...]
    regional: tuple[RegionalPage, ...]

    @property
    def draw(self) -> Draw:
        """The root of everything that is drawn for this company."""
        return Draw("company", self.seed)

    @property
    def short(self) -> str:
        """The name colleagues use for the company."""
        return self.company.split()[0]

    def team(self, key: str) -> Team:
        """The team of this key, or the first where this company has none."""
        return next((team for team in self.teams if team.id == key), self.teams[0])

    def office(self, key: str) -> Office:
        """The office of this key."""
        return next(office for office in self.offices if office.id == key)

    @cached_property
    def facts(self) -> dict[str, Fact]:
        """Every fact, by id."""
        return {fact.id: fact for fact in self._all_facts()}

    def _all_facts(self) -> Iterator[Fact]:
        for each in fields(self):
            value = getattr(self, each.name)
            for entity in value if isinstance(value, tuple) else ():
                yield from getattr(entity, "facts", {}).values()
        for policy in self.policies:
            for version in policy.versions:
                yield from version.facts.values()


def make_world(seed: int | str, sizes: Sizes | None = None) -> World:
    """Found the company of this seed."""
    size, draw, names = sizes or Sizes(), Draw("company", str(seed)), knowledge("names")
    name = f"{draw.at('name').pick(names['companies'])} {draw.at('trade').pick(names['trades'])}"
    domain = f"{staff.plain(name.split()[0])}.example"
    crew = staff.hire(draw.at("staff"), domain, (size.offices, size.teams, size.members))
    products = goods.make_products(draw.at("products"), size.products)
    services = goods.make_services(draw.at("services"), crew, size.services)
    vendors = goods.make_vendors(draw.at("vendors"), crew, size.vendors)
    orders = trade.make_orders(draw.at("orders"), products, crew, size.orders)
    return World(
        seed=str(seed), company=name, domain=domain, offices=crew.offices, teams=crew.teams, people=crew.people,
        products=products, services=services, vendors=vendors,
        policies=rules.make_policies(draw.at("policies"), crew, size.topics),
        incidents=failures.make_incidents(draw.at("incidents"), services, crew, size.incidents),
        orders=orders, tickets=trade.make_tickets(draw.at("tickets"), orders, crew, size.tickets),
        invoices=trade.make_invoices(draw.at("invoices"), vendors, size.invoices),
        contracts=trade.make_contracts(draw.at("contracts"), vendors, size.contracts),
        postings=trade.make_postings(draw.at("postings"), crew, size.postings),
        regional=rules.make_regional(draw.at("regional"), crew),
    )  # fmt: skip
