"""What a learner sees of lab 06's checks: small exchanges that can be followed by hand, each on both providers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from courseware.checks import Session, Student, World, case, check, make

Json = dict[str, Any]
PROVIDERS = ("openai", "anthropic")
MODEL = "course-small"
LIMITS = {"openai": "max_completion_tokens", "anthropic": "max_tokens"}
WHERE = [{"role": "user", "text": "Where is P-17?"}]
ROW = {"input": 2.0, "output": 10.0, "cached": 0.1, "write_factor": 1.25, "write_1h_factor": 2}


def script(*rules: Json) -> Json:
    """A scenario of these rules."""
    return {"name": "parcels", "rules": list(rules)}


def moves(*calls: tuple[str, Json]) -> list[Json]:
    """Tool calls for a rule."""
    return [{"name": name, "arguments": arguments} for name, arguments in calls]


# What both wire formats have in common. Whatever the learner's code made is looked at with care: it may be anything.


def client(provider: str, session: Session) -> Any:
    """A client of `provider` that reaches the session."""
    url = session.openai_url if provider == "openai" else session.anthropic_url
    return make(f"{provider}-client", url=url, key=session.token)


def asked(session: Session) -> list[Json]:
    """The bodies that came over the wire."""
    return [exchange["asked"] for exchange in session.log()]


def last(bodies: list[Json]) -> Json:
    """The last of them; an empty one where there is none."""
    return bodies[-1] if bodies else {}


def dicts(found: Any) -> list[Json]:
    """The dicts of a list, whatever it is."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text_of(content: Any) -> str:
    """A message's text, whether it is a string or text blocks."""
    return content if isinstance(content, str) else "".join(str(block.get("text", "")) for block in dicts(content))


def messages_of(body: Json) -> list[Json]:
    """A request's messages without system text."""
    return [message for message in dicts(body.get("messages")) if message.get("role") not in ("system", "developer")]


def system_of(provider: str, body: Json) -> str:
    """A request's system text."""
    if provider == "anthropic":
        return text_of(body.get("system"))
    return "\n".join(
        text_of(message.get("content"))
        for message in dicts(body.get("messages"))
        if message.get("role") in ("system", "developer")
    )


def tools_of(provider: str, body: Json) -> list[list[Any]]:
    """[name, description, schema] of the tools a request offers."""
    offered = dicts(body.get("tools"))
    if provider == "anthropic":
        return [[tool.get("name"), tool.get("description"), tool.get("input_schema")] for tool in offered]
    functions = dicts([tool.get("function") for tool in offered])
    return [[tool.get("name"), tool.get("description"), tool.get("parameters")] for tool in functions]


def choice_of(body: Json) -> Any:
    """What a request says about calling tools, in one word; None where it says nothing."""
    choice = body.get("tool_choice")
    return choice.get("type") if isinstance(choice, dict) else choice


def results_of(provider: str, body: Json) -> list[list[Any]]:
    """[id, text, whether it is flagged as failed] of the results a request ends with, as the provider takes them."""
    messages = messages_of(body)
    said = max((at for at, message in enumerate(messages) if message.get("role") == "assistant"), default=0)
    newest = messages[said + 1 :]
    if provider == "anthropic":
        found = [block for message in newest for block in dicts(message.get("content"))]
        return [[b.get("tool_use_id"), text_of(b.get("content")), bool(b.get("is_error"))] for b in found]
    contents = [(message.get("tool_call_id"), text_of(message.get("content"))) for message in newest]
    return [[one, error_of(text) or text, bool(error_of(text))] for one, text in contents]


def error_of(content: str) -> str:
    """The error that JSON content tells; nothing where it tells none."""
    try:
        value = json.loads(content)
    except ValueError:
        return ""
    return str(value["error"]) if isinstance(value, dict) and value.get("error") else ""


def roles(body: Json) -> list[Any]:
    """The roles of a request's messages without system text."""
    return [message.get("role") for message in messages_of(body)]


def field(result: Any, name: str) -> Any:
    """A field of what the learner's code returned."""
    return result.get(name, f"no {name!r}") if isinstance(result, dict) else f"no dict but {result!r}"


def spent(session: Session) -> Json:
    """The tokens of all exchanges."""
    used = [exchange["usage"] for exchange in session.log() if exchange["usage"]]
    return {way: sum(usage[way] for usage in used) for way in ("input", "output")}


