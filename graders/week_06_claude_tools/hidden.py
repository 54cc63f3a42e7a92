"""Hidden checks of lab 06. Data drawn for each attempt; what is required is in the lab's text and nowhere else."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

from courseware.checks import Student, World, case, check
from courseware.checks.loading import load_module

given = load_module(Path(__file__).with_name("visible.py"))
drawing = load_module(Path(__file__).with_name("drawing.py"))
loops = load_module(Path(__file__).with_name("loops.py"))
Json = dict[str, Any]

COUNTRIES = ("gm", "fr", "it", "ja", "pl", "sp")


# Task 1


@check("run-hidden", points=9, title="One loop, two wires", hidden=True)
def run_hidden(student: Student, world: World) -> None:
    rng = world.rng("run")
    with case("answers parallel calls together and in order", points=2, category="parallel calls") as c:
        for provider in given.PROVIDERS:
            loops.ask_parallel(student, world, rng, provider, c)
    with case("reports every error and goes on", points=2, category="errors reported") as c:
        for provider in given.PROVIDERS:
            loops.ask_to_fail(student, world, rng, provider, c)
    with case("ends after the rounds it may take", points=1, category="bounded rounds") as c:
        for provider in given.PROVIDERS:
            for most in (1, rng.randrange(3, 6)):
                loops.ask_endless(student, world, provider, most, c)
    with case("returns the same thing for both", points=1, category="neutral result") as c:
        for provider in given.PROVIDERS:
            loops.ask_result(student, world, rng, provider, c)
    with case("says what each wire format wants to hear", points=1, category="tools, system and limit") as c:
        loops.ask_wire(student, world, rng, c)
    with case("goes on where the other provider stopped", points=2, category="change of provider") as c:
        for first, second in (given.PROVIDERS, given.PROVIDERS[::-1]):
            loops.ask_to_change(student, world, rng, first, second, c)


# Task 2

PACE_S, PACED = 0.04, 12


@check("events-hidden", points=6, title="Streams of every kind", hidden=True)
def events_hidden(student: Student, world: World) -> None:
    rng = world.rng("events")
    words = " ".join(["It", *rng.choices(drawing.WORDS, k=PACED - 2), "🦉"])
    with case("passes words on while they come", points=1, category="pieces as they come") as c:
        for provider in given.PROVIDERS:
            # A busy machine may deliver a paced stream in one go; it does not do so three times.
            for _ in range(3):
                seen = given.watched(student, world, provider, [{"say": words}], faults=[{"pace_s": PACE_S}])
                c.equal(given.words_of(seen["events"]), words)
                took = seen["seconds"][-1] - seen["seconds"][0]
                if took > 4 * PACE_S:
                    break
            c.true(took > 4 * PACE_S, "the events came all at once, at the end")
            c.true(all(given.field(e, "text") != "" for e in seen["events"]), "an empty text was yielded")
    with case("puts calls together, in order", points=2, category="whole calls") as c:
        for provider in given.PROVIDERS:
            ask_calls(student, world, rng, provider, words, c)
    with case("ends with stop and usage", points=1, category="end") as c:
        for provider in given.PROVIDERS:
            ask_end(student, world, rng, provider, words, c)
    with case("ends with a cut where the stream does", points=1, category="cut streams") as c:
        for provider in given.PROVIDERS:
            ask_cuts(student, world, rng, provider, words, c)
    with case("leaves error statuses to the caller", points=1, category="error status") as c:
        for provider in given.PROVIDERS:
            for status, kind in ((429, "RateLimitError"), (400, "BadRequestError"), (500, "InternalServerError")):
                with c.raises(kind):
                    given.watched(student, world, provider, [{"say": words}], faults=[{"status": status}])


def ask_calls(student: Student, world: World, rng: random.Random, provider: str, words: str, c: Any) -> None:
    """Two to four calls, one of them without arguments, after words and without."""
    for text, number in ((words, 3), ("", rng.randrange(1, 3))):
        calls = [(rng.choice(("track", "lookup")), drawing.drawn_arguments(rng)) for _ in range(number)]
        calls.insert(rng.randrange(number), ("lookup", {}))
        rule: Json = {"call": given.moves(*calls)} | ({"say": text} if text else {})
        events = given.watched(student, world, provider, [rule], "track", "lookup")["events"]
        c.equal(given.kinds(events), [*(["text"] if text else []), *["call"] * len(calls), "end"])
        c.equal([given.words_of(events), given.calls_of(events)], [text, calls])
        ids = [given.field(event, "id") for event in events if given.field(event, "type") == "call"]
        c.true(len(set(map(str, ids))) == len(calls) and all(ids), "ids are missing or the same", actual=ids)
        c.equal(given.field(events[-1], "stop"), "tools")


def ask_end(student: Student, world: World, rng: random.Random, provider: str, words: str, c: Any) -> None:
    """An answer cut by its limit, and one to a prompt that the cache kept."""
    limit = rng.randrange(3, 6)
    with world.session(scenario=given.script({"say": words})) as session:
        client, text = given.client(provider, session), "Where is it?"
        events = student.call("watch", client, given.request_of(provider, text, limit=limit))["events"]
        c.equal(given.field(given.last(events), "stop"), "length")
        request = given.request_of(provider, text, "track", note="A parcel has a number. " * 300)
        if provider == "anthropic":
            request["tools"][0]["cache_control"] = {"type": "ephemeral"}
        for number in (1, 2):
            events = student.call("watch", client, request)["events"]
            used = session.log()[number]["usage"]
            c.equal(
                given.last(events), {"type": "end", "stop": "end", "usage": used}, "not all tokens, or another stop"
            )


def ask_cuts(student: Student, world: World, rng: random.Random, provider: str, words: str, c: Any) -> None:
    """Streams that end among words, among a call's arguments, and before the usage."""
    pieces = words.split(" ")
    for after in (0, 1, rng.randrange(2, PACED - 1), PACED + 1):
        events = given.watched(student, world, provider, [{"say": words}], faults=[{"cut_after": after + 1}])["events"]
        c.equal(given.kinds(events), ["text", "cut"] if after else ["cut"])
        c.equal(given.words_of(events), " ".join(pieces[:after]))
    calls = [("track", drawing.drawn_arguments(rng)), ("lookup", drawing.drawn_arguments(rng))]
    whole = [list(call) for call in calls]
    for after in (3, 4, 9):
        faults = [{"cut_after": after}]
        events = given.watched(
            student, world, provider, [{"call": given.moves(*calls)}], "track", "lookup", faults=faults
        )["events"]
        c.equal(given.kinds(events)[-1:], ["cut"])
        c.true(given.kinds(events).count("cut") == 1, "more than one cut")
        found = given.calls_of(events)
        c.equal(found, whole[: len(found)], "a call that is not whole")
        c.true(len(found) < 2, "a call that did not come")


