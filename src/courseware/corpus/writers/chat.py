"""A day in a channel: threads that cross each other, typed by people in a hurry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from courseware.corpus.document import Draft, Message
from courseware.corpus.knowledge import knowledge
from courseware.corpus.text.blocks import Block
from courseware.corpus.text.draw import Draw
from courseware.corpus.text.pattern import wording
from courseware.corpus.text.spanned import Spanned, SpannedText
from courseware.corpus.world.entities import Person, Policy
from courseware.corpus.world.world import AS_OF, World
from courseware.corpus.writers.people import cast, number_words

REACTIONS = ("+1", "tada", "eyes", "pray", "joy", "bike")
CORRECTIONS = 12
Plan = dict[str, list[str]]


@dataclass(frozen=True)
class _Line:
    author: Person
    text: Spanned


def write_chat(world: World, count: int) -> list[Draft]:
    """So many days, the channels taking turns; some of them hold a message that puts a page right."""
    channels = knowledge("chat")["channels"]
    every = max(1, count // CORRECTIONS)
    # Nobody chats about a restricted paper where all can read it.
    changed = [p for p in world.policies if _first(p) and p.current.facts[_first(p)].audience != "restricted"]
    drafts = []
    turns: dict[str, list[Plan]] = {}
    for number in range(count):
        channel, day = channels[number % len(channels)], _workday(AS_OF, 1 + number // len(channels))
        late = changed[(number // every) % len(changed)] if number % every == 0 and changed else None
        fixed = late if number // every < CORRECTIONS else None
        drafts.append(_day(world, channel, day, fixed, _turn(world, turns, channel)))
    return drafts


def _workday(last: date, back: int) -> date:
    day = last
    while back:
        day -= timedelta(days=1)
        back -= day.weekday() < 5
    return day


def _turn(world: World, turns: dict[str, list[Plan]], channel: str) -> list[Plan]:
    """What is talked about on one day: the channel's own threads in turn, now and then one from elsewhere."""
    own = world.draw.at("turn", channel, len(turns.get(channel, ())), len(turns.get("", ())))
    plans = knowledge("chat")["thread"]
    for key, pool in ((channel, [plan for plan in plans if channel in plan["where"]]), ("", plans)):
        if len(turns.setdefault(key, [])) < 4:
            turns[key] = own.at(key).shuffled(pool) + turns[key]
    taken = [turns[channel].pop() for _ in range(own.between(2, 4))]
    stray = turns[""].pop()
    return taken if stray in taken or own.chance(0.4) else [*taken, stray]


def _day(world: World, channel: str, day: date, fixed: Policy | None, plans: list[Plan]) -> Draft:
    own = world.draw.at("write", "chat", channel, day)
    threads = [
        _thread(world, own.at(place), plan["lines"], _context(world, own.at(place))) for place, plan in enumerate(plans)
    ]
    if fixed is not None:
        threads.insert(own.below(len(threads)), _correction(world, own.at("fix"), fixed))
    messages = _messages(own, threads)
    blocks = tuple(_shown(message, world) for message in messages)
    traits = (*(("correction",) if fixed else ()), "chat")
    return Draft(
        f"slack-{channel}-{day.isoformat()}", "slack", f"#{channel}, {day.isoformat()}", day, "", blocks,
        f"slack/export.zip#{channel}/{day.isoformat()}", "slack", messages=messages, traits=traits,
    )  # fmt: skip


def _context(world: World, own: Draw) -> dict[str, object]:
    names = knowledge("names")
    return {
        **number_words(own), "city": own.pick(world.offices).city, "product": own.pick(world.products).name,
        "service": own.pick(world.services).name, "vendor": own.pick(world.vendors).name,
        "customer": own.pick(names["customers"]),
        "clock": f"{own.between(8, 16)}:{own.pick(('05', '10', '20', '45', '50'))}",
        "c2": own.pick(names["first"]),
    }  # fmt: skip


def _thread(world: World, own: Draw, lines: list[str], context: dict[str, object]) -> list[_Line]:
    people = dict(zip("abc", cast(world, own, 3), strict=True))
    names = {f"{key}1": person.first.lower() for key, person in people.items()}
    made = []
    for line in lines:
        who, said = line.split(": ", 1)
        text = wording(said, {**context, **names}, own)
        made.append(_Line(people[who], text if text.marks else Spanned(_typed(own, text.text, people[who]))))
    return [line for line in made if line.text.text.strip()]


def _typed(own: Draw, text: str, who: Person) -> str:
    """The text as this person types: some never use capitals, some drop signs, all slip now and then."""
    habits = Draw("habits", who.id)
    if habits.chance(0.35):
        text = text[:1].upper() + text[1:]
    if habits.chance(0.25):
        text = text.replace("'", "")
    if own.chance(0.06) and " " in text:
        words = text.split(" ")
        place = own.below(len(words))
        word = words[place]
        if len(word) > 4 and word.isalpha():
            words[place] = word[:2] + word[3] + word[2] + word[4:]
        text = " ".join(words)
    return text


def _first(policy: Policy) -> str:
    """The fact of the policy that changed with its last version, if there is one."""
    old, new = policy.versions[-2].facts, policy.current.facts
    return next((name for name in new if old[name].value != new[name].value), "")


def _correction(world: World, own: Draw, policy: Policy) -> list[_Line]:
    name = _first(policy)
    fact = policy.current.facts[name]
    context = {
        "title_low": policy.title.lower(), "medium": own.pick(("on the wall", "in the binder", "in the old wiki")),
        "subject": knowledge("labels")[policy.id][name], "value": fact,
    }  # fmt: skip
    return _thread(world, own, knowledge("chat")["correction"]["lines"], context)


def _messages(own: Draw, threads: list[list[_Line]]) -> tuple[Message, ...]:
    """The threads over one day, some as replies, some in the open channel where others cut in."""
    placed: list[Message] = []
    for thread in threads:
        minute, replies, root = own.between(8 * 60, 16 * 60), own.chance(0.45), len(placed)
        for line in thread:
            key = len(placed)
            likes = ((own.pick(REACTIONS), own.between(1, 5)),) if own.chance(0.18) else ()
            answers = root if replies and key > root else None
            placed.append(Message(line.author.id, minute, Block("paragraph", line.text), key, answers, likes))
            minute += own.between(1, 9)
    return tuple(sorted(placed, key=lambda message: (message.minute, message.key)))


def _shown(message: Message, world: World) -> Block:
    """The message as a line of the day's text: when, who, what."""
    name = next(person.first for person in world.people if person.id == message.author)
    text = SpannedText()
    text.add(f"{message.minute // 60:02d}:{message.minute % 60:02d} {name}: ")
    text.add(message.block.body)
    return Block("paragraph", text.done())
