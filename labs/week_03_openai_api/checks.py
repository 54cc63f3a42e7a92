"""The visible checks of lab 03: short conversations and faults that can be followed by hand."""

from __future__ import annotations

from typing import Any

from courseware.checks import Ref, Session, Student, World, case, check, make

MODEL = "course-small"
DESK = {
    "name": "desk",
    "rules": [
        {"when": {"user": "which project", "heard": r"project is (?P<it>\w+)"}, "say": "Your project is ${heard.it}."},
        {"when": {"user": "tell me a story"}, "say": "Once there was a parcel that came open on a wet and windy road."},
        {"when": {"user": r"\?"}, "say": "I do not know."},
        {"say": "Noted."},
    ],
}
FIRST = "My project is Heron."
SECOND = "Which project is it?"
LISBON = {"model": MODEL, "messages": [{"role": "user", "content": "Please ship to Lisbon."}]}
PRICE = {"input": 2.0, "cached": 0.5, "output": 10.0}
TALK = [
    {"role": "system", "content": "be brief"},
    {"role": "user", "content": "one two three"},
    {"role": "assistant", "content": "four five"},
    {"role": "user", "content": "six"},
    {"role": "assistant", "content": "seven eight"},
    {"role": "user", "content": "nine"},
]


def _client(student: Student, session: Session, retries: int = 0) -> Ref:
    """A client of the session on the learner's side, made once and used for several calls."""
    recipe = make("openai-client", url=session.openai_url, key=session.token, retries=retries)
    client: Ref = student.call("connected", recipe)
    return client


def _turns(messages: Any) -> list[tuple[str, str]]:
    """Who says what, in whatever valid form it was written: developer or system, text or parts."""
    told = []
    for message in messages if isinstance(messages, list) else ():
        if not isinstance(message, dict):
            return [("not a dictionary", str(message))]
        content = message.get("content")
        parts = content if isinstance(content, list) else [{"text": content}]
        role = str(message.get("role")).replace("developer", "system")
        told.append((role, "".join(str(part.get("text") if isinstance(part, dict) else part) for part in parts)))
    return told


def _newest(c: Any, session: Session) -> dict[str, Any]:
    """The last exchange of the log."""
    log = session.log()
    c.true(log, "nothing was sent")
    return log[-1]


def _field(c: Any, turn: Any, name: str) -> Any:
    """One of the values a turn returns."""
    c.true(isinstance(turn, dict) and name in turn, f"the turn returns no {name!r}", actual=turn)
    return turn[name]


def _report(c: Any, student: Student, books: Ref) -> dict[str, Any]:
    """What the ledger reports."""
    report = student.call(books.method("report"))
    c.true(isinstance(report, dict), "report() should return a dictionary", actual=report)
    return dict(report)


@check("turn-visible", points=4, title="Two turns you can follow in the log")
def turn_visible(student: Student, world: World) -> None:
    with world.session(scenario=DESK) as session:
        client = _client(student, session)
        with case(
            "sends the system text, then the user's message, with a limit",
            points=1,
            category="what is sent",
            hint="Look at the request you hand to send: model, messages, max_completion_tokens.",
        ) as c:
            student.call("take_turn", client, MODEL, [], FIRST, system="Be brief.", limit=50)
            asked = _newest(c, session)["asked"]
            c.equal(_turns(asked.get("messages")), [("system", "Be brief."), ("user", FIRST)])
            c.equal((asked.get("model"), asked.get("max_completion_tokens")), (MODEL, 50))
        with case(
            "remembers what was said",
            points=1,
            category="history",
            hint="The server keeps nothing. What the model should know must be in the messages, in order.",
        ) as c:
            first = student.call("take_turn", client, MODEL, [], FIRST)
            second = student.call("take_turn", client, MODEL, _field(c, first, "history"), SECOND)
            c.equal(_field(c, second, "text"), "Your project is Heron.")
            said = [("user", FIRST), ("assistant", "Noted."), ("user", SECOND)]
            c.equal(_turns(_newest(c, session)["asked"].get("messages")), said)
        with case(
            "returns a new history and leaves the old one alone",
            points=1,
            category="history",
            hint="Build a new list. Its items are dictionaries with role and content, the assistant's too.",
        ) as c:
            old = [{"role": "user", "content": FIRST}, {"role": "assistant", "content": "Noted."}]
            seen = student.observe("take_turn", client, MODEL, old, SECOND, system="Be brief.")
            new = [*_turns(old), ("user", SECOND), ("assistant", "Your project is Heron.")]
            c.equal(_turns(_field(c, seen.value, "history")), new)
            c.equal(seen.args[2], old, "the history that was passed has changed")
        with case(
            "says what the call used, and whether the answer was cut",
            points=1,
            category="usage and limit",
            hint="See completion.usage, and the finish_reason of the choice.",
        ) as c:
            for text, limit, cut in (("Tell me a story.", 5, True), (FIRST, 50, False)):
                turn = student.call("take_turn", client, MODEL, [], text, limit=limit)
                c.equal(_field(c, turn, "usage"), _newest(c, session)["usage"])
                c.equal(_field(c, turn, "cut"), cut)


