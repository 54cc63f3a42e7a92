"""What the hidden checks of lab 03 draw, and how they have the learner's code send it.

Not the checks: those are in `hidden.py`.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from itertools import chain
from math import nan
from random import Random
from typing import Any, NamedTuple

from courseware.checks import LearnerError, Ref, Session, Student, World, make

Json = dict[str, Any]
Prices = dict[str, dict[str, float]]

SMALL, LARGE = "course-small", "course-large"
CITIES = ["Lisbon", "Oslo", "Nairobi", "Lima", "Hanoi", "Quito", "Porto", "Kyoto", "Accra", "Turin"]
BIRDS = ["heron", "plover", "osprey", "linnet", "merlin", "curlew", "siskin", "dunlin"]
WORDS = ["parcel", "order", "box", "road", "label", "driver", "door", "ladder", "window", "paper", "lamp", "river"]
NOTED, UNKNOWN = "Noted, thank you.", "I do not know."
STORY = "The parcel left the harbour at dawn and came to the desk before noon."
RULES = [
    {"when": {"user": "which city", "heard": r"live in (?P<it>\w+)"}, "say": "You live in ${heard.it}."},
    {"when": {"user": "which bird", "heard": r"the (?P<it>\w+) sings"}, "say": "You heard the ${heard.it}."},
    *({"when": {"user": said}, "say": answer} for said, answer in (("at length", STORY), (r"\?", UNKNOWN))),
    {"say": NOTED},
]


def amid(world: World, *faults: Json) -> Any:
    return world.session(scenario={"name": "desk", "rules": RULES}, faults=list(faults))


def message(role: str, content: str) -> Json:
    return {"role": role, "content": content}


user, assistant = partial(message, "user"), partial(message, "assistant")


def words(rng: Random, number: int) -> str:
    return " ".join(rng.choices(WORDS, k=number))


def told(messages: Any) -> list[tuple[str, str]]:
    """Who says what, in whatever valid form it was written: developer or system, text or parts."""
    told = []
    for message in messages if isinstance(messages, list) else ():
        if not isinstance(message, dict):
            return [("not a dictionary", "")]
        content = message.get("content")
        pieces = content if isinstance(content, list) else [{"text": content}]
        words = [str(piece.get("text")) if isinstance(piece, dict) else "" for piece in pieces]
        told.append((str(message.get("role")).replace("developer", "system"), "".join(words)))
    return told


def stated(c: Any, value: Any, *names: str) -> list[Any]:
    """The values under `names` in a dictionary that the learner's code returned."""
    there = isinstance(value, dict) and all(name in value for name in names)
    c.true(there, f"expected a dictionary with {', '.join(names)}", actual=value)
    return [value[name] for name in names]


class Wire(NamedTuple):
    """A session, and a client of it on the learner's side."""

    student: Student
    session: Session
    client: Ref

    @classmethod
    def of(cls, student: Student, session: Session, **settings: Any) -> Wire:
        recipe = make("openai-client", url=session.openai_url, key=session.token, **settings)
        return cls(student, session, student.call("connected", recipe))

    @property
    def sent(self) -> int:
        return len(self.session.log())

    def newest(self, c: Any) -> Json:
        log = self.session.log()
        c.true(log, "nothing was sent")
        return log[-1]

    def said(self, c: Any) -> list[tuple[str, str]]:
        return told(self.newest(c)["asked"].get("messages"))

    def used(self, first: int = 0, last: int | None = None) -> tuple[int, int]:
        """The tokens of some exchanges that were answered, as the gateway counted them."""
        usages = [exchange["usage"] for exchange in self.session.log()[first:last] if exchange["usage"]]
        return sum(usage["input"] for usage in usages), sum(usage["output"] for usage in usages)


def exchange(rng: Random, cost: int) -> list[Json]:
    """A question and its answer that count `cost` words together."""
    asked = rng.randrange(1, cost)
    return [user(words(rng, asked)), assistant(words(rng, cost - asked))]


def count(messages: list[Json]) -> int:
    return sum(len(message["content"].split()) for message in messages)


class Talk(NamedTuple):
    """The parts of a conversation."""

    system: list[Json]
    turns: list[list[Json]]
    newest: list[Json]

    def since(self, first: int) -> list[Json]:
        """The conversation from turn number `first` on."""
        return [*self.system, *chain.from_iterable(self.turns[first:]), *self.newest]


def wide_seed(rng: Random) -> int:
    """A seed whose draws number 6 to 9 come close to both ends, so that a bound that is a little off is met."""
    while True:
        seed = rng.randrange(10**9)
        source = Random(seed)  # noqa: S311 - a repeatable draw, not a secret
        drawn = [source.random() for _ in range(9)][5:]
        if min(drawn) < 0.08 and max(drawn) > 0.92:
            return seed


class Send(NamedTuple):
    """Called, it has the learner send the request; gives the classes of the error at its end, if any, and the waits."""

    student: Student
    request: Json

    def __call__(self, client: Ref, **settings: Any) -> tuple[tuple[str, ...], list[float]]:
        kinds: tuple[str, ...] = ()
        naps: Ref = self.student.call("Naps")
        try:
            self.student.call("send_with_retries", client, self.request, sleep=naps, **settings)
        except LearnerError as error:
            if error.kind in ("NotImplementedError", "CallTooSlow"):
                raise
            kinds = error.kinds
        waits = self.student.call(naps.method("list"))
        return kinds, [float(wait) if isinstance(wait, (int, float)) else nan for wait in waits]


def usd(price: dict[str, float], fresh: int, cached: int, output: int) -> float:
    """The cost, worked out in exact fractions."""
    rates = {name: Fraction(rate) for name, rate in price.items()}
    total = fresh * rates["input"] + cached * rates.get("cached", rates["input"]) + output * rates["output"]
    return float(total / 1_000_000)


def request(rng: Random, limit: int, model: str = SMALL) -> Json:
    return {
        "model": model,
        "messages": [user(f"Please ship to {rng.choice(CITIES)}.")],
        "max_completion_tokens": limit,
    }


class Books(NamedTuple):
    """Opens the learner's ledgers, has them ask, and reads their reports."""

    wire: Wire
    prices: Prices

    def open(self, budget_usd: float, **prices: Any) -> Ref:
        student = self.wire.student
        ledger: Ref = student.call("Ledger", prices.get("prices", self.prices), budget_usd, student.get("count_tokens"))
        return ledger

    def ask(self, ledger: Ref, request: Json, send: str = "plain_send") -> None:
        student = self.wire.student
        student.call(ledger.method("ask"), self.wire.client, request, student.get(send))

    def report(self, c: Any, ledger: Ref, *names: str) -> list[Any]:
        names = names or ("calls", "input", "cached", "output", "usd")
        return stated(c, self.wire.student.call(ledger.method("report")), *names)
