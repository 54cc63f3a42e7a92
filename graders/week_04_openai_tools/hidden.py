"""Hidden checks of lab 04. Data drawn for each attempt; what is required is in the lab's text and nowhere else."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from courseware.checks import Student, World, case, check
from courseware.checks.loading import load_module

given, draw = (load_module(Path(__file__).with_name(name)) for name in ("visible.py", "drawing.py"))

NAMES = ["Ada", "Bo", "Chidi", "Dana", "Emre", "Finn", "Gül", "Hana", "Ivo", "Jun"]
THINGS = ["pumps", "valves", "hoses", "filters", "gaskets", "seals"]
CELSIUS = {"Oslo": -3.5, "Cairo": 31.0, "Lima": 19.5, "Pune": 27.0}
STOCK = {"pump": 4, "valve": 0, "hose": 12}
PACE_S, PACED = 0.05, 12
Log = list[dict[str, Any]]
ONE = ("calculate", {"expression": "1"})


@check("stream-hidden", points=7, title="Streams of every kind", hidden=True)
def stream_hidden(student: Student, world: World) -> None:
    rng = world.rng("stream")
    words = " ".join(["It", "is"] + [rng.choice(THINGS) for _ in range(PACED - 3)] + ["🙂"])
    with case("passes words on while they come", points=2, category="pieces as they come") as c:
        # A busy machine may deliver a paced stream in one go; it does not do so three times, and waiting never helps.
        for _ in range(3):
            seen = given.watched(student, world, words, faults=[{"pace_s": PACE_S}])
            c.equal("".join(seen.pieces), words)
            if seen.seconds[-1] - seen.seconds[0] > 4 * PACE_S:
                break
        c.true(seen.seconds[-1] - seen.seconds[0] > 4 * PACE_S, "the pieces were written all at once, at the end")
    calls = [(rng.choice(THINGS), {"count": rng.randrange(10**9), "note": words}) for _ in range(3)]
    with case("puts the arguments of several calls together", points=2, category="calls in a stream") as c:
        seen = given.watched(student, world, "", calls)
        got = calls_in(seen.turn)
        c.equal([(call.get("name"), given.json_of(str(call.get("arguments")))) for call in got], calls)
        ids = [call.get("id") for call in got]
        c.true(len(set(ids)) == 3 and all(isinstance(one, str) and one for one in ids), "ids are missing or the same")
        c.equal([seen.turn.get("finish"), seen.turn.get("text"), seen.pieces], ["tool_calls", "", []])
    with case("states the finish reason and the usage of every stream", points=1, category="finish and usage") as c:
        for stop, finish in (("length", "length"), ("end", "stop")):
            seen = given.watched(student, world, words, stop=stop)
            c.equal([seen.turn.get("finish"), seen.turn.get("usage")], [finish, seen.usage])
        offered = [{"type": "function", "function": {"name": "lookup", "parameters": {"type": "object"}}}]
        c.equal(tools_sent(student, world, offered), [offered])
    with case("returns what is certain of a cut stream", points=1, category="cut stream") as c:
        kept = rng.randrange(1, 6)
        seen = given.watched(student, world, words, faults=[{"on": 1, "cut_after": kept + 1}])
        text = " ".join(words.split(" ")[:kept])
        c.equal(seen.turn, {"text": text, "calls": [], "finish": None, "usage": None})
        c.equal("".join(seen.pieces), text)
        seen = given.watched(student, world, "", calls, faults=[{"on": 1, "cut_after": 4}])
        c.equal([seen.turn.get("calls"), seen.turn.get("finish")], [[], None])
        for status in (429, 500):
            with c.raises("Exception"):
                given.watched(student, world, words, faults=[{"status": status}])
    with case("remembers whole turns and no others", points=1, category="history") as c:
        ask_to_remember(student, rng, c)


def tools_sent(student: Student, world: World, tools: Any) -> list[Any]:
    """Have `stream_turn` offer tools; return what each request offered."""
    with world.session(scenario={"name": "words", "rules": [{"say": "None."}]}) as session:
        student.call("watch", given.client(session), [{"role": "user", "content": "Any?"}], tools)
        return [exchange["asked"].get("tools") for exchange in session.log()]


def calls_in(turn: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls of what `stream_turn` returned; what has another shape is left out."""
    listed = turn.get("calls")
    return [call for call in listed if isinstance(call, dict)] if isinstance(listed, list) else []