ASK_WHERE = {"when": {"calls": [], "tools": ["track"]}, "call": moves(("track", {"parcel": "P-17"}))}
SAY_WHERE = {"when": {"calls": ["track"]}, "say": "It is ${result.track}."}


def ask_the_example(student: Student, world: World, provider: str, c: Any) -> None:
    """The worked example of task 1 on one provider."""
    with world.session(scenario=script(ASK_WHERE, SAY_WHERE)) as session:
        result = student.call("talk", client(provider, session), WHERE)
        bodies, tokens = asked(session), spent(session)
    answer = "user" if provider == "anthropic" else "tool"
    c.equal([roles(body) for body in bodies], [["user"], ["user", "assistant", answer]])
    c.equal([found[1:] for found in results_of(provider, last(bodies))], [["in Lyon", False]])
    c.equal([field(result, name) for name in ("text", "stop", "requests")], ["It is in Lyon.", "end", 2])
    c.equal(field(result, "usage"), tokens)


@check("run-visible", points=4, title="One loop, two wires")
def run_visible(student: Student, world: World) -> None:
    with case(
        "answers with a tool's help on OpenAI",
        points=1,
        category="worked example",
        hint="Two requests. The second one ends with the assistant's tool_calls and a message of role tool.",
    ) as c:
        ask_the_example(student, world, "openai", c)
    with case(
        "answers with a tool's help on Anthropic",
        points=1,
        category="worked example",
        hint="The assistant's turn goes back with its tool_use block; an empty text block beside it is refused.",
    ) as c:
        ask_the_example(student, world, "anthropic", c)
    with case(
        "reports a failing tool in each provider's way",
        points=1,
        category="errors",
        hint="Anthropic's tool_result has is_error. OpenAI has no flag, so its content is {'error': ...} as JSON.",
    ) as c:
        calls = moves(("track", {"parcel": "P-99"}), ("track", {"parcel": "P-20"}))
        for provider in PROVIDERS:
            with world.session(scenario=script({"when": {"calls": []}, "call": calls}, {"say": "Done."})) as session:
                student.call("talk", client(provider, session), WHERE)
                found = results_of(provider, last(asked(session)))
            c.equal([failed for _, _, failed in found], [True, False], f"not one failed and one not, at {provider}")
            c.true("P-99" in found[0][1], "the function's message is missing", actual=found[0][1])
    with case(
        "asks a last time without calls",
        points=1,
        category="rounds",
        hint="After max_rounds rounds the request still offers the tools and says tool_choice none, in its own shape.",
    ) as c:
        endless = script(
            {"when": {"tools": ["track"]}, "call": moves(("track", {"parcel": "P-17"}))}, {"say": "Enough."}
        )
        for provider in PROVIDERS:
            with world.session(scenario=endless) as session:
                result = student.call("talk", client(provider, session), WHERE, 2)
                bodies = asked(session)
            c.equal([field(result, "text"), len(bodies)], ["Enough.", 3], f"not three requests at {provider}")
            c.equal(choice_of(last(bodies)), "none", f"calls are not forbidden at {provider}")


def once(make_it: Callable[[], Any]) -> Callable[[], Any]:
    """Make it when it is first asked for; several cases look at it, and each fails if it cannot be made."""
    made: list[Any] = []

    def get() -> Any:
        if not made:
            try:
                made.append(make_it())
            except Exception as trouble:
                made.append(trouble)
        if isinstance(made[0], Exception):
            raise made[0]
        return made[0]

    return get


# Task 2


def request_of(provider: str, text: str, *names: str, limit: int = 200, note: str = "") -> Json:
    """The arguments of `create` for one question, with tools of these names."""
    schema = {"type": "object", "properties": {"parcel": {"type": "string"}}}
    request: Json = {"model": MODEL, "messages": [{"role": "user", "content": text}], LIMITS[provider]: limit}
    if provider == "anthropic":
        tools = [{"name": name, "description": note, "input_schema": schema} for name in names]
    else:
        about = [{"name": name, "description": note, "parameters": schema} for name in names]
        tools = [{"type": "function", "function": one} for one in about]
    return request | ({"tools": tools} if tools else {})


def kinds(events: Any) -> list[Any]:
    """The types of events, texts in a row counted once."""
    found = [field(event, "type") for event in (events if isinstance(events, list) else [events])]
    return [kind for at, kind in enumerate(found) if kind != "text" or at == 0 or found[at - 1] != "text"]


