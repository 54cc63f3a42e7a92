"""The visible checks of lab 05: small exchanges that can be followed by hand, each on both providers."""

from __future__ import annotations

from typing import Any

from courseware.checks import Ref, Session, Student, World, case, check, make

Json = dict[str, Any]
PROVIDERS = ("openai", "anthropic")
MODEL = "course-small"
LIMITS = {"openai": "max_completion_tokens", "anthropic": "max_tokens"}
SYSTEM_ROLES = ("developer", "system")
MEMORY = {
    "name": "memory",
    "rules": [
        {"when": {"heard": r"live in (?P<city>\w+)"}, "say": "You live in ${heard.city}."},
        {"say": "Good to know."},
    ],
}
STORY = {
    "name": "story",
    "rules": [
        {"when": {"turn": 1}, "say": "Once upon a time ", "stop": "length"},
        {"when": {"turn": 2}, "say": "there was a token."},
    ],
}
HELLO, ANYONE = ({"role": "user", "text": text} for text in ("Hi.", "Anyone?"))


# What both wire formats have in common. Whatever the learner's code made is looked at with care: it may be anything.


def client(provider: str, session: Session, **settings: Any) -> Any:
    """A client of `provider` that reaches the session."""
    url = session.openai_url if provider == "openai" else session.anthropic_url
    return make(f"{provider}-client", url=url, key=session.token, **settings)


def request_of(provider: str, *words: str, limit: int = 50) -> Json:
    """A request in which user and assistant take turns, ready for `provider`."""
    messages = [{"role": ("user", "assistant")[at % 2], "content": text} for at, text in enumerate(words)]
    return {"model": MODEL, "messages": messages, LIMITS[provider]: limit}


def text_of(content: Any) -> str:
    """A message's text, whether it is a string or text blocks; blocks may stand for turns."""
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else [{"text": repr(content)}]
    return "\n\n".join(str(block.get("text")) for block in blocks if isinstance(block, dict))


def messages_of(request: Any) -> list[list[str]]:
    """[role, text] of every message of a request."""
    messages = request.get("messages") if isinstance(request, dict) else None
    found = messages if isinstance(messages, list) else []
    return [
        [str(message.get("role")), text_of(message.get("content"))] for message in found if isinstance(message, dict)
    ]


def said(request: Any) -> list[list[str]]:
    """The same without system texts."""
    return [message for message in messages_of(request) if message[0] not in SYSTEM_ROLES]


def system_of(provider: str, request: Any) -> list[str]:
    """The system texts of a request: a field at Anthropic's, the first messages at OpenAI's."""
    if provider == "anthropic":
        return [text_of(request["system"])] if isinstance(request, dict) and "system" in request else []
    messages = messages_of(request)
    first = next((at for at, message in enumerate(messages) if message[0] not in SYSTEM_ROLES), len(messages))
    return [text for _, text in messages[:first]]


def value_of(request: Any, name: str) -> Any:
    """A request's field, None where there is none."""
    return request.get(name) if isinstance(request, dict) else f"no dict but {request!r}"


def asked(session: Session) -> list[Json]:
    """The bodies that came over the wire."""
    return [exchange["asked"] for exchange in session.log()]


def spent(session: Session) -> list[int]:
    """Input and output tokens of all exchanges together."""
    used = [exchange["usage"] for exchange in session.log() if exchange["usage"]]
    return [sum(usage[way] for usage in used) for way in ("input", "output")]


def part(reply: Any, *fields: int) -> list[Any]:
    """Fields of a Reply: 0 text, 1 stop, 2 and 3 tokens, 4 model, 5 provider."""
    whole = isinstance(reply, (list, tuple)) and len(reply) > max(fields)
    return [reply[field] for field in fields] if whole else [f"no Reply but {reply!r}"]


def ask(student: Student, provider: str, session: Session) -> Any:
    """The stand-in that asks `provider`."""
    return student.call("stand_in", client(provider, session), MODEL)


