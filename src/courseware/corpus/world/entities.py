"""What the company is made of, as frozen records. Attributes worth asking about are Facts in `facts`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from courseware.corpus.world.facts import Fact

Facts = Mapping[str, Fact]


@dataclass(frozen=True)
class Person:
    """Someone who works here."""

    id: str
    name: str
    email: str
    handle: str
    title: str
    team: str
    office: str
    started: date

    @property
    def first(self) -> str:
        """The name colleagues use."""
        return self.name.split()[0]


@dataclass(frozen=True)
class Office:
    """A place with desks, a workshop or a rental counter."""

    id: str
    city: str
    country: str
    address: str
    site: str
    opened: date
    manager: Person
    facts: Facts


@dataclass(frozen=True)
class Team:
    """People with one purpose and one channel."""

    id: str
    name: str
    department: str
    does: str
    lead: Person
    office: str
    members: tuple[Person, ...]
    facts: Facts

    @property
    def channel(self) -> str:
        """Where the team talks."""
        return f"team-{self.id}"


@dataclass(frozen=True)
class Product:
    """A bike or trailer that is sold and rented."""

    id: str
    name: str
    kind: str
    users: str
    facts: Facts


@dataclass(frozen=True)
class Service:
    """A program that the company runs."""

    id: str
    name: str
    team: str
    does: str
    noun: str
    facts: Facts


@dataclass(frozen=True)
class Vendor:
    """A firm the company buys from."""

    id: str
    name: str
    supplies: str
    city: str
    contact: Person


@dataclass(frozen=True)
class Version:
    """One version of a policy. `facts` hold from `effective` until the next version."""

    number: int
    effective: date
    approver: Person
    facts: Facts


@dataclass(frozen=True)
class Policy:
    """A rule of the house in three versions, the last of them in force."""

    id: str
    title: str
    department: str
    owner: Team
    page: str
    versions: tuple[Version, ...]
    asks: Mapping[str, tuple[str, ...]]

    @property
    def current(self) -> Version:
        """The version in force."""
        return self.versions[-1]


@dataclass(frozen=True)
class Incident:
    """Something that broke, when, for how long, and why."""

    id: str
    service: Service
    cause: str
    began: date
    minute: int
    severity: int
    commander: Person
    facts: Facts


@dataclass(frozen=True)
class RegionalPage:
    """A page that every town has; `facts` hold the one value in which it differs."""

    id: str
    title: str
    text: str
    ask: str
    office: Office
    facts: Facts


@dataclass(frozen=True)
class Line:
    """A line of an order or an invoice; prices in cents, tax not included."""

    item: str
    quantity: int
    price: int

    @property
    def total(self) -> int:
        """Quantity times price, in cents."""
        return self.quantity * self.price


@dataclass(frozen=True)
class Invoice:
    """What a vendor bills. Amounts in cents; `tax` in percent."""

    id: str
    vendor: Vendor
    order: str
    issued: date
    due: date
    lines: tuple[Line, ...]
    tax: int
    facts: Facts

    @property
    def net(self) -> int:
        """The lines' sum, in cents."""
        return sum(line.total for line in self.lines)


@dataclass(frozen=True)
class Order:
    """What a customer bought or rents; amounts in cents."""

    id: str
    customer: str
    product: Product
    office: str
    placed: date
    quantity: int
    total: int
    status: str


@dataclass(frozen=True)
class Ticket:
    """What a customer reported."""

    id: str
    order: Order
    opened: date
    topic: str
    priority: str
    status: str
    assignee: Person


@dataclass(frozen=True)
class Contract:
    """A framework agreement or a purchase order with a vendor."""

    id: str
    kind: str
    vendor: Vendor
    signed: date
    facts: Facts


@dataclass(frozen=True)
class Posting:
    """A job that is open."""

    id: str
    role: str
    team: Team
    office: Office
    opened: date
    facts: Facts