def ask_to_remember(student: Student, rng: random.Random, c: Any) -> None:
    """Give `remember` turns that ended in every way."""
    history = [{"role": "user", "content": f"How many {rng.choice(THINGS)} are left?"}]
    calls = [{"id": f"call_{rng.randrange(10**9)}", "name": "stock", "arguments": '{"item": "pump"}'} for _ in range(2)]
    usage = {"input": rng.randrange(9, 99), "output": 5}
    for finish, text, made in (("stop", "Four.", []), ("length", "Fo", []), ("tool_calls", "", calls)):
        turn = {"text": text, "calls": made, "finish": finish, "usage": usage}
        seen = student.observe("remember", history, turn)
        c.equal(seen.args, [history, turn], "an argument has changed")
        got = seen.value if isinstance(seen.value, list) and len(seen.value) == 2 else [{}, {}]
        last = got[1] if isinstance(got[1], dict) else {}
        c.equal([got[0], last.get("role"), given.text_of(last)], [history[0], "assistant", text])
        c.equal(given.calls_of(last), [{"type": "function", **call} for call in made])
        c.equal("tool_calls" in last, bool(made), "tool_calls is there without calls, or missing with them")
    for text in ("", "Fou"):
        cut: dict[str, Any] = {"text": text, "calls": [], "finish": None, "usage": None}
        c.equal(student.call("remember", history, cut), history)


@check("tools-hidden", points=6, title="Schemas and arithmetic", hidden=True)
def tools_hidden(student: Student, world: World) -> None:
    rng = world.rng("tools")
    with case("accepts what the functions take and nothing else", points=1, category="schemas") as c:
        ask_schemas(student, c, rng.choice(list(CELSIUS)))
    with case("calculates like Python", points=2, category="arithmetic") as c:
        for _ in range(12):
            expression, value = draw.drawn_sum(rng)
            c.close(student.call("calculate", expression), value, atol=1e-9, rtol=1e-9)
        one, two = rng.randrange(2, 9), rng.randrange(2, 5)
        for expression, value in {
            f"-{one} ** {two}": -(one**two),
            f"2 ** {two} ** 2": 2.0 ** (two**2),
            f"{one} - -{two}": one + two,
            f"+{one} / {two} / 2": one / two / 2,
            f"{one}.5 * 1e3": (one + 0.5) * 1000,
            f"  ({one})\n": one,
            f"{one} - {two} - {one}": -two,
        }.items():
            c.close(student.call("calculate", expression), value, atol=1e-9, rtol=1e-9)
    with case("refuses everything that is not arithmetic", points=1, category="refused text") as c:
        for expression in draw.REFUSED:
            with c.raises("ValueError"):
                student.call("calculate", expression)
    with case("refuses what has no finite real value", points=1, category="no finite value") as c:
        zero = rng.randrange(3, 99)
        for expression in (f"{zero} / ({zero} - {zero})", f"(-{zero}) ** 0.5", f"0 ** -{zero}", *draw.TOO_LARGE):
            with c.raises("ValueError"):
                student.call("calculate", expression)
    with case("takes 200 characters and no more", points=1, category="long expressions") as c:
        digit = rng.randrange(2, 9)
        c.close(student.call("calculate", f"{digit}+" * 99 + "10"), 99 * digit + 10, atol=1e-9, rtol=1e-9)
        c.close(student.call("calculate", "(" * 50 + str(digit) + ")" * 50), digit, atol=1e-9, rtol=1e-9)
        for expression in (f"{digit}+" * 99 + "100", "(" * 3000 + str(digit) + ")" * 3000, "-" * 100_000 + "1"):
            with c.raises("ValueError"):
                student.call("calculate", expression)


