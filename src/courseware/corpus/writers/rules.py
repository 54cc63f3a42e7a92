"""Policies in three versions, and the pages that every town has."""

from __future__ import annotations

from datetime import date

from courseware.corpus.document import Draft, Format
from courseware.corpus.knowledge import knowledge
from courseware.corpus.text.blocks import Block, compose
from courseware.corpus.text.draw import Draw
from courseware.corpus.text.pattern import wording
from courseware.corpus.world.entities import Policy, Version
from courseware.corpus.world.facts import MONTHS, spoken
from courseware.corpus.world.world import World
from courseware.corpus.writers.people import around

PDF_POLICIES = 10


def write_policies(world: World, count: int) -> list[Draft]:
    """Every version of as many policies as fit; those with tables come as PDF first."""
    policies = world.policies[: count // 3]
    tables = sorted(policies, key=lambda policy: ("| ---" not in policy.page, policy.id))
    printed = {policy.id for policy in tables[: max(1, len(policies) * PDF_POLICIES // 60)]}
    return [_policy(world, policy, version, policy.id in printed) for policy in policies for version in policy.versions]


def _policy(world: World, policy: Policy, version: Version, printed: bool) -> Draft:
    kind: Format = "pdf" if printed else "md"
    own = world.draw.at("write", "policy", policy.id)
    context = _context(world, policy, version, own)
    page = "\n\n".join(part for part in _parts(policy, version, own, context) if part.strip())
    # The draw is the topic's: versions share their wording and differ where the policy does.
    blocks = compose(page, context, own.at("words"), version.number)
    old = "" if version is policy.current else "-old"
    return Draft(
        id=f"policy-{policy.id}-v{version.number}", family="policy", title=policy.title, date=version.effective,
        department=policy.department, blocks=blocks, format=kind,
        stem=f"policies{old}/{policy.id}-v{version.number}",
        audience="restricted" if "Restricted:" in policy.page else "staff",
        version=f"{version.number}.0", author=version.approver.name,
        traits=(*(("split_table",) if printed and "| ---" in policy.page else ()), "version"),
    )  # fmt: skip


def _parts(policy: Policy, version: Version, own: Draw, context: dict[str, object]) -> list[str]:
    frame = knowledge("frame")
    head = own.at("head").pick(frame["head"])
    opening = own.at("opening").pick(frame["opening"])
    if "{previous}" in opening and version.number == 1:
        opening = ""
    changes = own.at("changes").pick(frame["changes"]) if context["changes"] else ""
    exception, ending = own.at("exception").pick(frame["exception"]), own.at("ending").pick(frame["ending"])
    secret = frame["confidential"] if "Restricted:" in policy.page and own.at("secret").chance(0.5) else ""
    title = f"# {policy.title}"
    middle = [changes, policy.page] if own.at("where").chance(0.3) else [policy.page, changes]
    return [title, head, secret, opening, *middle, exception, ending]


def _context(world: World, policy: Policy, version: Version, own: Draw) -> dict[str, object]:
    other = own.at("other").pick([p for p in world.policies if p is not policy] or [policy])
    previous = policy.versions[version.number - 2]
    return {
        **around(world), **version.facts, "v": version, "effective": spoken(version.effective),
        "owner": policy.owner.name, "approver": version.approver.name, "lead": policy.owner.lead.name,
        "channel": policy.owner.channel, "other": other.title,
        "office": own.at("office").pick(world.offices),
        "previous": f"{MONTHS[previous.effective.month - 1]} {previous.effective.year}",
        "changes": _changes(policy, version, previous, own.at("changed")) if version.number > 1 else "",
    }  # fmt: skip


def _changes(policy: Policy, version: Version, previous: Version, own: Draw) -> str:
    """What differs, in words that do not give the old value away as the present one."""
    form = own.pick(
        ("{label}: {new}, was {old}", "{label} goes from {old} to {new}", "{new} instead of {old} for {label}")
    )
    changed = [
        form.format(label=knowledge("labels")[policy.id][name], new=version.facts[name].text, old=fact.text)
        for name, fact in previous.facts.items()
        if fact.value != version.facts[name].value
    ]
    return "; ".join(changed)


def write_regional(world: World, count: int) -> list[Draft]:
    """The pages of every town: alike word for word, but for one value and the names."""
    drafts = []
    for page in world.regional[:count]:
        context = {**around(world), **page.facts, "office": page.office, "city": page.office.city}
        own = world.draw.at("write", "regional", page.id)
        value = page.facts["value"]
        title = Block("heading", wording(page.title, {}, own))
        # The counter's hours are a fact of the office and not of this page.
        text = page.text.replace("{office.opens}", page.office.facts["opens"].text)
        blocks = (title, *compose(text, context, own.at("words")))
        drafts.append(
            Draft(
                f"region-{page.id}-{page.office.id}", "regional", page.title, _day(own.at(page.office.id)),
                "Support", blocks, f"regional/{page.office.id}/{page.id}", "html", "everyone",
                office=page.office.id, traits=("near_duplicate", value.id),
            )
        )  # fmt: skip
    return drafts


def _day(own: Draw) -> date:
    return own.day(date(2025, 9, 1), date(2026, 5, 29))
