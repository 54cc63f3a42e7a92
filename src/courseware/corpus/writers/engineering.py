"""Incident reports and design notes."""

from __future__ import annotations

from datetime import date

from courseware.corpus.document import Draft
from courseware.corpus.knowledge import knowledge
from courseware.corpus.text.blocks import compose, insert
from courseware.corpus.text.draw import Draw
from courseware.corpus.world.entities import Incident
from courseware.corpus.world.facts import spoken
from courseware.corpus.world.world import World
from courseware.corpus.writers.people import around, cast


def write_incidents(world: World, count: int) -> list[Draft]:
    """A report for every incident, in the shape its writer likes."""
    return [_incident(world, incident) for incident in world.incidents[:count]]


def _incident(world: World, incident: Incident) -> Draft:
    plan = knowledge("incidents")
    cause = next(cause for cause in plan["cause"] if cause["id"] == incident.cause)
    own = world.draw.at("write", "incident", incident.id)
    shape = own.at("shape").pick(sorted(plan["shapes"]))
    page = insert(plan["shapes"][shape], "timeline", _timeline(own.at("line"), incident, plan["timeline"]))
    page = insert(page, "follow", _actions(world, own.at("todo"), cause["follow"], incident))
    for part in ("seen", "wrong", "cause", "fix"):
        page = page.replace("{" + part + "}", cause[part])
    context = {**around(world), "inc": incident, "service": incident.service, "severity": f"SEV-{incident.severity}"}
    title = own.at("title").pick(cause["title"])
    head = _head(own.at("head"), incident, title)
    blocks = compose(f"{head}\n\n{page}", context, own.at("words"))
    return Draft(
        id=incident.id.lower(), family="incident", title=blocks[0].body.text, date=incident.began,
        department="Engineering", blocks=blocks, stem=f"incidents/{incident.id.lower()}",
        author=incident.commander.name,
    )  # fmt: skip


def _head(own: Draw, incident: Incident, title: str) -> str:
    day, who = spoken(incident.began), incident.commander.name
    return own.pick((
        f"# {incident.id}: {title}\n{day}, severity {incident.severity}. [Report by|Written by] {who}.",
        f"# {title}\n*{incident.id}, {day}*",
        f"# {incident.id} {title}\nDate: {day}. Severity: {incident.severity}. Incident lead: {who}.",
        f"# {title} ({incident.id})\n[Blameless, as always.|Nobody is to blame; the report says what happened.]"
        f" {who}, {day}.",
    ))  # fmt: skip


def _timeline(own: Draw, incident: Incident, words: dict[str, list[str]]) -> list[str]:
    length = int(incident.facts["minutes"].value)
    middle = own.sample(words["mid"], own.between(2, 4))
    ends = [0, own.between(1, 9), *sorted(own.between(8, max(9, length - 4)) for _ in middle), length]
    says = [own.pick(words["first"]), own.pick(words["paged"]), *middle, own.pick(words["last"])]
    lines = [
        (after, say.replace("{inc_commander}", incident.commander.first)) for after, say in zip(ends, says, strict=True)
    ]
    clock = [
        (f"{(incident.minute + after) // 60 % 24:02d}:{(incident.minute + after) % 60:02d}", say)
        for after, say in sorted(lines)
    ]
    if own.chance(0.5):
        return ["| Time | |", "| --- | --- |", *(f"| {at} | {say} |" for at, say in clock)]
    return [f"- {at} {say}" for at, say in clock]


def _actions(world: World, own: Draw, follow: list[str], incident: Incident) -> list[str]:
    people = cast(world, own, len(follow), world.team(incident.service.team).members)
    form = own.pick(("- {what} ({who})", "- {what}", "1. {what}: {who}", "- {who}: {what}"))
    return [form.format(what=what, who=who.first) for what, who in zip(own.shuffled(follow), people, strict=True)]


def write_designs(world: World, count: int) -> list[Draft]:
    """Design notes: every question for one program before any comes for a second."""
    plan = knowledge("designs")
    drafts = []
    for number in range(count):
        own, subject = world.draw.at("write", "design", number), plan["subject"][number % len(plan["subject"])]
        service = world.services[(number * 3 + number // len(plan["subject"])) % len(world.services)]
        team, day = world.team(service.team), own.day(date(2023, 5, 1), date(2026, 6, 5))
        author, reviewer = cast(world, own.at("who"), 2, team.members)
        lines = own.at("order").shuffled([f"- {option}" for option in subject["options"]])
        page = insert(own.at("shape").pick(sorted(plan["shapes"].items()))[1], "options", lines)
        page = page.replace("{title}", own.at("title").pick(subject["title"]))
        for part in ("context", "decision", "risk"):
            page = page.replace("{" + part + "}", subject[part])
        context = {
            **around(world), "s": service, "author": author.name, "reviewer": reviewer.name, "day": spoken(day),
            "status": own.pick(("decided", "accepted", "draft", "replaced")),
        }  # fmt: skip
        blocks = compose(page, context, own.at("words"))
        title = blocks[0].body.text
        drafts.append(
            Draft(
                f"design-{number:03d}", "design", title, day, "Engineering", blocks,
                f"design/{number:03d}-{service.id}", author=author.name,
            )
        )  # fmt: skip
    return drafts