def ask_schemas(student: Student, c: Any, city: str) -> None:
    """Try arguments on both schemas."""
    tools = given.functions_of(student.get("TOOLS"))
    weather, calculator = tools.get("get_weather", {}), tools.get("calculate", {})
    for unit in ("celsius", "fahrenheit"):
        c.true(given.accepts(weather, {"city": city, "unit": unit}), "refuses what get_weather takes")
    c.true(given.accepts(calculator, {"expression": "1 + 1"}), "refuses what calculate takes")
    good = {"city": city, "unit": "celsius"}
    refused: list[Any] = [{"city": city}, {"unit": "celsius"}, {}, []]
    refused += [good | change for change in ({"unit": "K"}, {"city": 3}, {"day": 1})]
    c.true(not any(given.accepts(weather, wrong) for wrong in refused), "accepts what get_weather does not take")
    refused = [{}, {"expression": 2}, {"expression": "2", "base": 10}, "2"]
    c.true(not any(given.accepts(calculator, wrong) for wrong in refused), "accepts what calculate does not take")


@check("loop-hidden", points=6, title="Loops that always end in words", hidden=True)
def loop_hidden(student: Student, world: World) -> None:
    rng = world.rng("loop")
    with case("answers parallel calls in their order", points=2, category="parallel calls") as c:
        items = rng.sample(list(STOCK), 3)
        calls = [("stock", {"item": item}) for item in items]
        calls.insert(rng.randrange(4), ("rate", {"currency": "NOK"}))
        talked = given.talk(student, world, calls, f"There are {rng.randrange(99)}.")
        sent = given.messages_of(talked.log[-1]) if talked.log else []
        c.equal(given.roles(talked.log), [["user"], ["user", "assistant", *["tool"] * 4]])
        made = given.calls_of(sent[1])
        c.equal([(call["name"], given.json_of(call["arguments"])) for call in made], calls)
        c.equal([message.get("tool_call_id") for message in sent[2:]], [call["id"] for call in made])
        expected = [{"item": a["item"], "left": STOCK[a["item"]]} if n == "stock" else 11.6 for n, a in calls]
        c.equal([given.json_of(given.text_of(message)) for message in sent[2:]], expected)
    with case("reports every error and goes on", points=2, category="errors reported") as c:
        ask_to_fail(student, world, rng, c)
    with case("ends after the rounds it may take", points=1, category="bounded rounds") as c:
        for most in (1, rng.randrange(3, 6)):
            answers, log = endless(student, world, most)
            c.equal(answers, ["I stop here."])
            c.equal(len(log), most + 1, "not as many requests as rounds and one more")
            free = [bool(e["asked"].get("tools")) and e["asked"].get("tool_choice") != "none" for e in log]
            c.equal(free, [True] * most + [False], "calls are allowed in the last request, or not before")
    with case("leaves a history that the next question continues", points=1, category="history") as c:
        name = rng.choice(NAMES)
        rules: list[dict[str, Any]] = [
            {"when": {"user": "who", "heard": r"name is (?P<name>\w+)"}, "say": "You are ${heard.name}."},
            {"when": {"calls": []}, "call": given.moves([("stock", {"item": "hose"}), ("rate", {"currency": "JPY"})])},
            {"say": "Twelve, at 171 yen."},
        ]
        with world.session(scenario={"name": "twice", "rules": rules}) as session:
            questions = (f"My name is {name}. How many hoses?", "And who am I?")
            answers, log = student.call("talk", given.client(session), *questions), session.log()
        c.equal(answers, ["Twelve, at 171 yen.", f"You are {name}."])
        c.equal(given.roles(log)[-1:], [["user", "assistant", "tool", "tool", "assistant", "user"]])
        c.equal(given.text_of(given.messages_of(log[-1])[4]), "Twelve, at 171 yen.")


