"""Mails: between colleagues, from vendors and from customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from courseware.corpus.document import Draft
from courseware.corpus.knowledge import knowledge
from courseware.corpus.text.blocks import Block, compose
from courseware.corpus.text.draw import Draw
from courseware.corpus.text.pattern import wording
from courseware.corpus.text.spanned import Spanned
from courseware.corpus.world.entities import Person
from courseware.corpus.world.facts import spoken
from courseware.corpus.world.staff import plain
from courseware.corpus.world.world import World
from courseware.corpus.writers.people import around, cast, later, number_words

NOISY_PERCENT = 15


@dataclass(frozen=True)
class _Sender:
    name: str
    address: str
    signature: str


def write_mail(world: World, count: int) -> list[Draft]:
    """So many mails, the kinds taking turns. About one in seven drags a quoted chain and a disclaimer behind it."""
    plans = world.draw.at("mails").cycle(knowledge("mail")["mail"], count)
    noisy = set(world.draw.at("noisy").sample(range(count), (count * NOISY_PERCENT + 50) // 100))
    return [_mail(world, number, plan, number in noisy) for number, plan in enumerate(plans)]


def _mail(world: World, number: int, plan: dict[str, object], noisy: bool) -> Draft:
    own = world.draw.at("write", "mail", number)
    day = own.day(date(2024, 2, 1), date(2026, 6, 26))
    to, other, writer = cast(world, own.at("who"), 3)
    context = _context(world, own.at("context"), day, to, other)
    sender = _sender(world, own.at("sender"), str(plan["from"]), writer, context)
    subject = wording(own.pick(list(plan["subject"])), context, own).text  # type: ignore[call-overload]
    blocks = compose(str(plan["body"]), context, own.at("words"))
    blocks = (*blocks, *(Block("paragraph", Spanned(line)) for line in sender.signature.split("\n")))
    if noisy:
        blocks = (*_forwarded(own.at("forward"), to), *(_quoted(block) for block in blocks), _disclaimer())
        sender, to, subject = _Sender(to.name, to.email, to.first), other, f"Fwd: {subject}"
    minute = own.between(7 * 60, 18 * 60)
    headers = (
        ("From", f"{sender.name} <{sender.address}>"), ("To", f"{to.name} <{to.email}>"),
        ("Date", f"{day.isoformat()} {minute // 60:02d}:{minute % 60:02d}"),
        ("Message-ID", f"<{number:05d}.{day:%Y%m%d}@{world.domain}>"),
    )  # fmt: skip
    return Draft(
        f"mail-{number:04d}", "mail", subject, day, world.team(to.team).department, blocks,
        f"mail/{day:%Y-%m}/{number:04d}-{plain(subject)[:40].strip('-')}", "eml", author=sender.name, headers=headers,
        traits=("noise",) if noisy else (),
    )  # fmt: skip


def _context(world: World, own: Draw, day: date, to: Person, other: Person) -> dict[str, object]:
    return {
        **around(world), **number_words(own), "to": to.name, "to_first": to.first, "other": other.first,
        "po": f"PO-{own.between(5_000, 9_800)}", "so": own.pick(world.orders).id,
        "part": own.pick(knowledge("mail")["parts"]),
        "later": later(day, own.between(4, 30)), "later2": later(day, own.between(31, 40)),
        "earlier": spoken(day.replace(day=1)), "customer": own.pick(knowledge("names")["customers"]),
        "product": own.pick(world.products).name, "vendor": own.pick(world.vendors).name,
        "city": own.pick(world.offices).city,
    }  # fmt: skip


def _sender(world: World, own: Draw, kind: str, writer: Person, context: dict[str, object]) -> _Sender:
    plan, names = knowledge("mail"), knowledge("names")
    if kind == "staff":
        who = {"name": writer.name, "first": writer.first, "title": writer.title, "company": world.company}
        return _Sender(writer.name, writer.email, wording(own.pick(plan["signatures"]), who, own).text)
    name = f"{own.pick(names['first'])} {own.pick(names['last'])}"
    house = str(context["vendor"] if kind == "vendor" else context["customer"])
    address = f"{plain(name.split()[0])}@{plain(house)}.example"
    return _Sender(name, address, f"{name}\n{house}")


def _forwarded(own: Draw, by: Person) -> tuple[Block, ...]:
    says = wording(own.pick(knowledge("mail")["quoted"]), {}, own)
    return (Block("paragraph", says), Block("paragraph", Spanned(by.first)), Block("paragraph", Spanned("-----")))


def _quoted(block: Block) -> Block:
    return Block("quote", block.body) if block.kind in ("paragraph", "item") else block


def _disclaimer() -> Block:
    return Block("paragraph", Spanned(knowledge("mail")["disclaimer"]))
