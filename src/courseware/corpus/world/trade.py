"""What happens from day to day: orders, tickets, invoices, contracts, job postings."""

from __future__ import annotations

from datetime import date, timedelta

from courseware.corpus.knowledge import knowledge
from courseware.corpus.text.draw import Draw
from courseware.corpus.world.entities import (
    Contract,
    Invoice,
    Line,
    Office,
    Order,
    Posting,
    Product,
    Team,
    Ticket,
    Vendor,
)
from courseware.corpus.world.facts import Audience, Fact, money, spoken
from courseware.corpus.world.goods import named
from courseware.corpus.world.staff import Staff

FIRST_DAY, LAST_DAY = date(2024, 1, 8), date(2026, 6, 30)
_STATUSES = ("delivered", "delivered", "delivered", "shipped", "cancelled", "returned")


def make_orders(draw: Draw, products: tuple[Product, ...], staff: Staff, count: int) -> tuple[Order, ...]:
    """Orders of firms."""
    orders = []
    for number in range(count):
        own = draw.at("order", number)
        product, quantity = own.pick(products), own.pick((1, 1, 1, 2, 2, 3, 4, 6, 8, 12))
        price = int(product.facts["price"].value) * quantity
        customer, office = own.pick(knowledge("names")["customers"]), own.pick(staff.offices).city
        placed = own.day(FIRST_DAY, LAST_DAY)
        orders.append(
            Order(f"SO-{41000 + 7 * number}", customer, product, office, placed, quantity, price, own.pick(_STATUSES))
        )
    return tuple(orders)


def make_tickets(draw: Draw, orders: tuple[Order, ...], staff: Staff, count: int) -> tuple[Ticket, ...]:
    """Tickets that came of orders."""
    topics = [article["topic"] for article in knowledge("support")["article"]]
    agents = [person for person in staff.people if person.team in ("support", "field")] or list(staff.people)
    tickets = []
    for number in range(count):
        own = draw.at("ticket", number)
        order = own.pick(orders)
        opened = order.placed + timedelta(days=own.between(3, 240))
        urgency, state = (
            own.pick(("low", "normal", "normal", "high")),
            own.pick(("open", "waiting", "closed", "closed")),
        )
        tickets.append(
            Ticket(f"T-{8100 + 3 * number}", order, opened, own.pick(topics), urgency, state, own.pick(agents))
        )
    return tuple(tickets)


def make_invoices(draw: Draw, vendors: tuple[Vendor, ...], count: int) -> tuple[Invoice, ...]:
    """Bills of vendors, for things they supply."""
    items = knowledge("papers")["items"]
    return tuple(_invoice(draw.at("invoice", number), vendors, items, number) for number in range(count))


def _invoice(own: Draw, vendors: tuple[Vendor, ...], items: dict[str, list[str]], number: int) -> Invoice:
    vendor = own.pick(vendors)
    lines = tuple(
        Line(item, own.pick((1, 2, 4, 5, 10, 12, 20, 25, 40, 60)), own.between(180, 9_950, 10) * own.pick((1, 1, 2)))
        for item in own.sample(items[vendor.supplies], own.between(2, 6))
    )
    issued = own.day(FIRST_DAY, LAST_DAY)
    days, tax = own.pick((14, 30, 30, 45, 60)), own.pick((20, 21, 19, 25))
    invoice = (
        f"{''.join(part[0] for part in vendor.name.split())[:3].upper()}-{own.between(10_000, 98_000)}-{number % 10}"
    )
    net = sum(line.total for line in lines)
    gross = net + (net * tax + 50) // 100
    subject, due = f"invoice.{invoice.lower()}", issued + timedelta(days=days)
    facts = (
        Fact(f"{subject}.total", subject, "total", str(gross), f"€ {gross / 100:,.2f}", "EUR", "finance"),
        Fact(f"{subject}.due", subject, "due", due.isoformat(), spoken(due), "", "finance"),
    )
    return Invoice(invoice, vendor, f"PO-{own.between(5_000, 9_800)}", issued, due, lines, tax, named(facts))


def make_contracts(draw: Draw, vendors: tuple[Vendor, ...], count: int) -> tuple[Contract, ...]:
    """Framework agreements and purchase orders, one vendor after the other."""
    contracts = []
    # A service is not ordered by the piece: its vendors have agreements only.
    services = knowledge("papers")["services"]
    goods = [vendor for vendor in vendors if vendor.supplies not in services] or list(vendors)
    agreements, orders = draw.at("agreements").cycle(vendors, count), draw.at("orders").cycle(goods, count)
    for number in range(count):
        vendor = orders[number] if number % 2 else agreements[number]
        own, kind = draw.at("contract", number), "agreement" if number % 2 == 0 else "order"
        name = f"{'FA' if kind == 'agreement' else 'PO'}-{own.between(100, 989)}{number:03d}"
        subject = f"contract.{name.lower()}"
        term, notice, cap = own.pick((12, 24, 36)), own.pick((30, 60, 90, 120)), own.between(50, 900, 10) * 100_000
        audience: Audience = "restricted" if kind == "agreement" or number == 1 else "staff"
        late = own.pick(("0.3", "0.5", "0.8", "1.0"))
        facts = (
            Fact(f"{subject}.term", subject, "term", str(term), f"{term} months", audience=audience),
            Fact(f"{subject}.notice", subject, "notice", str(notice), f"{notice} days", audience=audience),
            Fact(f"{subject}.cap", subject, "cap", str(cap), money(cap), "EUR", audience=audience),
            Fact(f"{subject}.late", subject, "late", late, f"{late} % a week", audience=audience),
        )
        contracts.append(Contract(name, kind, vendor, own.day(FIRST_DAY, LAST_DAY), named(facts)))
    return tuple(contracts)


def make_postings(draw: Draw, staff: Staff, count: int) -> tuple[Posting, ...]:
    """Open jobs; the same role may be open in several towns."""
    roles = knowledge("papers")["role"]
    postings = []
    for number, role in enumerate(draw.at("roles").cycle(roles, count)):
        own, name = draw.at("posting", number), f"J-{2300 + 3 * number}"
        team = _team_for(own, staff, role["team"])
        subject, low, years = f"posting.{name.lower()}", own.between(31_000, 62_000, 500), own.between(1, 6)
        high, hours = low + own.between(4_000, 11_000, 500), own.pick((24, 32, 36, 38, 40))
        closes = (opened := own.day(FIRST_DAY, LAST_DAY)) + timedelta(days=own.between(18, 60))
        facts = (
            Fact(f"{subject}.pay", subject, "pay", f"{low * 100}-{high * 100}", f"€ {low:,} to € {high:,}", "EUR"),
            Fact(f"{subject}.hours", subject, "hours", str(hours), f"{hours} hours a week"),
            Fact(f"{subject}.years", subject, "years", str(years), f"{years} year{'s' * (years > 1)}"),
            Fact(f"{subject}.closes", subject, "closes", closes.isoformat(), spoken(closes)),
        )
        postings.append(Posting(name, role["title"], team, _place(own, staff.offices), opened, named(facts)))
    return tuple(postings)


def _team_for(own: Draw, staff: Staff, wanted: str) -> Team:
    return next((team for team in staff.teams if team.id == wanted), own.pick(staff.teams))


def _place(own: Draw, offices: tuple[Office, ...]) -> Office:
    return own.pick(offices)