def ask_to_fail(student: Student, world: World, rng: random.Random, c: Any) -> None:
    """Let calls fail in every way, between calls that do not."""
    item, currency = f"thing{rng.randrange(999)}", f"X{rng.randrange(99)}"
    calls = [
        ("teleport", {"to": "Oslo"}),
        ("stock", {"item": item}),
        ("stock", {"thing": "pump"}),
        ("stock", {}),
        ("rate", {"currency": currency}),
        ("stock", {"item": "valve"}),
    ]
    talked = given.talk(student, world, calls, "Some of that failed.")
    c.equal(talked.answers, ["Some of that failed."])
    found = given.results(talked.log)
    c.equal(len(found), len(calls), "not one result for each call")
    errors = [given.error_of(content) for content in found]
    c.true(all(name in errors[0] for name in ("stock", "rate", "greeting")), "the tools there are, are not named")
    c.true(item in errors[1] and currency in errors[4], "the message of the function's exception is missing")
    c.true(errors[2] and errors[3], "arguments that do not fit are no error")
    c.equal(given.json_of(found[5]), {"item": "valve", "left": 0}, "the call after the failing ones has no result")


def endless(student: Student, world: World, most: int) -> tuple[Any, Log]:
    """Have `converse` talk to a model that calls a tool whenever it may."""
    rules = [
        {"when": {"tools": ["stock"]}, "call": given.moves([("stock", {"item": "pump"})])},
        {"say": "I stop here."},
    ]
    with world.session(scenario={"name": "endless", "rules": rules}) as session:
        answers = student.call("talk", given.client(session), "How many pumps?", max_rounds=most)
        return answers, session.log()


@check("chatbot-hidden", points=8, title="The program from outside", hidden=True)
def chatbot_hidden(student: Student, world: World) -> None:
    ask_options_and_tools(student, world, world.rng("options"))
    ask_budget(student, world, world.rng("budget"))
    ask_faults(student, world, world.rng("faults"))
    lines, budget = given.CONVERSATION, str(given.DEFENDED_BUDGET)
    with case("your numbers are those of your program", points=2, category="defended numbers") as c:
        ran = given.chat(student, world, lines, "--budget-tokens", budget)
        last = given.messages_of(ran.log[-1]) if ran.log else []
        c.equal([ran.status, len(ran.lines)], [0, len(lines)])
        found = {"requests": len(ran.log), "last messages": len(last), "last tokens": given.count_tokens(last)}
        c.equal(student.get("defended"), found)


def ask_options_and_tools(student: Student, world: World, rng: random.Random) -> None:
    """Two points: one run with every option, calls that succeed, fail and never end, and lines after /quit."""
    cities, name, system = rng.sample(list(CELSIUS), 2), rng.choice(NAMES), f"You sell {rng.choice(THINGS)}."
    sums = ["2 ** 10 - 1", f"({rng.randrange(2, 99)} - 5) / 4", f"1 / 0 + {rng.randrange(9)}", "__import__('os')"]
    lines = [
        f"My name is {name} 🙂.",
        f"How is the weather in {cities[0]} and {cities[1]}?",
        "",
        *(f"What is {text}?" for text in sums[:3]),
        "How is the weather in Atlantis and Oslo?",
        " \t ",
        "Beam me up.",
        "Never stop.",
        "/quit",
        f"What is {sums[0]}?",
    ]
    rules = [
        {"when": {"user": "never stop", "tools": ["calculate"]}, "call": given.moves([ONE])},
        {"when": {"user": "never stop"}, "say": "Stopped."},
        {"when": {"user": "beam", "calls": []}, "call": given.moves([("teleport", {"to": cities[0]})])},
        {"when": {"user": "beam"}, "say": "That is beyond me."},
        *given.REHEARSAL["rules"],
    ]
    options = ("--system", system, "--model", "course-large")
    ran = given.once(
        lambda: given.chat(student, world, lines, *options, scenario={"name": "all-options", "rules": rules})
    )
    with case("does what its options and its input say", points=1, category="options and input") as c:
        c.equal([asked.get("model") for asked in ran().asked], ["course-large"] * len(ran().log))
        c.equal([system_of(exchange) for exchange in ran().log], [system] * len(ran().log))
        asked = [question(exchange) for exchange in ran().log if len(current(exchange)) == 1]
        c.equal(asked, [line.strip() for line in lines[: lines.index("/quit")] if line.strip()])
        c.equal([ran().lines[:1], ran().status], [[f"Hello {name}, how can I help you?"], 0])
    with case("answers calls, reports errors and stops", points=1, category="tools of the program") as c:
        last = {question(exchange): newest(exchange) for exchange in ran().log}
        found = [last.get(line, []) for line in (lines[1], *lines[3:7], "Beam me up.")]
        degrees = [given.number_at(text, "degrees") for text in found[0]]
        c.close(degrees, [CELSIUS[cities[0]], CELSIUS[cities[1]] * 9 / 5 + 32], atol=1e-9)
        for results, text in zip(found[1:3], sums[:2], strict=True):
            c.close([given.number_of(one) for one in results], [eval(text)], atol=1e-9)  # noqa: S307 - ours
        c.true([one for one in found[3] if given.error_of(one)], "a division by zero is no error")
        errors = [given.error_of(one) for one in found[4]]
        c.true(len(errors) == 2 and "Atlantis" in errors[0], "the error of get_weather is missing")
        known = [one for one in found[5] if "get_weather" in given.error_of(one) and "calculate" in given.error_of(one)]
        c.true(known, "an unknown tool is not answered with those there are")
        c.equal([question(exchange) for exchange in ran().log].count("Never stop."), 6, "not five rounds")
        c.true("Stopped." in ran().lines, "no answer in words after five rounds")