# Task 3


@check("caching-hidden", points=6, title="Prices, plans and a cache that works", hidden=True)
def caching_hidden(student: Student, world: World) -> None:
    rng = world.rng("caching")
    with case("prices every kind of token", points=1, category="cost") as c:
        for _ in range(4):
            ask_cost(student, rng, c)
    with case("guesses no price", points=1, category="unknown prices") as c:
        ask_unknown(student, rng, c)
    with case("follows the times between requests", points=1, category="plans") as c:
        ask_plans(student, rng, c)
    manual = student.call("manual_of", rng.choice(COUNTRIES), rng.randrange(7_000, 10_000))
    topics = rng.sample(("ports", "taxes", "rain", "farms", "rails", "voting", "forests", "islands"), 7)
    questions = [f"What does it say about {topic}, in a few words?" for topic in topics]
    said, clock = f"It says a little about {rng.choice(topics)}. " * 12, f"{rng.randrange(10, 23)}"
    seen = given.once(lambda: given.conversation(student, world, manual, questions, said, clock))
    with case("sends everything that was sent before", points=1, category="contents kept") as c:
        for number, (body, read) in enumerate(zip(seen()["bodies"], seen()["read"], strict=True)):
            ask_contents(student, body, read, c)
            text = json.dumps(body, ensure_ascii=False)
            c.true(manual in " ".join([given.text_of(body.get("system"))]), "the manual is not in the system text")
            c.true(f"{clock}:{number:02}:17" in text, "the time is missing")
            turns = [part for question in questions[:number] for part in (question, said.strip())]
            c.equal(drawing.in_order(read, [*turns, questions[number]]), True, "a turn is missing or out of order")
    with case("reads from the cache what did not change", points=1, category="cache read") as c:
        rest = [given.not_read(usage) for usage in seen()["usages"]]
        c.equal([tokens < 350 for tokens in rest], [False] + [True] * 6, "too much is paid for in full")
    with case("your number is that of your builder", points=1, category="defended number") as c:
        twice = student.get("MANUAL") + student.get("MANUAL")
        own = given.conversation(student, world, twice, student.get("QUESTIONS"), student.get("ANSWER"), "09")
        usd = sum(given.list_price(usage) for usage in own["usages"])
        c.close(student.get("defended"), usd, atol=0, rtol=0.03)