def words_of(events: Any) -> str:
    """All text of events."""
    return "".join(str(field(event, "text")) for event in events if field(event, "type") == "text")


def calls_of(events: Any) -> list[list[Any]]:
    """[name, arguments] of the calls among events."""
    return [[field(e, "name"), field(e, "arguments")] for e in events if field(e, "type") == "call"]


def watched(student: Student, world: World, provider: str, rules: list[Json], *names: str, faults: Any = ()) -> Json:
    """What `stream_events` yields, with the seconds after which it did, and what the session logged."""
    with world.session(scenario=script(*rules), faults=list(faults)) as session:
        seen = student.call("watch", client(provider, session), request_of(provider, "Where is it?", *names, limit=900))
        return {**seen, "log": session.log()}


@check("events-visible", points=3, title="Two streams, one kind of event")
def events_visible(student: Student, world: World) -> None:
    with case(
        "passes words on, then stop and usage",
        points=1,
        category="words",
        hint="OpenAI sends usage only with stream_options. Anthropic: input in message_start, output in message_delta.",
    ) as c:
        for provider in PROVIDERS:
            seen = watched(student, world, provider, [{"say": "It is in Lyon."}])
            c.equal(kinds(seen["events"]), ["text", "end"], f"not texts and an end at {provider}")
            c.equal(words_of(seen["events"]), "It is in Lyon.")
            usage = {way: seen["log"][0]["usage"][way] for way in ("input", "output")}
            c.equal(seen["events"][-1], {"type": "end", "stop": "end", "usage": usage})
    with case(
        "passes calls on when they are whole",
        points=1,
        category="calls",
        hint="Collect the pieces of the arguments as text, and read the JSON once the call has ended.",
    ) as c:
        calls = [("track", {"parcel": "P-17 and a longer text"}), ("track", {"parcel": "P-20"})]
        for provider in PROVIDERS:
            seen = watched(student, world, provider, [{"say": "Let me see.", "call": moves(*calls)}], "track")
            c.equal(kinds(seen["events"]), ["text", "call", "call", "end"], f"not these events at {provider}")
            c.equal(calls_of(seen["events"]), calls)
            c.equal(field(seen["events"][-1], "stop"), "tools")
    with case(
        "says so when a stream is cut",
        points=1,
        category="cut",
        hint="The SDKs let the transport's error through. It becomes a last event, cut, and nothing is raised.",
    ) as c:
        for provider in PROVIDERS:
            seen = watched(student, world, provider, [{"say": "It is in Lyon."}], faults=[{"cut_after": 3}])
            c.equal([kinds(seen["events"]), words_of(seen["events"])], [["text", "cut"], "It is"], f"at {provider}")


# Task 3


def conversation(student: Student, world: World, manual: str, questions: list[str], said: str, clock: str) -> Json:
    """Have `converse` use the learner's builder; return the usage of every answer and what was sent."""
    with world.session(scenario=script({"say": said})) as session:
        builder = student.get("assistant_request")
        usages = student.call("converse", client("anthropic", session), builder, manual, questions, clock)
        return {"usages": usages, "bodies": asked(session), "read": [e["request"]["messages"] for e in session.log()]}


def not_read(usage: Json) -> int:
    """The tokens of a request that did not come from the cache."""
    return int(usage["input_tokens"] + usage["cache_creation_input_tokens"])


def list_price(usage: Json) -> float:
    """What an answer of the large Claude costs by the lab's row, in USD."""
    details = usage["cache_creation"]
    written = 1.25 * details["ephemeral_5m_input_tokens"] + 2 * details["ephemeral_1h_input_tokens"]
    read = usage["cache_read_input_tokens"] * ROW["cached"]
    return float(
        ((usage["input_tokens"] + written) * ROW["input"] + read + usage["output_tokens"] * ROW["output"]) / 1e6
    )


