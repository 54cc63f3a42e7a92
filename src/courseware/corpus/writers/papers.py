"""Papers that go to others: invoices, contracts and orders, job postings."""

from __future__ import annotations

from courseware.corpus.document import Draft, Format
from courseware.corpus.knowledge import knowledge
from courseware.corpus.text.blocks import Block, compose, insert
from courseware.corpus.text.spanned import Spanned
from courseware.corpus.world.entities import Contract, Invoice, Posting
from courseware.corpus.world.facts import money, spoken
from courseware.corpus.world.staff import plain
from courseware.corpus.world.world import World
from courseware.corpus.writers.people import around


def write_invoices(world: World, count: int) -> list[Draft]:
    """Vendors' bills; each vendor has a layout of its own."""
    return [_invoice(world, invoice) for invoice in world.invoices[:count]]


def _invoice(world: World, invoice: Invoice) -> Draft:
    own = world.draw.at("write", "invoice", invoice.id)
    layout = world.draw.at("layout", invoice.vendor.id)
    head = layout.pick(("INVOICE {no}", "Invoice no. {no}", "Invoice", "Bill {no}")).replace("{no}", invoice.id)
    numbers = layout.pick((
        f"Invoice number: {invoice.id}\n\nInvoice date: {spoken(invoice.issued)}\n\nYour order: {invoice.order}",
        f"No. {invoice.id} | {invoice.issued:%d.%m.%Y} | your ref. {invoice.order}".replace("|", "·"),
        f"{invoice.vendor.city}, {invoice.issued.isoformat()}. Our number {invoice.id}, your order {invoice.order}.",
    ))  # fmt: skip
    office = own.pick(world.offices)
    page = "\n\n".join((
        f"# {head}",
        invoice.vendor.name + layout.pick((f", {invoice.vendor.city}", f" · {invoice.vendor.supplies}")),
        f"To: {world.company}, {office.address}, {office.city}", numbers,
    ))  # fmt: skip
    due = layout.pick((
        "[Payable by {invoice.due}|Please pay by {invoice.due}].", "Due: {invoice.due}. Thank you for your business.",
        "We kindly ask for payment no later than {invoice.due}.",
    ))  # fmt: skip
    context = {**around(world), "invoice": invoice}
    blocks = (
        *compose(page, context, own.at("head")), _lines(invoice),
        *compose(f"Total to pay: {{invoice.total}}\n\n{due}", context, own.at("end")),
    )  # fmt: skip
    return Draft(
        f"invoice-{invoice.id.lower()}", "invoice", f"Invoice {invoice.id}, {invoice.vendor.name}", invoice.issued,
        "Finance", blocks, f"invoices/{invoice.issued:%Y-%m}-{invoice.id.lower()}", "pdf", author=invoice.vendor.name,
    )  # fmt: skip


def _lines(invoice: Invoice) -> Block:
    rows = [("Item", "Quantity", "Price", "Amount")]
    rows += [(ln.item, str(ln.quantity), f"{ln.price / 100:,.2f}", f"{ln.total / 100:,.2f}") for ln in invoice.lines]
    tax = (invoice.net * invoice.tax + 50) // 100
    rows += [("Net", "", "", f"{invoice.net / 100:,.2f}"), (f"VAT {invoice.tax} %", "", "", f"{tax / 100:,.2f}")]
    return Block("table", rows=tuple(tuple(Spanned(cell) for cell in row) for row in rows))


def write_contracts(world: World, count: int) -> list[Draft]:
    """Framework agreements and purchase orders, half of them as PDF."""
    return [_contract(world, contract, number) for number, contract in enumerate(world.contracts[:count])]


