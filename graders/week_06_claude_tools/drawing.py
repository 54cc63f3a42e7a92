"""What lab 06's hidden checks draw, and how they look at either wire format."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from courseware.checks.loading import load_module

given = load_module(Path(__file__).with_name("visible.py"))
Json = dict[str, Any]

PARCELS = {"P-17": "in Lyon", "P-20": "at the customs office", "P-31": "delivered on Monday"}

EUROS_A_KILOGRAM = {"France": 4.5, "Norway": 9.0, "Japan": 14.0}

WORDS = ("owl", "ledger", "naïve", "🦉", "Łódź", "amber", "1,250", "tide", "später", '"quoted"')


def drawn_call(rng: random.Random, kind: str = "") -> tuple[str, Json, str]:
    """A call that succeeds, and the text of its result; JSON may have other white space."""
    kind = kind or rng.choice(("track", "postage", "opening"))
    if kind == "track":
        parcel = rng.choice(list(PARCELS))
        return kind, {"parcel": parcel}, PARCELS[parcel]
    if kind == "opening":
        return kind, {"city": "Lyon"}, '["08:00", "18:00"]'
    country, grams = rng.choice(list(EUROS_A_KILOGRAM)), rng.randrange(100, 5000)
    euros = round(EUROS_A_KILOGRAM[country] * grams / 1000, 2)
    return kind, {"country": country, "grams": grams}, json.dumps({"country": country, "euros": euros})


def plain(text: Any) -> Any:
    """A result's text; a list or an object in JSON as its value."""
    try:
        return json.loads(str(text)) if str(text)[:1] in ("[", "{") else text
    except ValueError:
        return text


def calls_in(message: Json) -> list[list[Any]]:
    """[id, name, arguments] of the calls in an assistant's message of either wire format."""
    blocks = given.dicts(message.get("content"))
    used = [[b.get("id"), b.get("name"), b.get("input")] for b in blocks if b.get("type") == "tool_use"]
    for call in given.dicts(message.get("tool_calls")):
        about = call.get("function") if isinstance(call.get("function"), dict) else {}
        used.append([call.get("id"), about.get("name"), plain(about.get("arguments"))])
    return used


def turns_of(result: Any) -> list[Json]:
    """The turns of a returned history."""
    return list(given.dicts(given.field(result, "history")))


def result_ids(body: Json) -> list[Any]:
    """The ids of all results in a request, in order."""
    found = []
    for message in given.messages_of(body):
        found += [message["tool_call_id"]] if "tool_call_id" in message else []
        found += [b["tool_use_id"] for b in given.dicts(message.get("content")) if "tool_use_id" in b]
    return found


def drawn_arguments(rng: random.Random) -> Json:
    """Arguments of several pieces, with nested values."""
    note = " ".join(rng.choices(WORDS, k=rng.randrange(3, 9)))
    return {
        "parcel": f"P-{rng.randrange(999)}",
        "note": note,
        "marks": {"fragile": rng.random() < 0.5, "list": [1, None]},
    }


def drawn_price(rng: random.Random) -> Json:
    """A row of prices."""
    price = {name: round(rng.uniform(low, high), 3) for name, low, high in (("input", 1, 9), ("output", 10, 40))}
    factors = {"write_factor": rng.choice((1.1, 1.25, 1.5)), "write_1h_factor": rng.choice((1.8, 2, 2.5))}
    return {**price, "cached": round(rng.uniform(0.05, 0.9), 3), **factors}


def plans_of(tokens: int, gaps_s: Sequence[float], price: Json) -> dict[str, float]:
    """The cost of each plan, request by request."""
    found = {}
    for plan, (kept_s, factor) in {
        "none": (0, 1),
        "5m": (300, price["write_factor"]),
        "1h": (3600, price["write_1h_factor"]),
    }.items():
        total = 0.0
        for gap in [math.inf, *gaps_s]:
            is_read = gap < kept_s and tokens >= 1024
            total += price["cached"] if is_read else price["input"] * (factor if tokens >= 1024 else 1)
        found[plan] = total * tokens / 1e6
    return found


def in_order(read: Any, texts: list[str]) -> bool:
    """Whether these texts stand in the conversation, user and assistant in turn, one after the other."""
    spoken = [(turn[0], json.dumps(turn[1:], ensure_ascii=False)) for turn in read if turn[0] != "system"]
    place = 0
    for at, text in enumerate(texts):
        role, wanted = ("user", "assistant")[at % 2], json.dumps(text, ensure_ascii=False)[1:-1]
        while place < len(spoken) and not (spoken[place][0] == role and wanted in spoken[place][1]):
            place += 1
        if place == len(spoken):
            return False
        place += 1
    return True


def drawn_runs(rng: random.Random, prompts: Json) -> tuple[list[Json], list[str]]:
    """Runs of three contenders, and the prompts on which all of them can be compared."""
    usual = {"system": "Brief.", "max_tokens": rng.randrange(50, 99), "temperature": 0}
    others = [usual | {"max_tokens": 8}, usual | {"system": "Brief, please."}, usual | {"temperature": 1}]
    names = [f"{size} {wire}" for size, wire in rng.sample([(s, w) for s in "ABC" for w in ("chat", "messages")], 3)]
    names[0], names[1] = "A chat", "B messages"
    runs, fair = [], []
    for prompt in rng.sample(sorted(prompts), 9):
        fate = rng.choice(("alike", "alike", "alike otherwise", "otherwise", "missing"))
        settings = dict.fromkeys(names, usual if fate != "alike otherwise" else rng.choice(others))
        if fate == "otherwise":
            settings[rng.choice(names)] = rng.choice(others)
        if fate == "missing":
            del settings[rng.choice(names)]
        fair += [prompt] if fate.startswith("alike") else []
        runs += [drawn_run(rng, name, prompt, prompts, own) for name, own in settings.items()]
    rng.shuffle(runs)
    return runs, fair


def drawn_run(rng: random.Random, contender: str, prompt: str, prompts: Json, settings: Json) -> Json:
    """One recorded answer, good, half good or bad."""
    right = next((rule["holds"] for rule in prompts[prompt]["rules"] if "holds" in rule), "?")
    text = rng.choice((right, f"{right} {right} and so on, at great length, for no reason", "nothing of the kind"))
    tokens = {"input": rng.randrange(10, 999), "output": rng.randrange(10, 999)}
    wire = contender.split()[1]
    return {"contender": contender, "wire": wire, "prompt": prompt, "settings": dict(settings), "text": text, **tokens}