@check("caching-visible", points=3, title="Pay once for what stays the same")
def caching_visible(student: Student, world: World) -> None:
    with case(
        "prices both kinds of usage",
        points=1,
        category="cost",
        hint="900 of OpenAI's 1,000 were cached: 100 x 2 + 900 x 0.1. Anthropic counts cached tokens beside the 100.",
    ) as c:
        usage: Json = {"prompt_tokens": 1000, "completion_tokens": 50, "prompt_tokens_details": {"cached_tokens": 900}}
        c.close(student.call("cost_usd", usage, ROW), 790e-6, atol=1e-9)
        usage = {"input_tokens": 100, "cache_read_input_tokens": 900, "output_tokens": 50}
        c.close(student.call("cost_usd", usage, ROW), 790e-6, atol=1e-9)
        usage |= {"cache_creation_input_tokens": 1000, "cache_creation": {"ephemeral_1h_input_tokens": 400}}
        c.close(student.call("cost_usd", usage, ROW), (790 + 600 * 2.5 + 400 * 4) * 1e-6, atol=1e-9)
    with case(
        "the worked example of three plans",
        points=1,
        category="plans",
        hint="With five minutes the gap of 60 seconds is a reading and that of 600 seconds a writing.",
    ) as c:
        plans = student.call("caching_plan", 2000, [60, 600], ROW)
        expected = {"none": 0.012, "5m": 0.0102, "1h": 0.0084}
        c.close([field(plans, name) for name in expected], list(expected.values()), atol=1e-9)
    with case(
        "reads the manual from the cache",
        points=1,
        category="cache",
        hint="What changes between two requests? Compare their tools, system and first messages, block by block.",
    ) as c:
        questions = ["Where is the capital?", "And the coast?", "Which rivers are there?"]
        seen = conversation(student, world, student.get("MANUAL"), questions, "The manual says so.", "09")
        c.equal([not_read(usage) < 350 for usage in seen["usages"]], [False, True, True], "the cache was not read")
        said = json.dumps(last(seen["bodies"]))
        c.true("09:02:17" in said and questions[0] in said, "the clock or the history is missing from the last request")


# Task 4


def judged(student: Student, world: World, replies: list[tuple[str, str]], one: str, two: str) -> list[Any]:
    """[outcome, prompts] of a duel for each pair of replies: to `one` standing first, and to `two` standing first."""
    rules = []
    for number, (first, second) in enumerate(replies):
        rules += [{"when": {"user": rf"Which of {number}\?.*Answer A: {one}"}, "say": first}]
        rules += [{"when": {"user": rf"Which of {number}\?"}, "say": second}]
    found = []
    with world.session(scenario=script(*rules)) as session:
        judge = student.call("wire_judge", client("openai", session))
        for number in range(len(replies)):
            seen = len(session.log())
            outcome = student.call("duel", judge, f"Which of {number}?", one, two)
            prompts = [text_of(last(messages_of(body)).get("content")) for body in asked(session)[seen:]]
            found.append([outcome, prompts])
    return found


@check("comparison-visible", points=3, title="A fair comparison")
def comparison_visible(student: Student, world: World) -> None:
    runs = student.get("RUNS")
    with case(
        "leaves out what cannot be compared, and counts the rest",
        points=1,
        category="scorecard",
        hint="Three of the fourteen prompts go: one was not asked everywhere, two were asked with other settings.",
    ) as c:
        fair = student.call("comparable", runs)
        c.true(isinstance(fair, (list, tuple)), "not a list of prompts", actual=fair)
        c.equal([len(fair), [prompt for prompt in ("order", "sql", "summary") if prompt in fair]], [11, []])
        card = student.call("scorecard", runs, {"chat": ROW, "messages": ROW})
        row = field(card, "1.5B chat")
        c.equal([field(row, "prompts"), field(row, "input"), field(row, "output")], [11, 467, 76])
        c.close([field(row, "score"), field(row, "usd")], [10 / 11, 0.001694], atol=1e-6)
    with case(
        "a judge who always says A decides nothing",
        points=1,
        category="duels",
        hint="Ask twice, with the answers swapped. Who wins only by standing first has not won.",
    ) as c:
        [[outcome, prompts]] = judged(student, world, [("A", "A")], "one pump", "two pumps")
        c.equal(outcome, "tie")
        places = [prompt.find("one pump") < prompt.find("two pumps") for prompt in prompts]
        c.equal(sorted(places), [False, True], "not one request for each order")
    with case(
        "nine to one is better, four to one is not",
        points=1,
        category="verdict",
        hint="Nine of ten: 2 x (10 + 1) / 1,024 = 0.021. Four of five: 2 x (5 + 1) / 32 = 0.375.",
    ) as c:
        for won, p, better in ((9, 0.021484375, "two"), (4, 0.375, None)):
            found = student.call("verdict", ["two"] * won + ["one", "tie", "void"])
            c.equal([field(found, name) for name in ("one", "two", "tie", "void")], [1, won, 1, 1])
            c.close(field(found, "p"), p)
            c.equal(field(found, "better"), better)