def system_of(exchange: dict[str, Any]) -> str:
    """The system text that a request begins with, or nothing."""
    first = (given.messages_of(exchange) or [{}])[0]
    return str(given.text_of(first)) if first.get("role") in ("system", "developer") else ""


def current(exchange: dict[str, Any]) -> list[dict[str, Any]]:
    """A request's messages from the user's last words on."""
    messages: list[dict[str, Any]] = given.messages_of(exchange)
    last = max((at for at, message in enumerate(messages) if message.get("role") == "user"), default=0)
    return messages[last:]


def question(exchange: dict[str, Any]) -> str:
    """What the user said last."""
    return str(given.text_of((current(exchange) or [{}])[0]))


def newest(exchange: dict[str, Any]) -> list[str]:
    """The results since the user spoke last."""
    return [given.text_of(message) for message in current(exchange) if message.get("role") == "tool"]


def ask_budget(student: Student, world: World, rng: random.Random) -> None:
    """Two points: a conversation that outgrows its budget, with calls among what must go."""
    system = f"You sell {rng.choice(THINGS)} and {rng.choice(THINGS)}."
    cities = rng.sample(list(CELSIUS), 4)
    lines = [f"My name is {rng.choice(NAMES)}.", f"How is the weather in {cities[0]} and {cities[1]}?"]
    lines += [f"Do you sell {rng.randrange(999)} {rng.choice(THINGS)}, or {rng.randrange(99)}?" for _ in range(4)]
    lines += [f"How is the weather in {cities[2]} and {cities[3]}?", "What is 2 + 3?", "What is my name?"]
    answered = [{"role": "system", "content": system}]
    said = {"role": "assistant", "content": given.REHEARSAL["rules"][-1]["say"]}
    for line in lines[2:5]:
        answered += [{"role": "user", "content": line}, said]
    # Exactly what the sixth line needs with the three before it, so that one token less would drop one of them.
    budget = given.count_tokens([*answered, {"role": "user", "content": lines[5]}])
    ran = given.once(lambda: given.chat(student, world, lines, "--system", system, "--budget-tokens", str(budget)))
    with case("stays within its budget", points=1, category="budget") as c:
        c.equal([ran().status, len(ran().lines)], [0, len(lines)])
        c.equal(ran().lines[-1], "You have not told me your name.")
        c.equal([system_of(exchange) for exchange in ran().log], [system] * len(ran().log))
        for exchange in ran().log:
            own = [{"role": "system", "content": system}, *current(exchange)]
            most = max(budget, given.count_tokens(own))
            c.true(given.count_tokens(given.messages_of(exchange)) <= most, "a request is above the budget")
    with case("keeps the exchanges that fit", points=1, category="kept exchanges") as c:
        c.equal([ran().status, len(ran().lines)], [0, len(lines)])
        ask_kept(ran().log, system, budget, c)


