"""What lab 05's hidden checks draw and build: conversations, answers' bodies, pairs of backends."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any

from courseware.checks import Student, World, make
from courseware.checks.loading import load_module

Json = dict[str, Any]
Turns = list[dict[str, str]]
wire = load_module(Path(__file__).with_name("visible.py"))
MODELS = ("course-small", "course-large", "course-judge")
CITIES = ("Oslo", "Lima", "Quito", "Accra", "Hanoi", "Turin", "Perth", "Cairo", "Dakar", "Split")
WORDS = ("owl", "river", "ledger", "naïve", "🦉", "Łódź", "half", "amber", "1,250", "why?", "no.", "tide", "später")
BLANKS = ("", " ", "\n\t ")
MEMORY = {
    "name": "memory",
    "rules": [
        {"when": {"user": "where", "heard": r".*live in (?P<city>\w+)"}, "say": "In ${heard.city}."},
        {"when": {"user": r"live in (?P<city>\w+)"}, "say": "So it is ${user.city}."},
        {"say": "Tell me more."},
    ],
}


def nobody(provider: str) -> Any:
    """A client of `provider` at an address where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    return make(f"{provider}-client", url=url, key="nobody")


@contextmanager
def pair(student: Student, world: World, first: str, a: list[Json], b: list[Json]) -> Iterator[Any]:
    """Two backends with faults, A at `first` and B at the other provider: their sessions, and the list for Chat."""
    second = wire.PROVIDERS[first == "openai"]
    with ExitStack() as opened:
        sessions = [opened.enter_context(world.session(scenario=MEMORY, faults=faults)) for faults in (a, b)]
        asks = [wire.ask(student, provider, at) for provider, at in zip((first, second), sessions, strict=True)]
        yield sessions, list(zip("AB", asks, strict=True))


# What is drawn


def phrase(rng: Random, least: int = 2) -> str:
    """A few words."""
    return " ".join(rng.choices(WORDS, k=rng.randrange(least, 7)))


def talk_of(rng: Random, number: int) -> Turns:
    """Turns that alternate, a user's first, all of them with text."""
    return [{"role": ("user", "assistant")[at % 2], "text": phrase(rng)} for at in range(number)]


def runs_of(rng: Random) -> tuple[Turns, list[list[str]]]:
    """Turns with neighbours of one role and blank ones between them, and [role, text] of what they come to."""
    turns: Turns = []
    expected = []
    for at in range(rng.randrange(3, 6)):
        role, texts = ("user", "assistant")[at % 2], [phrase(rng) for _ in range(rng.randrange(1, 4))]
        expected.append([role, "\n\n".join(texts)])
        for text in texts:
            blank = {"role": rng.choice(("user", "assistant")), "text": rng.choice(BLANKS)}
            turns += [blank, {"role": role, "text": text}] if rng.random() < 0.6 else [{"role": role, "text": text}]
    return [*turns, {"role": "assistant", "text": ""}], expected


# Answers' bodies


def openai_body(content: Any, stop: str, *, refusal: str | None = None, usage: Json | None = None) -> Json:
    """A chat completion."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    used = usage or {"prompt_tokens": 9, "completion_tokens": 2}
    return {"model": "m", "choices": [{"index": 0, "finish_reason": stop, "message": message}], "usage": used}


def anthropic_body(blocks: list[Json], stop: str, **usage: Any) -> Json:
    """A message."""
    used = {"input_tokens": 9, "output_tokens": 2} | usage
    return {"model": "m", "role": "assistant", "content": blocks, "stop_reason": stop, "usage": used}


def block(text: str) -> Json:
    """A block of text."""
    return {"type": "text", "text": text}