@check("trim-visible", points=4, title="Budgets counted in words")
def trim_visible(student: Student, world: World) -> None:
    # One token a word here, so that costs can be read off: 2 for the instructions, turns of 5, 3 and 1.
    count = student.get("count_words")
    with case(
        "keeps everything that fits, to the last token",
        points=1,
        category="budget met exactly",
        hint="All messages together count 11, the system text included. A sum equal to the budget fits.",
    ) as c:
        for budget in (100, 11):
            c.equal(student.call("trim", TALK, budget, count), TALK)
    with case(
        "drops the oldest turn, question and answer together",
        points=1,
        category="whole turns",
        hint="One token less than 11, and the first turn goes: its question and its answer. 6 are left.",
    ) as c:
        for budget in (10, 6):
            c.equal(student.call("trim", TALK, budget, count), [TALK[0], *TALK[3:]])
        c.equal(student.call("trim", TALK, 5, count), [TALK[0], TALK[5]])
    with case(
        "always keeps the instructions and the newest turn",
        points=1,
        category="what is always sent",
        hint="With a budget of 2, or of nothing, the system text and the user's last message are still sent.",
    ) as c:
        for budget in (3, 2, 0):
            c.equal(student.call("trim", TALK, budget, count), [TALK[0], TALK[5]])
    with case(
        "knows no turn before the user's first message",
        points=1,
        category="greeting and nothing",
        hint="A greeting by the assistant is no answer to anybody. An empty list stays empty.",
    ) as c:
        greeting = {"role": "assistant", "content": "hello"}
        c.equal(student.call("trim", [TALK[0], greeting, *TALK[1:]], 100, count), TALK)
        c.equal(student.call("trim", [greeting, TALK[5]], 100, count), [TALK[5]])
        c.equal(student.call("trim", [], 100, count), [])


@check("retries-visible", points=4, title="Failures you can follow by hand")
def retries_visible(student: Student, world: World) -> None:
    with (
        case(
            "asks once when nothing fails",
            points=1,
            category="no failure",
            hint="Return the completion that client.chat.completions.create gives, and do not sleep.",
        ) as c,
        world.session(scenario=DESK) as session,
    ):
        pauses = student.call("Naps")
        completion = student.call("send_with_retries", _client(student, session), LISBON, sleep=pauses)
        c.true(isinstance(completion, Ref), "the completion itself should come back", actual=completion)
        c.equal(student.call(completion.method("to_dict"))["choices"][0]["message"]["content"], "Noted.")
        c.equal([call["asked"] for call in session.log()], [LISBON])
        c.equal(student.call(pauses.method("list")), [])
    with (
        case(
            "waits as long as the server asks",
            points=1,
            category="retry-after",
            hint="error.response.headers holds retry-after, as text. Here it is above most_s, and still counts.",
        ) as c,
        world.session(scenario=DESK, faults=[{"on": 1, "status": 429, "retry_after_s": 12.5}]) as session,
    ):
        pauses = student.call("Naps")
        student.call("send_with_retries", _client(student, session), LISBON, sleep=pauses)
        c.equal([call["status"] for call in session.log()], [429, 200])
        c.close(student.call(pauses.method("list")), [12.5])
    _backoff(student, world)
    _no_second_try(student, world)