def _contract(world: World, contract: Contract, number: int) -> Draft:
    own, plan = world.draw.at("write", "contract", contract.id), knowledge("papers")
    is_service = contract.vendor.supplies in plan["services"]
    clauses = {**plan["clauses"], **(plan["service_clauses"] if is_service else {})}
    seller = "Provider" if is_service else "Supplier"
    office, signer = own.pick(world.offices), own.pick(world.people)
    parts = own.shuffled(("price", "quality", "late", "liability", "confidence", "staff"))
    if contract.kind == "agreement":
        title = own.pick(("Framework agreement", "Supply agreement", "Agreement on the supply of {supplies}"))
        parts = ["scope", "term", "notice", *parts, "law"]
        page = [
            f"# {title} {contract.id}",
            f"between {world.company} (the Buyer) and {contract.vendor.name} (the {seller})",
        ]
    else:
        parts = ["term", "notice", "late", "liability", *own.sample(("price", "quality", "confidence"), 2)]
        page = [
            f"# Purchase order {contract.id}",
            f"{world.company} to {contract.vendor.name}, {spoken(contract.signed)}",
        ]
        page += [own.pick(clauses["order_intro"]), _ordered(world, contract), own.pick(clauses["order_notes"])]
        page += ["## Conditions"]
    form = own.pick(("## {n}. {name}\n{text}", "**§ {n}** {text}", "{n}.1 {text}"))
    names = {
        "late": "Late performance" if is_service else "Late delivery",
        "staff": "People" if is_service else "People who work on the goods",
        "law": "Law and disputes",
    }
    for place, part in enumerate(parts, 1):
        name = names.get(part, {"confidence": "Confidentiality"}.get(part, part.capitalize()))
        page.append(form.format(n=place, name=name, text=own.at(part).pick(clauses[part])))
    page.append(f"{world.office(world.teams[0].office).city}, {spoken(contract.signed)}. For the Buyer: {signer.name}.")
    context = {
        **around(world), "contract": contract, "supplies": contract.vendor.supplies, "signed": spoken(contract.signed),
        "office": office,
    }  # fmt: skip
    kind: Format = "pdf" if number % 4 in (0, 3) else "docx"
    title = f"{contract.id} {contract.vendor.name}"
    audience = contract.facts["term"].audience
    blocks = compose("\n\n".join(page), context, own.at("words"))
    return Draft(
        f"contract-{contract.id.lower()}", "contract", title, contract.signed, "Legal", blocks,
        f"contracts/{contract.id.lower()}-{plain(contract.vendor.name)}", kind, audience, author=signer.name,
    )  # fmt: skip


def _ordered(world: World, contract: Contract) -> str:
    own = world.draw.at("ordered", contract.id)
    items = own.sample(knowledge("papers")["items"][contract.vendor.supplies], own.between(2, 5))
    rows = [f"| {item} | {own.between(5, 400, 5)} | {money(own.between(150, 9_900, 10))} |" for item in items]
    return "\n".join(("| Item | Quantity | Price each |", "| --- | --- | --- |", *rows))


def write_postings(world: World, count: int) -> list[Draft]:
    """Job postings, a third of them as DOCX."""
    return [_posting(world, posting, number) for number, posting in enumerate(world.postings[:count])]


def _posting(world: World, posting: Posting, number: int) -> Draft:
    plan = knowledge("papers")
    role = next(role for role in plan["role"] if role["title"] == posting.role)
    own = world.draw.at("write", "posting", posting.id)
    needs = own.shuffled([f"- {need}" for need in role["needs"]])
    plus = [f"- {each}" for each in role["plus"]]
    page = insert(insert(own.pick(plan["posting"]["shapes"]), "needs", needs), "plus", plus)
    page = page.replace("{about}", role["about"]).replace("{perk}", own.pick(plan["posting"]["perks"]))
    context = {
        **around(world), "posting": posting, "office": posting.office, "team": posting.team,
        "lead": posting.team.lead.name, "size": len(posting.team.members),
    }  # fmt: skip
    blocks = compose(page.replace("{team.name}", posting.team.name), context, own.at("words"))
    kind: Format = "docx" if number % 3 == 2 else "html"
    stem = f"jobs/{posting.id.lower()}-{plain(posting.role)}"
    title = f"{posting.role}, {posting.office.city}"
    return Draft(
        f"posting-{posting.id.lower()}", "posting", title, posting.opened, posting.team.department, blocks, stem, kind,
        "everyone", office=posting.office.id,
    )  # fmt: skip