def send(student: Student, chat: Any, text: str) -> Any:
    """What a Chat answers."""
    return student.call(chat.method("send"), text) if isinstance(chat, Ref) else f"no Chat but {chat!r}"


@check("requests-visible", points=4, title="One history, two shapes")
def request_visible(student: Student, world: World) -> None:
    with case(
        "both providers take the example and read the same in it",
        points=1,
        category="system text",
        hint="Compare your dict with the example of the task, key by key. Where does Claude's system text stand?",
    ) as c:
        for provider in PROVIDERS:
            request = student.call(f"{provider}_request", MODEL, "Be brief.", [HELLO])
            c.equal(system_of(provider, request), ["Be brief."], f"not the system text at {provider}")
            with world.session(scenario=MEMORY) as session:
                student.call("post", client(provider, session), request)
                read = [exchange["request"] and exchange["request"]["messages"] for exchange in session.log()]
            c.equal(read, [[["system", "Be brief."], ["user", "Hi."]]], f"this is what {provider} reads")
    with case(
        "joins turns of one role and leaves out those without text",
        points=1,
        category="merging",
        hint="First leave out what is blank, then look for neighbours of one role.",
    ) as c:
        blank = {"role": "assistant", "text": " "}
        for provider in PROVIDERS:
            for turns in ([HELLO, ANYONE, blank], [HELLO, blank, ANYONE]):
                request = student.call(f"{provider}_request", MODEL, None, turns)
                c.equal(said(request), [["user", "Hi.\n\nAnyone?"]])
                c.equal(system_of(provider, request), [], "there was no system text")
    with case(
        "names the limit as the provider does",
        points=1,
        category="limit",
        hint="OpenAI's newer models refuse max_tokens. Claude's refuse a request without it.",
    ) as c:
        for provider, by_default in (("openai", None), ("anthropic", 1024)):
            for given, limit in ((7, 7), (None, by_default)):
                request = student.call(f"{provider}_request", MODEL, "Be brief.", [HELLO], given)
                c.equal(value_of(request, LIMITS[provider]), limit, f"{LIMITS[provider]} for {given}")
    with case(
        "reads a history back from strings and blocks",
        points=1,
        category="history",
        hint="A block of another type than text says nothing here. System text may stand in several places.",
    ) as c:
        blocks = [{"type": "text", "text": "Hi"}, {"type": "thinking", "thinking": "?"}, {"type": "text", "text": "."}]
        talk = [{"role": "user", "content": blocks}, {"role": "assistant", "content": "Here."}]
        expected = ["Be brief.", [HELLO, {"role": "assistant", "text": "Here."}]]
        system = {"role": "system", "content": "Be brief."}
        c.equal(student.call("openai_history", {"model": MODEL, "messages": [system, *talk]}), expected)
        c.equal(student.call("anthropic_history", {"model": MODEL, "system": "Be brief.", "messages": talk}), expected)


@check("exchange-visible", points=4, title="One exchange")
def send_visible(student: Student, world: World) -> None:
    with case(
        "reads an answer of each provider",
        points=1,
        category="reading answers",
        hint="The example of the task: thinking is not text, and cached tokens were read as well.",
    ) as c:
        usage: Json = {"input_tokens": 20, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": None}
        blocks = [{"type": "thinking", "thinking": "2 + 2"}, {"type": "text", "text": "4"}]
        body: Json = {"model": "m", "stop_reason": "end_turn", "content": blocks, "usage": usage | {"output_tokens": 1}}
        c.equal(student.call("read_anthropic", body), ["4", "end", 1020, 1, "m", ""])
        choice = {"finish_reason": "stop", "message": {"role": "assistant", "content": "4", "refusal": None}}
        usage = {"prompt_tokens": 1020, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 1000}}
        body = {"model": "m", "choices": [choice], "usage": usage}
        c.equal(student.call("read_openai", body), ["4", "end", 1020, 1, "m", ""])
    with case(
        "sends the request as it is, once, and returns the reply",
        points=1,
        category="sending",
        hint="Compare what was asked for with what the exchange's log shows: session.log()[0]['asked'].",
    ) as c:
        for provider in PROVIDERS:
            request = request_of(provider, "I live in Oslo.", "Good to know.", "Where do I live?")
            with world.session(scenario=MEMORY) as session:
                reply = student.call(f"send_{provider}", client(provider, session), request)
                sent, tokens = asked(session), spent(session)
            c.equal([{name: body.get(name) for name in request} for body in sent], [request], "this was sent")
            c.equal(reply, ["You live in Oslo.", "end", *tokens, "scenario/memory", ""])
    _endings(student, world)