def ask_kept(log: Log, system: str, budget: int, c: Any) -> None:
    """Rebuild each exchange from the log; a question carries all newest ones that fit, whole and in order."""
    exchanges: list[list[dict[str, Any]]] = []
    for number, exchange in enumerate(log):
        if len(current(exchange)) == 1:
            fitting = current(exchange)
            for earlier in reversed(exchanges):
                if given.count_tokens([{"content": system}, *earlier, *fitting]) > budget:
                    break
                fitting = [*earlier, *fitting]
            sent = given.messages_of(exchange)[-len(fitting) :]
            c.equal(plain(sent), plain(fitting), "an exchange that fits is missing or not whole")
        if number + 1 == len(log) or len(current(log[number + 1])) == 1:
            said = "".join(answer["text"] for answer in exchange["answers"])
            exchanges.append([*current(exchange), {"role": "assistant", "content": said}])


def plain(messages: Sequence[dict[str, Any]]) -> list[Any]:
    """Messages as roles, words and calls."""
    return [[m.get("role"), given.text_of(m), [call["name"] for call in given.calls_of(m)]] for m in messages]


def ask_faults(student: Student, world: World, rng: random.Random) -> None:
    """Two points: a cut stream, a refusal, a rate limit and an outage in one run."""
    names = rng.sample(NAMES, 7)
    lines = [f"My name is {name}." for name in names]
    said = [f"Hello {name}, how can I help you?" for name in names]
    faults = [
        {"on": 2, "cut_after": 3},
        {"on": 4, "status": 400, "message": "No such thing"},
        {"on": 6, "status": 429, "retry_after_s": 0.02},
        {"on": list(range(8, 40)), "status": 500, "retry_after_s": 0.01},
    ]
    ran = given.once(lambda: given.chat(student, world, lines, faults=faults))
    with case("keeps half an answer on the screen and out of the history", points=1, category="cut stream") as c:
        half = f"Hello {names[1]},"
        c.equal(ran().lines[:3], [said[0], half, said[2]])
        c.equal([question(e) for e in ran().log].count(lines[1]), 1, "asked again")
        later = [m for e in ran().log[2:] for m in given.messages_of(e) if m.get("role") == "assistant"]
        c.equal([m for m in later if names[1] in given.text_of(m)], [], "half an answer is in the history")
        c.true(ran().err.strip() and ran().status == 1, "the cut is not told on standard error and by the status")
    with case("waits out a rate limit and survives an outage", points=1, category="errors survived") as c:
        # Who asks again after the cut, another case's concern, meets the same faults at other questions.
        tried = [(question(exchange), exchange["status"]) for exchange in ran().log]
        c.equal({line for line, _ in tried}, set(lines), "a question after an error was not asked")
        for line in [line for line, status in tried if status == 429]:
            c.true((line, 200) in tried, "a 429 was not waited out")
        lost = [line for line in lines if {status for one, status in tried if one == line} <= {400, 500}]
        c.true(bool(lost), "the outage struck no question")
        for line in lost:
            times = [one for one, _ in tried].count(line)
            c.true(times <= 6, "a question is asked for ever")
            c.true(times >= 2 or (line, 500) not in tried, "an outage was not asked again")
        shown = [words for line, words in zip(lines, said, strict=True) if line not in lost]
        c.true(len(set(shown) & set(ran().lines)) >= len(shown) - 1, "an answer after an error is missing")
        notes = [line for line in ran().err.splitlines() if line.strip()]
        c.true(len(notes) >= len(lost) and "Traceback" not in ran().err, "not a line on standard error for each")
        c.equal(ran().status, 1)
