"""The hidden checks of lab 03.

What was sent is read in the session's log, on the gateway's side of the wire. Token counts are those that the gateway
logged, trimmed conversations are built so that the right result is known, and costs are exact fractions.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from courseware.checks import Student, World, case, check, make
from courseware.checks.loading import load_module

Json = dict[str, Any]
draw = load_module(Path(__file__).with_name("drawing.py"))


def _sums_to(c: Any, actual: Any, expected: Any) -> None:
    """Money is summed in floats, in whatever order."""
    c.close(actual, expected, atol=1e-12, rtol=1e-9)


@check("turn-hidden", points=8, title="Conversations drawn for you", hidden=True)
def turn_hidden(student: Student, world: World) -> None:
    rng = world.rng("turn")
    city, bird = rng.choice(draw.CITIES), rng.choice(draw.BIRDS)
    past = [
        draw.user(f"I live in {city}."),
        draw.assistant("Noted."),
        draw.user(f"Today the {bird} sings."),
        draw.assistant("Nice."),
    ]
    with draw.amid(world) as session:
        wire = draw.Wire.of(student, session)
        turn = partial(student.call, "take_turn", wire.client, draw.SMALL)
        _messages_sent(turn, wire, past, city, bird)
        _turns_returned(turn, wire, past, rng)
    fails = case("a call that fails changes nothing", points=1, category="failed call, history unchanged")
    with fails as c, draw.amid(world, {"on": [1, 2], "status": 500}) as session:
        client = draw.Wire.of(student, session).client
        with c.raises("InternalServerError"):
            student.call("take_turn", client, draw.SMALL, past, "Which bird was it?")
        c.equal(student.call("tried", student.get("take_turn"), client, draw.SMALL, past, "And which city?")[2], past)


def _messages_sent(turn: Any, wire: Any, past: list[Json], city: str, bird: str) -> None:
    with case("a history goes out in order", points=1, category="history sent in order") as c:
        before = wire.sent
        [text] = draw.stated(c, turn(past, "Which city is it?"), "text")
        c.equal((text, wire.sent - before), (f"You live in {city}.", 1))
        c.equal(wire.said(c), [*draw.told(past), ("user", "Which city is it?")])
    with case("three turns with a system text", points=1, category="system text over several turns") as c:
        history: list[Json] = []
        said: list[tuple[str, str]] = []
        answers = [draw.NOTED, draw.NOTED, f"You heard the {bird}."]
        texts = [f"I live in {city}.", f"Today the {bird} sings.", "Which bird was it?"]
        for text, answer in zip(texts, answers, strict=True):
            system = f"Be brief, {len(text)}."
            [history] = draw.stated(c, turn(history, text, system=system), "history")
            c.equal(wire.said(c), [("system", system), *said, ("user", text)])
            said += [("user", text), ("assistant", answer)]
            c.equal(draw.told(history), said)
    with case("no system text", points=1, category="empty system text") as c:
        for settings in ({}, {"system": ""}):
            turn([], f"I live in {city}.", **settings)
            c.equal(wire.said(c), [("user", f"I live in {city}.")])


def _turns_returned(turn: Any, wire: Any, past: list[Json], rng: Random) -> None:
    question, named = f"Is {draw.words(rng, 2)} here?", wire.student.get
    with case("usage as the answer states it", points=1, category="usage") as c:
        for history in (past, []):
            [usage] = draw.stated(c, turn(history, draw.words(rng, rng.randrange(4, 30))), "usage")
            c.equal(usage, wire.newest(c)["usage"])
    with case("answers cut and not cut", points=1, category="limit and cut answers") as c:
        for limit, cut in ((rng.randrange(3, 8), True), (rng.randrange(100, 300), False)):
            returned = turn(past, "Tell me at length", limit=limit)
            c.equal(draw.stated(c, returned, "cut", "text"), [cut, wire.newest(c)["answers"][0]["text"]])
            c.equal(wire.newest(c)["asked"].get("max_completion_tokens"), limit)
        turn(past, question)
        c.equal(wire.newest(c)["asked"].get("max_completion_tokens"), 200)
    with case("fit decides what is sent, not what is kept", points=1, category="fit") as c:
        returned = turn(past, question, system="Be brief.", fit=named("newest_only"))
        c.equal(wire.said(c), [("user", question)])
        [history] = draw.stated(c, returned, "history")
        c.equal(draw.told(history), [*draw.told(past), ("user", question), ("assistant", draw.UNKNOWN)])
    with case("the call goes through send", points=1, category="send, answers without words") as c:
        turn(past, question, send=named("labelled_send"))
        c.equal(wire.newest(c)["asked"].get("user"), "labelled")
        text, history = draw.stated(c, turn([], question, send=named("wordless_send")), "text", "history")
        c.equal((text, draw.told(history)), ("", [("user", question), ("assistant", "")]))


@check("trim-hidden", points=9, title="Conversations to trim, drawn for you", hidden=True)
def trim_hidden(student: Student, world: World) -> None:
    rng, words = world.rng("trim"), student.get("count_words")
    # Older turns are larger: none of them fits where a newer one does not.
    turns = [draw.exchange(rng, cost) for cost in sorted(rng.sample(range(5, 40, 4), 6), reverse=True)]
    system, newest = [draw.message("system", draw.words(rng, 5))], [draw.user(draw.words(rng, rng.randrange(2, 9)))]
    talk, always = draw.Talk(system, turns, newest), draw.count(system + newest)

    def trim(messages: list[Json], budget: int) -> Any:
        return student.call("trim", messages, budget, words)

    _turns_dropped(trim, talk, rng)
    _turns_of_any_shape(trim, talk, rng)
    with case("tokens are what count says", points=1, category="the given count") as c:
        first, tokens = rng.randrange(2, 5), student.get("count_tokens")
        counted = sum(student.call("count_tokens", message) for message in talk.since(first))
        c.equal(student.call("trim", talk.since(0), counted, tokens), talk.since(first))
        c.equal(student.call("trim", talk.since(0), counted - 1, tokens), talk.since(first + 1))
    with case("the newest turn alone is too large", points=1, category="newest turn too large") as c:
        long = [draw.user(draw.words(rng, 60))]
        c.equal(trim(system + turns[0] + turns[1] + long, rng.randrange(20, 60)), system + long)
        for budget in (always, rng.randrange(-5, always)):
            c.equal(trim(talk.since(0), budget), system + newest)
        c.equal(trim(system + turns[0], 1), system + turns[0])
    with case("nothing to trim, arguments unchanged", points=1, category="empty input, input changed") as c:
        c.equal([trim([], rng.randrange(50)), trim(system, 0), trim(system, 100)], [[], system, system])
        seen = student.observe("trim", talk.since(0), always, words)
        c.equal((seen.value, seen.args[0]), (system + newest, talk.since(0)))


def _turns_dropped(trim: Any, talk: Any, rng: Random) -> None:
    whole = talk.since(0)
    with case("all of it fits", points=1, category="budget met exactly") as c:
        for spare in (0, rng.randrange(1, 50)):
            c.equal(trim(whole, draw.count(whole) + spare), whole)
    with case("the oldest turns go first", points=1, category="oldest turns first") as c:
        for first in range(1, 6):
            c.equal(trim(whole, draw.count(talk.since(first))), talk.since(first))
            c.equal(trim(whole, draw.count(talk.since(first)) - 1), talk.since(first + 1))
    with case("a large turn ends the run", points=1, category="no gap") as c:
        place = rng.randrange(1, 5)
        large = [draw.user(draw.words(rng, 190)), draw.assistant(draw.words(rng, 10))]
        gap = talk._replace(turns=[*talk.turns[:place], large, *talk.turns[place:]])
        c.equal(trim(gap.since(0), draw.count(whole) + rng.randrange(20)), talk.since(place))
    with case("instructions of both kinds", points=1, category="instructions kept and counted") as c:
        developer = draw.message("developer", draw.words(rng, rng.randrange(3, 9)))
        for instructions in ([*talk.system, developer], [developer], [developer, *talk.system], []):
            told = talk._replace(system=instructions)
            c.equal(trim(told.since(4), draw.count(told.since(5))), told.since(5))
            c.equal(trim(told.since(4), draw.count(told.since(5)) - 1), told.since(6))


def _turns_of_any_shape(trim: Any, talk: Any, rng: Random) -> None:
    with case("turns of one and of many messages", points=1, category="turns of other lengths") as c:
        alone = [draw.user(draw.words(rng, 4))]
        twice = [draw.user(draw.words(rng, 3)), draw.assistant(draw.words(rng, 4)), draw.assistant(draw.words(rng, 5))]
        tool = [
            draw.user(draw.words(rng, 2)),
            draw.assistant("asking"),
            draw.message("tool", draw.words(rng, 6)),
            twice[2],
        ]
        uneven = talk._replace(turns=[tool, alone, twice, alone, tool, twice])
        for first in range(7):
            for spare in (0, 2):
                c.equal(trim(uneven.since(0), draw.count(uneven.since(first)) + spare), uneven.since(first))
    with case("a greeting before the first turn", points=1, category="greeting") as c:
        greeting = [draw.assistant(draw.words(rng, 3))] * rng.randrange(1, 3)
        heads: list[list[Json]] = [talk.system, []]
        for instructions in heads:
            rest = talk._replace(system=instructions).since(5)
            for budget in (1000, draw.count(rest)):
                c.equal(trim(instructions + greeting + rest[len(instructions) :], budget), rest)


@check("retries-hidden", points=9, title="Faults drawn for you", hidden=True)
def retries_hidden(student: Student, world: World) -> None:
    rng = world.rng("retries")
    send = draw.Send(
        student, {"model": draw.SMALL, "messages": [draw.user(f"Please ship to {rng.choice(draw.CITIES)}.")]}
    )
    _what_may_pass(send, world, rng)
    _connections(send, world)
    _how_often(send, world, rng)
    _how_long(send, world, rng)
    asked = [rng.randrange(100, 480) / 8, rng.randrange(1, 9) / 1000, 0.2]
    told = zip((1, 2, 4), (429, 503, 429), asked, strict=True)
    faults = [{"on": number, "status": status, "retry_after_s": wait} for number, status, wait in told]
    with case("the server's wait counts", points=1, category="retry-after") as c, draw.amid(world, *faults) as session:
        client = draw.Wire.of(student, session).client
        c.close(send(client)[1], asked[:2], atol=1e-9)
        student.call("send_with_retries", client, send.request)  # sleeps for real
        times = [exchange["at_s"] for exchange in session.log()]
        c.equal(len(times), 5)
        c.true(times[4] - times[3] >= asked[2] - 0.01, "it did not really sleep", actual=times[4] - times[3])


def _what_may_pass(send: Any, world: World, rng: Random) -> None:
    passing = [408, 409, 429, 500, rng.choice([501, 502, 503, 504, 520, 529])]
    faults = [{"on": 2 * n + 1, "status": status} for n, status in enumerate(passing)]
    may = case("statuses that may pass", points=1, category="statuses that may pass")
    with may as c, draw.amid(world, *faults) as session:
        client = draw.Wire.of(send.student, session).client
        c.equal([len(send(client)[1]) for _ in passing], [1] * 5)
        log = session.log()
        c.equal([exchange["status"] for exchange in log], [answer for status in passing for answer in (status, 200)])
        c.equal([exchange["asked"] for exchange in log], [send.request] * 10)
    faults = [
        {"on": n, "status": status} for n, status in enumerate((rng.choice([400, 402, 422]), 401, 403, 404, 499), 1)
    ]
    may_not = case("statuses that do not pass", points=1, category="statuses that do not pass")
    with may_not as c, draw.amid(world, *faults) as session:
        wire = draw.Wire.of(send.student, session)
        for number in range(1, 6):
            kinds, waits = send(wire.client)
            c.equal(("APIStatusError" in kinds, wire.sent, waits), (True, number, []))


def _connections(send: Any, world: World) -> None:
    broken = case("connections that fail", points=1, category="connection errors")
    with broken as c, draw.amid(world, {"on": [1, 2], "cut_after": 0}) as session:
        wire = draw.Wire.of(send.student, session)
        kinds, waits = send(wire.client)
        c.equal((kinds, len(waits), wire.sent), ((), 2, 3))
        nobody = send.student.call("connected", make("openai-client", url="http://127.0.0.1:9/v1", key="none"))
        kinds, waits = send(nobody, attempts=3)
        c.equal(("APIConnectionError" in kinds, len(waits)), (True, 2))
    late = case("an answer that comes too late", points=1, category="timeouts")
    with late as c, draw.amid(world, {"on": 1, "delay_s": 5.0}) as session:
        wire, impatient = draw.Wire.of(send.student, session), send._replace(request={**send.request, "timeout": 1.5})
        kinds, waits = impatient(wire.client)
        c.equal((kinds, len(waits), wire.sent), ((), 1, 2))


def _how_often(send: Any, world: World, rng: Random) -> None:
    attempts, before = rng.randrange(2, 6), 0
    faults = [{"on": list(range(1, attempts)), "status": 429}, {"on": list(range(attempts, 30)), "status": 503}]
    bound = case("no more requests than attempts", points=1, category="number of attempts, last error")
    with bound as c, draw.amid(world, *faults) as session:
        wire = draw.Wire.of(send.student, session)
        for settings, requests in (({"attempts": attempts}, attempts), ({"attempts": 1}, 1), ({}, 4)):
            kinds, waits = send(wire.client, **settings)
            made, before = wire.sent - before, wire.sent
            c.equal(("InternalServerError" in kinds, made, len(waits)), (True, requests, requests - 1))
    own = case("a client with retries of its own", points=1, category="the client's own retries")
    with own as c, draw.amid(world, {"on": "every", "status": 500, "retry_after_s": 0.001}) as session:
        wire = draw.Wire.of(send.student, session, retries=rng.randrange(2, 5))
        _, waits = send(wire.client, attempts=3)
        c.equal((wire.sent, len(waits)), (3, 2))


def _how_long(send: Any, world: World, rng: Random) -> None:
    def bounded(c: Any, waits: list[float], fulls: list[float]) -> None:
        c.true(len(waits) >= len(fulls), "too few waits", actual=waits)
        inside = (0.4999 * full <= wait <= 1.0001 * full for wait, full in zip(waits, fulls, strict=False))
        c.true(all(inside), "a wait is outside its bounds", actual=waits)

    with draw.amid(world, {"on": "every", "status": 503}) as session:
        client = draw.Wire.of(send.student, session).client
        with case("waits double up to the most", points=1, category="backoff") as c:
            base = rng.randrange(1, 9) / 10
            most = base * rng.choice([3, 5, 7])
            fulls = [min(most, base * factor) for factor in (1, 2, 4, 8, 16)]
            bounded(c, send(client, attempts=6, base_s=base, most_s=most)[1], fulls)
            wide = make("python-random", seed=draw.wide_seed(rng))
            bounded(c, send(client, attempts=10, rng=wide)[1], [0.5, 1.0, 2.0, 4.0, *[8.0] * 5])
        with case("waits are drawn", points=1, category="jitter") as c:
            one, two = rng.sample(range(10**9), 2)
            draws = [make("python-random", seed=seed) for seed in (one, two, one)]
            first, second, again = (send(client, attempts=7, base_s=1.0, most_s=1.0, rng=drawn)[1] for drawn in draws)
            c.equal(again, first, "the same rng should give the same waits")
            bounded(c, first[:6] + second[:6], [1.0] * 12)
            c.true(len({round(wait, 6) for wait in first[:6] + second[:6]}) == 12, "waits repeat", actual=first)


@check("ledger-hidden", points=8, title="Prices and budgets drawn for you", hidden=True)
def ledger_hidden(student: Student, world: World) -> None:
    rng = world.rng("ledger")
    drawn = [(rng.randrange(2, 40), rng.randrange(11, 60)) for _ in range(2)]
    price, other = ({"input": whole / 4, "cached": whole / 64, "output": float(out)} for whole, out in drawn)
    _costs(student, rng, price)
    with draw.amid(world) as session:
        books = draw.Books(draw.Wire.of(student, session), {draw.SMALL: price, draw.LARGE: other})
        _sums(books, books.wire, rng)
        _budgets(books, books.wire, rng)
    failed = case("a failed call between two others", points=1, category="failed calls")
    with failed as c, draw.amid(world, {"on": 2, "status": 500}) as session:
        books = books._replace(wire=draw.Wire.of(student, session))
        ledger, request = books.open(1.0), draw.request(rng, 40, draw.LARGE)
        books.ask(ledger, request)
        with c.raises("InternalServerError"):
            books.ask(ledger, request)
        books.ask(ledger, request)
        taken, given = books.wire.used()
        _sums_to(c, books.report(c, ledger), [2, taken, 0, given, draw.usd(other, taken, 0, given)])


def _costs(student: Student, rng: Random, price: dict[str, float]) -> None:
    fresh, cached, output = rng.randrange(100, 9000), rng.randrange(50, 900), rng.randrange(20, 900)
    plain = {"prompt_tokens": fresh + cached, "completion_tokens": output}
    details = {"prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0}}
    with case("usage with and without details", points=1, category="cost of cached and fresh input") as c:
        thought = {"completion_tokens_details": {"reasoning_tokens": output // 2}, "total_tokens": fresh + output}
        cost = student.call("cost_usd", plain | details | thought, price)
        _sums_to(c, cost, draw.usd(price, fresh, cached, output))
        for none in ({}, {"prompt_tokens_details": None}, {"prompt_tokens_details": {"cached_tokens": None}}):
            cost = student.call("cost_usd", plain | none, price)
            _sums_to(c, cost, draw.usd(price, fresh + cached, 0, output))
    with case("a price list without a cached price", points=1, category="no cached price") as c:
        bare = {name: price[name] for name in ("input", "output")}
        _sums_to(c, student.call("cost_usd", plain | details, bare), draw.usd(price, fresh + cached, 0, output))


def _sums(books: Any, wire: Any, rng: Random) -> None:
    small, large = books.prices.values()
    with case("two models, two ledgers", points=1, category="adding up") as c:
        one, apart = books.open(1.0), books.open(1.0)
        for model in (draw.SMALL, draw.SMALL, draw.LARGE):
            books.ask(one, draw.request(rng, 30, model))
        books.ask(apart, draw.request(rng, 30, draw.LARGE))
        ins, outs = zip(wire.used(-4, -2), wire.used(-2, -1), strict=True)
        usd = draw.usd(small, ins[0], 0, outs[0]) + draw.usd(large, ins[1], 0, outs[1])
        _sums_to(c, books.report(c, one), [3, sum(ins), 0, sum(outs), usd])
        c.equal(books.report(c, apart, "calls"), [1])
    with case("cached input is booked", points=1, category="cached input booked") as c:
        ledger = books.open(1.0)
        for _ in range(2):
            books.ask(ledger, draw.request(rng, 30), "cached_send")
        (first, _), (taken, given) = wire.used(-2, -1), wire.used(-2)
        half = first // 2 + (taken - first) // 2
        usd = draw.usd(small, taken - half, half, given)
        _sums_to(c, books.report(c, ledger), [2, taken, half, given, usd])
    with case("a model without a price", points=1, category="unknown price") as c:
        before, ledger = wire.sent, books.open(1.0, prices={draw.SMALL: small})
        with c.raises("KeyError"):
            books.ask(ledger, draw.request(rng, 9, draw.LARGE))
        c.equal([wire.sent, *books.report(c, ledger, "calls", "usd")], [before, 0, 0])


def _budgets(books: Any, wire: Any, rng: Random) -> None:
    price = books.prices[draw.SMALL]

    def most(request: Json) -> Any:
        counted = sum(wire.student.call("count_tokens", message) for message in request["messages"])
        return draw.usd(price, counted, 0, request["max_completion_tokens"])

    half = price["input"] / 2 / 1_000_000  # half a token to spare or lacking, so that no way of rounding decides
    with case("exactly the budget may be spent", points=1, category="budget met exactly") as c:
        long, before = draw.request(rng, rng.randrange(20, 200)), wire.sent
        long["messages"] += [draw.user(draw.words(rng, rng.randrange(3, 9))) for _ in range(rng.randrange(1, 4))]
        with c.raises("OverBudget"):
            books.ask(books.open(most(long) - half), long)
        c.equal(wire.sent, before)
        # What costs nothing is not rounded: it meets a budget of nothing exactly.
        free = books.open(0.0, prices={draw.SMALL: {"input": 0.0, "output": 0.0}})
        for ledger in (free, books.open(most(long) + half)):
            books.ask(ledger, long)
            c.equal(books.report(c, ledger, "calls"), [1])
    with case("what was spent counts", points=1, category="budget after several calls") as c:
        before, one = wire.sent, draw.request(rng, 100)
        books.ask(books.open(1e9), one)
        spent = draw.usd(price, wire.used(before)[0], 0, wire.used(before)[1])
        ledger = books.open(most(one) + spent - half)
        books.ask(ledger, one)
        with c.raises("OverBudget"):
            books.ask(ledger, one)
        c.equal((wire.sent, books.report(c, ledger, "calls")), (before + 2, [1]))
        books.ask(ledger, {**one, "max_completion_tokens": 99})
        c.equal(books.report(c, ledger, "calls"), [2])