def _endings(student: Student, world: World) -> None:
    """The cases about answers that are cut and answers that do not come."""
    with case(
        "says why an answer ended",
        points=1,
        category="stop reasons",
        hint="Here the limit is 3 tokens. The table of the task has each provider's word for it.",
    ) as c:
        for provider in PROVIDERS:
            request = request_of(provider, "I am here.", limit=3)
            with world.session(scenario=MEMORY) as session:
                reply = student.call(f"send_{provider}", client(provider, session), request)
            c.equal(part(reply, 1), ["length"], f"not the stop of a cut answer of {provider}'s")
    with case(
        "tells failures that pass from those that stay",
        points=1,
        category="failures",
        hint="A client raises its SDK's own errors; all of them have one base class. Which status may be better later?",
    ) as c:
        faults = [{"on": 1, "status": 429, "retry_after_s": 0.25}, {"on": 2, "status": 400}]
        for provider in PROVIDERS:
            with world.session(scenario=MEMORY, faults=faults) as session:
                arguments = (student.get(f"send_{provider}"), client(provider, session), request_of(provider, "Hi."))
                c.equal(part(student.call("outcome", *arguments), 0, 1), ["Retryable", 0.25], f"429 at {provider}")
                c.equal(part(student.call("outcome", *arguments), 0, 1), ["Permanent", None], f"400 at {provider}")


def turns_of(*costs: int) -> list[Json]:
    """Turns that cost so many tokens, a user's first: four for the turn and one for each word."""
    return [{"role": ("user", "assistant")[at % 2], "text": " owl" * (cost - 4)} for at, cost in enumerate(costs)]


@check("budget-visible", points=4, title="Inside the budget")
def complete_visible(student: Student, world: World) -> None:
    with (
        case(
            "counts what the bill will say, and asks for no answer",
            points=1,
            category="counting",
            hint="The SDK has a method for it. It refuses what does not belong to the prompt.",
        ) as c,
        world.session(scenario=MEMORY) as session,
    ):
        claude, request = (
            client("anthropic", session),
            request_of("anthropic", "I live in Oslo.") | {"system": "Brief."},
        )
        counted = student.call("count_anthropic", claude, request)
        c.equal([exchange["path"] for exchange in session.log()], ["/v1/messages/count_tokens"], "this was asked")
        student.call("post", claude, request)
        c.equal([counted], spent(session)[:1], "not what the bill says")
    with case(
        "keeps the longest end that leaves room and begins with the user",
        points=1,
        category="longest end",
        hint="The example of the task: costs 30, 10, 20, 10, 25, an answer of 40, a window of 100.",
    ) as c:
        turns = turns_of(30, 10, 20, 10, 25)
        for window, kept in ((100, 3), (135, 5), (134, 3), (65, 1)):
            counter = student.call("TokenCounter")
            c.equal(student.call("fit", turns, counter, window, 40), turns[-kept:], f"with a window of {window}")
    with (
        case(
            "refuses what cannot fit",
            points=1,
            category="nothing fits",
            hint="There is no conversation without the last question.",
        ) as c,
        c.raises("Permanent"),
    ):
        student.call("fit", turns_of(30, 10, 25), student.call("TokenCounter"), 64, 40)
    _going_on(student, world)