def ask_cost(student: Student, rng: random.Random, c: Any) -> None:
    """Usage of both providers, with and without what may be missing."""
    price = drawing.drawn_price(rng)
    fresh, cached, written, hour, output = (rng.randrange(1, 5000) for _ in range(5))
    full = fresh * price["input"] + output * price["output"]
    read, five = cached * price["cached"], written * price["input"] * price["write_factor"]
    long = hour * price["input"] * price["write_1h_factor"]

    def cost(usage: Json) -> Any:
        return student.call("cost_usd", usage, price)

    details: Json = {"cached_tokens": cached, "cache_write_tokens": written, "audio_tokens": 0}
    usage: Json = {"prompt_tokens": fresh + cached + written, "completion_tokens": output, "total_tokens": 7}
    c.close(cost(usage | {"prompt_tokens_details": details}), (full + read + five) / 1e6, atol=1e-12, rtol=1e-9)
    for nothing in ({}, {"prompt_tokens_details": None}, {"prompt_tokens_details": {"cached_tokens": None}}):
        plain_usage = usage | {"prompt_tokens": fresh} | nothing
        c.close(cost(plain_usage), full / 1e6, atol=1e-12, rtol=1e-9)
    usage = {"input_tokens": fresh, "output_tokens": output, "cache_read_input_tokens": cached}
    kept = {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": hour}
    both = usage | {"cache_creation_input_tokens": written + hour, "cache_creation": kept}
    c.close(cost(both), (full + read + five + long) / 1e6, atol=1e-12, rtol=1e-9)
    for nothing in ({}, {"cache_creation": None}):
        c.close(
            cost(usage | {"cache_creation_input_tokens": written} | nothing), (full + read + five) / 1e6, atol=1e-12
        )
    none = dict.fromkeys(("cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation"))
    c.close(cost({"input_tokens": fresh, "output_tokens": output} | none), full / 1e6, atol=1e-12, rtol=1e-9)


UNKNOWN = "ValueError"


def ask_unknown(student: Student, rng: random.Random, c: Any) -> None:
    """Rows that lack something, with usage that needs it and usage that does not."""
    price, tokens = drawing.drawn_price(rng), rng.randrange(100, 5000)
    bare = {name: price[name] for name in ("input", "output")}
    usage: Json = {"input_tokens": 0, "output_tokens": 0, "cache_read_input_tokens": tokens}
    c.close(student.call("cost_usd", usage, bare), tokens * bare["input"] / 1e6, atol=1e-12, rtol=1e-9)
    five = {"input_tokens": 5, "output_tokens": 5, "cache_creation_input_tokens": tokens}
    hour = five | {"cache_creation": {"ephemeral_1h_input_tokens": tokens}}
    openai = {"prompt_tokens": tokens, "completion_tokens": 5, "prompt_tokens_details": {"cache_write_tokens": tokens}}
    for asked, missing in ((five, "write_factor"), (hour, "write_1h_factor"), (openai, "write_factor")):
        lacking = {name: value for name, value in price.items() if name != missing}
        for row in (lacking, bare):
            with c.raises(UNKNOWN):
                student.call("cost_usd", asked, row)
    lacking = {name: value for name, value in price.items() if name != "write_factor"}
    expected = (5 * price["input"] + 5 * price["output"] + tokens * price["input"] * price["write_1h_factor"]) / 1e6
    c.close(student.call("cost_usd", hour, lacking), expected, atol=1e-12, rtol=1e-9)


def ask_plans(student: Student, rng: random.Random, c: Any) -> None:
    """Gaps on both sides of both limits, prefixes on both sides of the least."""
    price = drawing.drawn_price(rng)
    edges: list[float] = [299, 300, 301, 3599, 3600, 3601]
    for tokens in (rng.randrange(1100, 9000), 1024, 1023, rng.randrange(10, 1000)):
        for gaps in (rng.sample(edges, 6), [rng.uniform(1, 5000) for _ in range(9)], [], [300]):
            plans = student.call("caching_plan", tokens, gaps, price)
            expected = drawing.plans_of(tokens, gaps, price)
            c.close([given.field(plans, name) for name in expected], list(expected.values()), atol=1e-12, rtol=1e-9)


def ask_contents(student: Student, body: Json, read: Any, c: Any) -> None:
    """The tools of a request, each once and unchanged, and its limit."""
    wanted = sorted([tool["name"], tool["description"], tool["schema"]] for tool in student.get("TOOLS"))
    c.equal(sorted(given.tools_of("anthropic", body), key=str), sorted(wanted, key=str), "not the same tools")
    c.equal([body.get("max_tokens"), body.get("model")], [300, given.MODEL])


# Task 4


@check("comparison-hidden", points=6, title="Comparisons that are fair", hidden=True)
def comparison_hidden(student: Student, world: World) -> None:
    rng = world.rng("comparison")
    prompts = student.get("PROMPTS")
    with case("compares what was asked alike", points=1, category="comparable prompts") as c:
        for _ in range(4):
            runs, fair = drawing.drawn_runs(rng, prompts)
            seen = student.observe("comparable", runs)
            c.equal(seen.value, sorted(fair))
            c.equal(seen.args, [runs], "the runs have changed")
            alone = [run for run in runs if run["contender"] == runs[0]["contender"]]
            c.equal(student.call("comparable", alone), sorted({run["prompt"] for run in alone}))
    with case("scores and counts over these alone", points=1, category="scores and tokens") as c:
        ask_scorecard(student, rng, prompts, ("prompts", "score", "input", "output"), c)
    with case("prices each wire by its own row", points=1, category="cost of a run") as c:
        ask_scorecard(student, rng, prompts, ("usd",), c)
    with case("lets no place win", points=1, category="place of an answer") as c:
        ask_judges(student, world, rng, PLACES, c)
    with case("reads a judge's words strictly", points=1, category="judge's words") as c:
        odd = dict.fromkeys([pair for one in ODD for pair in ((one, "B"), ("A", one))], "void")
        ask_judges(student, world, rng, EDGES | odd, c)
    with case("calls nobody better by chance", points=1, category="sign test") as c:
        ask_verdicts(student, rng, c)


def ask_scorecard(student: Student, rng: random.Random, prompts: Json, names: tuple[str, ...], c: Any) -> None:
    """Compare columns of the scorecard with a count run by run."""
    for number in range(5):
        runs, fair = drawing.drawn_runs(rng, prompts)
        if not fair:
            continue
        if number == 0:
            runs, fair = [run for run in runs if run["prompt"] == fair[0]], fair[:1]
        prices = {wire: drawing.drawn_price(rng) for wire in ("chat", "messages")}
        card = student.call("scorecard", runs, prices)
        contenders = sorted({run["contender"] for run in runs})
        c.true(isinstance(card, dict) and sorted(map(str, card)) == contenders, "not a row for each contender")
        for contender in contenders:
            own = [run for run in runs if run["contender"] == contender and run["prompt"] in fair]
            price, tokens = prices[own[0]["wire"]], {way: sum(run[way] for run in own) for way in ("input", "output")}
            row: Json = {"prompts": len(own), "score": sum(student.call("rule_score", run) for run in own) / len(own)}
            row |= tokens | {"usd": sum(tokens[way] * price[way] for way in tokens) / 1e6}
            c.close(
                [given.field(given.field(card, contender), name) for name in names],
                [row[name] for name in names],
                atol=1e-12,
                rtol=1e-9,
            )


PLACES = {
    ("A", "B"): "one",
    ("B", "A"): "two",
    **dict.fromkeys(
        [("A", "A"), ("B", "B"), ("TIE", "TIE"), ("A", "TIE"), ("TIE", "B"), ("B", "TIE"), ("TIE", "A")], "tie"
    ),
}
EDGES = {
    **dict.fromkeys([("a", " B.\n"), ("A.", "b"), ("\nA", "B .")], "one"),
    **dict.fromkeys([("tie.", " Tie"), ("TIE", "tie\n"), ("Tie", "a.")], "tie"),
}
ODD = ("Answer A", "A or B", "Ax", "A is better, not B", "C", "-", "AB", "TIED", "neither")


def ask_judges(student: Student, world: World, rng: random.Random, replies: dict[tuple[str, str], str], c: Any) -> None:
    """Duels before judges who reply so."""
    good, bad = rng.sample(("amber", "ledger", "river", "gasket", "filter"), 2)
    pairs = rng.sample(list(replies), len(replies))
    for pair, (found, asked) in zip(pairs, given.judged(student, world, pairs, good, bad), strict=True):
        c.equal(found, replies[pair])
        c.equal(len(asked), 2, "the judge was not asked twice")


def ask_verdicts(student: Student, rng: random.Random, c: Any) -> None:
    """Counts on both sides of the line."""
    for one, two in ((0, 0), (5, 0), (6, 0), (0, 6), (7, 1), (1, 8), (9, 2), (10, 2), (3, 3), (rng.randrange(20), 14)):
        tie, void = rng.randrange(4), rng.randrange(4)
        outcomes = ["one"] * one + ["two"] * two + ["tie"] * tie + ["void"] * void
        rng.shuffle(outcomes)
        seen = student.observe("verdict", outcomes)
        n, k = one + two, max(one, two)
        p = min(1.0, 2 * sum(math.comb(n, i) for i in range(k, n + 1)) / 2**n)
        counts = {"one": one, "two": two, "tie": tie, "void": void}
        c.equal({name: given.field(seen.value, name) for name in counts}, counts)
        c.close(given.field(seen.value, "p"), p)
        c.equal(given.field(seen.value, "better"), ("one" if one > two else "two") if p < 0.05 else None)
        c.equal(seen.args, [outcomes], "the outcomes have changed")
