"""The hidden questions of lab 06's first task: a model that calls tools, and what the learner's loop makes of it."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import Any

from courseware.checks import Student, World
from courseware.checks.loading import load_module

given = load_module(Path(__file__).with_name("visible.py"))
drawing = load_module(Path(__file__).with_name("drawing.py"))
Json = dict[str, Any]


def told(world: World, student: Student, provider: str, rules: list[Json], **settings: Any) -> Json:
    """What `run` makes of one question to a model that follows these rules, and what came over the wire."""
    history = settings.pop("history", [{"role": "user", "text": "What about my parcels?"}])
    with world.session(scenario=given.script(*rules)) as session:
        result = student.call("talk", given.client(provider, session), history, **settings)
        return {"result": result, "bodies": given.asked(session), "log": session.log(), "spent": given.spent(session)}


def ask_parallel(student: Student, world: World, rng: random.Random, provider: str, c: Any) -> None:
    """Several calls in one answer, then several in the next."""
    turns = [[drawing.drawn_call(rng) for _ in range(rng.randrange(1, 4))] for _ in range(2)]
    for calls in turns:
        calls.insert(rng.randrange(len(calls) + 1), drawing.drawn_call(rng, "track"))
    names = sorted(name for name, *_ in turns[0])
    rules = [
        {"when": {"calls": []}, "call": given.moves(*[call[:2] for call in turns[0]])},
        {"when": {"calls": names}, "call": given.moves(*[call[:2] for call in turns[1]])},
        {"say": "That is all."},
    ]
    bodies = told(world, student, provider, rules)["bodies"]
    c.equal(len(bodies), 3)
    answers = ["user"] if provider == "anthropic" else ["tool"] * len(turns[1])
    firsts = ["user"] if provider == "anthropic" else ["tool"] * len(turns[0])
    c.equal(given.roles(bodies[-1]), ["user", "assistant", *firsts, "assistant", *answers])
    for body, calls in zip(bodies[1:], turns, strict=True):
        said = [message for message in given.messages_of(body) if message.get("role") == "assistant"]
        made, found = drawing.calls_in(given.last(said)), given.results_of(provider, body)
        c.equal([call[1:] for call in made], [[name, arguments] for name, arguments, _ in calls])
        c.equal([one for one, *_ in found], [one for one, *_ in made], "results without their calls' ids, in order")
        c.equal(
            [[drawing.plain(text), failed] for _, text, failed in found],
            [[drawing.plain(text), False] for *_, text in calls],
        )
        if provider == "anthropic":
            blocks = given.dicts(given.messages_of(body)[-1].get("content"))
            c.equal({block.get("type") for block in blocks}, {"tool_result"}, "something else stands with the results")


def ask_to_fail(student: Student, world: World, rng: random.Random, provider: str, c: Any) -> None:
    """Calls that fail in every way, one that does not at the end."""
    parcel, country = f"P-{rng.randrange(100, 999)}", f"Land{rng.randrange(99)}"
    calls = [
        ("teleport", {"to": "Lyon"}),
        ("track", {"parcel": parcel}),
        ("track", {"package": "P-17"}),
        ("track", {}),
        ("postage", {"country": country, "grams": 100}),
        ("postage", {"country": "Japan", "grams": "much"}),
        ("opening", {"city": "Lyon"}),
    ]
    seen = told(world, student, provider, [{"when": {"calls": []}, "call": given.moves(*calls)}, {"say": "Sorry."}])
    c.equal(given.field(seen["result"], "text"), "Sorry.")
    found = given.results_of(provider, given.last(seen["bodies"]))
    c.equal([failed for *_, failed in found], [True] * 6 + [False], "not exactly those flagged that failed")
    texts = [text for _, text, _ in found]
    c.true(all(name in texts[0] for name in ("track", "postage", "opening")), "the tools there are, are not named")
    c.true(parcel in texts[1] and country in texts[4], "the message of the function's exception is missing")
    c.true(all(str(text).strip() for text in texts), "an error says nothing")
    c.equal(drawing.plain(texts[6]), ["08:00", "18:00"], "the call after the failing ones has no result")
    results = given.dicts(given.field(given.last(drawing.turns_of(seen["result"])[:-1]), "results"))
    c.equal([one.get("failed") for one in results], [True] * 6 + [False], "the history does not tell what failed")


def ask_endless(student: Student, world: World, provider: str, most: int, c: Any) -> None:
    """A model that calls a tool whenever it may."""
    rules = [{"call": given.moves(("opening", {"city": "Lyon"}))}, {"say": "I stop here."}]
    seen = told(world, student, provider, rules, max_rounds=most)
    c.equal(
        [given.field(seen["result"], name) for name in ("text", "stop", "requests")], ["I stop here.", "end", most + 1]
    )
    c.equal(len(seen["bodies"]), most + 1, "not as many requests as rounds and one more")
    free = [given.choice_of(body) in (None, "auto") for body in seen["bodies"]]
    c.equal(free, [True] * most + [False], "calls are forbidden too early, or not at the end")
    offered = [given.tools_of(provider, body) for body in seen["bodies"]]
    c.equal(offered, [offered[0]] * (most + 1), "the tools changed on the way")


def ask_result(student: Student, world: World, rng: random.Random, provider: str, c: Any) -> None:
    """Words beside the calls, the history, the tokens, and why it ended."""
    name, arguments, text = drawing.drawn_call(rng, "postage")
    words = " ".join(rng.choices(drawing.WORDS, k=5))
    rules = [
        {"when": {"calls": []}, "say": f"{words} first", "call": given.moves((name, arguments))},
        {"say": f"{words} last", "stop": "length"},
    ]
    seen = told(world, student, provider, rules)
    result, turns = seen["result"], drawing.turns_of(seen["result"])
    c.equal([given.field(result, key) for key in ("text", "stop", "requests")], [f"{words} last", "length", 2])
    c.equal(given.field(result, "usage"), seen["spent"], "not the tokens of both requests")
    c.equal([turn.get("role") for turn in turns], ["user", "assistant", "results", "assistant"])
    c.equal([turn.get("text") for turn in turns], ["What about my parcels?", f"{words} first", None, f"{words} last"])
    calls, results = (given.dicts(turn.get(key)) for turn, key in zip(turns[1:3], ("calls", "results"), strict=True))
    c.equal([[call.get("name"), call.get("arguments")] for call in calls], [[name, arguments]])
    c.equal([[one.get("id"), drawing.plain(one.get("text")), one.get("failed")] for one in results],
            [[calls[0].get("id"), drawing.plain(text), False]])  # fmt: skip
    said = given.messages_of(given.last(seen["bodies"]))[1]
    c.true(f"{words} first" in given.text_of(said.get("content")), "the words beside the calls are not sent back")


def ask_wire(student: Student, world: World, rng: random.Random, c: Any) -> None:
    """What stands beside the messages, with tools and without."""
    wanted = [[tool["name"], tool["description"], tool["schema"]] for tool in student.get("TOOLS")]
    limit = rng.randrange(50, 500)
    for provider in given.PROVIDERS:
        body = given.last(told(world, student, provider, [{"say": "Here."}], max_tokens=limit)["bodies"])
        c.equal(given.tools_of(provider, body), wanted)
        c.equal(given.system_of(provider, body), "You serve customers.")
        c.equal([body.get("model"), body.get(given.LIMITS[provider])], [given.MODEL, limit])
        body = given.last(told(world, student, provider, [{"say": "Here."}], with_tools=False)["bodies"])
        c.true("messages" in body and "tools" not in body, "without tools, tools are sent")


def ask_to_change(student: Student, world: World, rng: random.Random, first: str, second: str, c: Any) -> None:
    """A conversation with calls and words, taken from one provider to the other and back."""
    parcels = rng.sample(list(drawing.PARCELS), 3)
    calls = given.moves(*[("track", {"parcel": parcel}) for parcel in parcels])
    rules = [
        {"when": {"turn": 1, "calls": []}, "call": calls},
        {"when": {"turn": 2, "calls": []}, "say": "Once more.", "call": calls[:1]},
        {"when": {"turn": 3}, "say": "You are welcome."},
        {"say": f"{rng.choice(drawing.WORDS)} it is."},
    ]
    history: list[Json] = []
    for provider, text in ((first, "Where are they?"), (second, "And the first one?"), (first, "Thanks.")):
        history = [*history, {"role": "user", "text": text}]
        with world.session(scenario=given.script(*rules)) as session:
            seen = student.observe("talk", given.client(provider, session), history)
            log = session.log()
        c.equal(seen.args[1], history, "the history that was passed has changed")
        c.equal([exchange["status"] for exchange in log], [200] * len(log), f"{provider} refuses the history")
        history = stored(drawing.turns_of(seen.value), c)
    body = given.last([exchange["asked"] for exchange in log])
    made = [call for message in given.messages_of(body) for call in drawing.calls_in(message)]
    c.equal([call[1:] for call in made], [["track", {"parcel": parcel}] for parcel in [*parcels, parcels[0]]])
    answer = "user" if first == "anthropic" else "tool"
    expected = ["user", "assistant", answer, "assistant", "user", "assistant", answer, "assistant", "user"]
    c.equal([role for role, _ in itertools.groupby(given.roles(body))], expected)
    ids = [one for one, *_ in made]
    c.equal(drawing.result_ids(body), ids, "the results do not belong to the calls")
    said = [given.text_of(m.get("content")) for m in given.messages_of(body) if m.get("role") == "assistant"]
    c.true("Once more." in said[2] and "it is." in said[1], "the assistant's words are missing")


def stored(history: list[Json], c: Any) -> list[Json]:
    """The history after it was written as JSON and read again."""
    try:
        return list(json.loads(json.dumps(history)))
    except (TypeError, ValueError):
        c.true(False, "the history cannot be stored as JSON")
        return []