def _going_on(student: Student, world: World) -> None:
    """The case about an answer in pieces."""
    with case(
        "goes on where an answer was cut",
        points=1,
        category="going on",
        hint="The second request holds the question, the cut text as the assistant's turn, and GO_ON as the user's.",
    ) as c:
        for provider in PROVIDERS:
            with world.session(scenario=STORY) as session:
                reply = student.call("complete", ask(student, provider, session), [HELLO], 4)
                sent, tokens = asked(session), spent(session)
            talk = [["user", "Hi."], ["assistant", "Once upon a time "], ["user", student.get("GO_ON")]]
            c.equal([said(body) for body in sent], [talk[:1], talk], "this was sent")
            c.equal(part(reply, 0, 1, 2, 3), ["Once upon a time there was a token.", "end", *tokens])


TALK = [["user", "I live in Oslo."], ["assistant", "Good to know."], ["user", "Where do I live?"]]
QUESTIONS = (TALK[0][1], TALK[2][1])


@check("chat-visible", points=4, title="The show goes on")
def chat_visible(student: Student, world: World) -> None:
    with case(
        "remembers what was said",
        points=1,
        category="conversation",
        hint="Each request holds all turns so far, QUESTIONS and answers, and the new question.",
    ) as c:
        for provider in PROVIDERS:
            with world.session(scenario=MEMORY) as session:
                chat = student.call("Chat", [("first", ask(student, provider, session))])
                answers = [part(send(student, chat, text), 0, 5) for text in QUESTIONS]
                sent = asked(session)
            c.equal([said(body) for body in sent], [TALK[:1], TALK], "this was sent")
            c.equal(answers, [["Good to know.", "first"], ["You live in Oslo.", "first"]])
    with case(
        "goes to the next backend when the first is overloaded, and back when it is not",
        points=1,
        category="failover",
        hint="The example of the task. The second request to the first backend holds three turns.",
    ) as c:
        for first, second in (PROVIDERS, PROVIDERS[::-1]):
            overloaded = world.session(scenario=MEMORY, faults=[{"on": 1, "status": 529}])
            with overloaded as a, world.session(scenario=MEMORY) as b:
                chat = student.call("Chat", [("A", ask(student, first, a)), ("B", ask(student, second, b))])
                answers = [part(send(student, chat, text), 5) for text in QUESTIONS]
                to_a, to_b = ([said(body) for body in asked(session)] for session in (a, b))
            c.equal(answers, [["B"], ["A"]], "these answered")
            c.equal([to_a, to_b], [[TALK[:1], TALK], [TALK[:1]]], "this was sent")
    _patience(student, world)


def _patience(student: Student, world: World) -> None:
    """The cases in which nobody else is asked."""
    with (
        case(
            "waits as long as it is asked to, if that is not long",
            points=1,
            category="waiting",
            hint="Here the first backend asks for half a second, and patience lasts one. B is not needed.",
        ) as c,
        world.session(scenario=MEMORY, faults=[{"on": 1, "status": 429, "retry_after_s": 0.5}]) as a,
    ):
        naps, backend = student.call("Naps"), ask(student, "openai", a)
        chat = student.call("Chat", [("A", backend), ("B", backend)], sleep=naps)
        c.equal(part(send(student, chat, QUESTIONS[0]), 5), ["A"], "this one answered")
        c.equal(student.call(naps.method("all")), [0.5], "these were the waits")
    with (
        case(
            "raises at once what another provider would refuse too",
            points=1,
            category="no failover",
            hint="A request that is wrong stays wrong. Nobody else should see it.",
        ) as c,
        world.session(scenario=MEMORY, faults=[{"on": 1, "status": 400}]) as a,
    ):
        backend = ask(student, "anthropic", a)
        chat = student.call("Chat", [("A", backend), ("B", backend)])
        with c.raises("Permanent"):
            send(student, chat, QUESTIONS[0])
        c.equal(len(a.log()), 1, "somebody else was asked")