def _backoff(student: Student, world: World) -> None:
    with (
        case(
            "backs off, longer each time",
            points=1,
            category="backoff",
            hint="With base_s=0.1 the waits are drawn from 0.05 to 0.1 s, then from 0.1 to 0.2 s.",
        ) as c,
        world.session(scenario=DESK, faults=[{"on": [1, 2], "status": 500}]) as session,
    ):
        pauses = student.call("Naps")
        student.call("send_with_retries", _client(student, session), LISBON, base_s=0.1, sleep=pauses)
        c.equal([call["status"] for call in session.log()], [500, 500, 200])
        waits = student.call(pauses.method("list"))
        c.equal(len(waits), 2)
        for wait, full in zip(waits, (0.1, 0.2), strict=True):
            c.true(full / 2 - 1e-9 <= wait <= full + 1e-9, f"not between {full / 2} and {full} s", actual=wait)


def _no_second_try(student: Student, world: World) -> None:
    with (
        case(
            "gives up at once where asking again cannot help",
            points=1,
            category="errors that do not pass",
            hint="A request that is wrong stays wrong. Which statuses may pass stands under 1.",
        ) as c,
        world.session(scenario=DESK, faults=[{"on": "every", "status": 400}]) as session,
    ):
        pauses = student.call("Naps")
        with c.raises("BadRequestError"):
            student.call("send_with_retries", _client(student, session), LISBON, sleep=pauses)
        c.equal(len(session.log()), 1)
        c.equal(student.call(pauses.method("list")), [])


@check("ledger-visible", points=4, title="Books of a few calls")
def ledger_visible(student: Student, world: World) -> None:
    request = {**LISBON, "max_completion_tokens": 20}
    count = student.get("count_tokens")
    with case(
        "works out the cost of one call",
        points=1,
        category="cost",
        hint="The example of the task: 600 fresh, 400 cached and 200 output tokens.",
    ) as c:
        usage = {"prompt_tokens": 1000, "completion_tokens": 200, "prompt_tokens_details": {"cached_tokens": 400}}
        c.close(student.call("cost_usd", usage, PRICE), 0.0034, atol=1e-12)
    with (
        case(
            "books every answered call",
            points=1,
            category="adding up",
            hint="Two calls, each with the usage its answer states. report() adds them up.",
        ) as c,
        world.session(scenario=DESK) as session,
    ):
        client, books = _client(student, session), student.call("Ledger", {MODEL: PRICE}, 1.0, count)
        for _ in range(2):
            completion = student.call(books.method("ask"), client, request)
            c.true(isinstance(completion, Ref), "ask should return the completion", actual=completion)
        used = [call["usage"] for call in session.log()]
        tokens = {name: sum(usage[name] for usage in used) for name in ("input", "output")}
        report = _report(c, student, books)
        c.close(report.pop("usd", None), (tokens["input"] * 2 + tokens["output"] * 10) / 1e6, atol=1e-12)
        c.equal(report, {"calls": 2, "cached": 0, **tokens})
    _nothing_booked(student, world, request, count)


def _nothing_booked(student: Student, world: World, request: dict[str, Any], count: Ref) -> None:
    with (
        case(
            "books nothing for a call that fails",
            points=1,
            category="failed calls",
            hint="The server answered 500: no completion, no usage, no cost. The error is your caller's.",
        ) as c,
        world.session(scenario=DESK, faults=[{"on": 1, "status": 500}]) as session,
    ):
        books = student.call("Ledger", {MODEL: PRICE}, 1.0, count)
        with c.raises("InternalServerError"):
            student.call(books.method("ask"), _client(student, session), request)
        nothing = {"calls": 0, "input": 0, "cached": 0, "output": 0, "usd": 0}
        c.equal(_report(c, student, books), nothing)
    with (
        case(
            "refuses before it sends",
            points=1,
            category="refusal",
            hint="The message counts 9 tokens and the answer may take 20: 218 millionths. The budget is below.",
        ) as c,
        world.session(scenario=DESK) as session,
    ):
        books = student.call("Ledger", {MODEL: PRICE}, 0.000217, count)
        with c.raises("OverBudget"):
            student.call(books.method("ask"), _client(student, session), request)
        c.equal(len(session.log()), 0, "a refused call was sent")
