"""What a learner sees of lab 04's checks, and the script their program rehearses with."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import fastjsonschema
import tiktoken

from courseware.checks import Session, Student, World, case, check, make

CONVERSATION = [
    "My name is Ada.",
    "How is the weather in Oslo and Cairo?",
    "What is (2 + 3) * 14?",
    "Can you help me with my order?",
    "How is the weather in Lima and Pune?",
    "What is 7 ** 2 - 1?",
    "What is my name?",
]
DEFENDED_BUDGET = 160
REHEARSAL = {
    "name": "rehearsal",
    "rules": [
        {
            "when": {"calls": [], "tools": ["get_weather"], "user": r"weather in (?P<a>\w+) and (?P<b>\w+)"},
            "call": [
                {"name": "get_weather", "arguments": {"city": "${user.a}", "unit": "celsius"}},
                {"name": "get_weather", "arguments": {"city": "${user.b}", "unit": "fahrenheit"}},
            ],
        },
        {
            "when": {"calls": [], "tools": ["calculate"], "user": r"what is (?P<sum>[-(\d].*)\?"},
            "call": [{"name": "calculate", "arguments": {"expression": "${user.sum}"}}],
        },
        {"when": {"calls": ["calculate"], "failed": True}, "say": "That cannot be calculated."},
        {"when": {"calls": ["calculate"]}, "say": "It makes ${result.calculate}."},
        {"when": {"result": "error"}, "say": "I know of no weather there."},
        {
            "when": {"calls": ["get_weather", "get_weather"], "user": r"in (?P<a>\w+) and (?P<b>\w+)"},
            "say": "I have looked up ${user.a} and ${user.b}.",
        },
        {"when": {"user": "my name\\?", "heard": r"my name is (?P<name>\w+)"}, "say": "Your name is ${heard.name}."},
        {"when": {"user": "my name\\?"}, "say": "You have not told me your name."},
        {"when": {"user": r"my name is (?P<name>\w+)"}, "say": "Hello ${user.name}, how can I help you?"},
        {"say": "I look up the weather and calculate."},
    ],
}
SECONDS = 60.0  # for one run of the program, on a machine that has much else to do
Log = list[dict[str, Any]]


@check("stream-visible", points=3, title="A stream you can read by hand")
def stream_visible(student: Student, world: World) -> None:
    with case(
        "passes every piece of words on, and returns them all",
        points=1,
        category="words",
        hint="delta.content is empty or None in the first and last chunks; the chunk with usage has no choices.",
    ) as c:
        seen = watched(student, world, "It is four degrees in Oslo.")
        c.equal("".join(seen.pieces), "It is four degrees in Oslo.")
        c.true(len(seen.pieces) >= 4, "the stream has six pieces of words", actual=seen.pieces)
        c.true("" not in seen.pieces, "an empty piece was written", actual=seen.pieces)
        c.equal([seen.turn.get("text"), seen.turn.get("calls")], ["It is four degrees in Oslo.", []])
    with case(
        "knows why the answer ended and what it cost",
        points=1,
        category="finish and usage",
        hint="Usage comes only where stream_options asks for it, in a last chunk of its own.",
    ) as c:
        seen = watched(student, world, "It is four degrees in Oslo.")
        c.equal(seen.turn.get("finish"), "stop")
        c.equal(seen.turn.get("usage"), seen.usage)
    with case(
        "keeps what came before the connection broke off",
        points=1,
        category="cut stream",
        hint="The SDK raises what its transport raises; look at the class and its parents before you catch it.",
    ) as c:
        seen = watched(student, world, "It is four degrees in Oslo.", faults=[{"on": 1, "cut_after": 3}])
        c.equal(seen.turn, {"text": "It is", "calls": [], "finish": None, "usage": None})


@check("tools-visible", points=3, title="Schemas and sums you can check by hand")
def tools_visible(student: Student, world: World) -> None:
    with case(
        "two strict tools, named and described",
        points=1,
        category="schemas",
        hint="Chat Completions nests name, description, parameters and strict below the key function.",
    ) as c:
        tools = functions_of(student.get("TOOLS"))
        c.equal(sorted(tools), ["calculate", "get_weather"])
        c.true(all(tool.get("strict") is True for tool in tools.values()), "a tool is not strict", actual=tools)
        c.true(all(tool.get("description") for tool in tools.values()), "a tool has no description", actual=tools)
        c.true(accepts(tools["get_weather"], {"city": "Oslo", "unit": "celsius"}), "refuses Oslo in celsius")
        c.true(not accepts(tools["get_weather"], {"city": "Oslo", "unit": "kelvin"}), "accepts kelvin")
    with case(
        "the worked examples",
        points=1,
        category="arithmetic",
        hint="Python's own parser knows the precedence: walk the tree that ast.parse gives you.",
    ) as c:
        examples = {"-2 ** 2": -4, "2 ** 3 ** 2": 512, "(1 + 2) * 4 / 8": 1.5}
        for expression, value in examples.items():
            c.close(student.call("calculate", expression), value, atol=0, rtol=1e-9)
    with case(
        "refuses what is not arithmetic",
        points=1,
        category="refused text",
        hint="Name what you allow. A list of what you forbid is never complete.",
    ) as c:
        for expression in ("2 ^ 3", "pi", "__import__('os').getcwd()"):
            with c.raises("ValueError"):
                student.call("calculate", expression)


@check("loop-visible", points=3, title="One question, one or two calls")
def loop_visible(student: Student, world: World) -> None:
    with case(
        "answers a call with its id and returns the final text",
        points=1,
        category="one call",
        hint="The assistant's turn with the call goes into messages before the tool message that answers it.",
    ) as c:
        talked = talk(student, world, [("stock", {"item": "pump"})], "Four pumps are left.")
        c.equal(talked.answers, ["Four pumps are left."])
        c.equal(roles(talked.log[-1:]), [["user", "assistant", "tool"]])
        c.equal([json_of(content) for content in results(talked.log)], [{"item": "pump", "left": 4}])
    with case(
        "sends text as it is and a number as JSON",
        points=1,
        category="results",
        hint="json.dumps puts a text between quotes; the model would read them.",
    ) as c:
        calls = [("greeting", {"language": "de"}), ("rate", {"currency": "JPY"})]
        found = results(talk(student, world, calls, "Guten Tag.").log)
        c.equal([found[0], json_of(found[1])] if len(found) == 2 else found, ["Guten Tag", 171.0])
    with case(
        "reports a failing function to the model",
        points=1,
        category="errors",
        hint="The model can only mend what it can read: the exception's own message, as {'error': '…'} in JSON.",
    ) as c:
        talked = talk(student, world, [("stock", {"item": "moon"})], "We have no moons.")
        c.equal(talked.answers, ["We have no moons."])
        found = results(talked.log)
        c.true([error for error in map(error_of, found) if "no item 'moon'" in error], "not its message", actual=found)


@check("chatbot-visible", points=4, title="One rehearsal of the program")
def chatbot_visible(student: Student, world: World) -> None:
    lines = ["My name is Ada.", "How is the weather in Oslo and Cairo?", "", "What is my name?"]
    ran = once(lambda: chat(student, world, lines))
    with case(
        "prints an answer a line and nothing else",
        points=1,
        category="standard output",
        hint="Answers go to standard output; prompts and notes do not. Blank lines ask nothing.",
    ) as c:
        expected = ["Hello Ada, how can I help you?", "I have looked up Oslo and Cairo.", "Your name is Ada."]
        c.equal(ran().lines, expected, f"not these lines; standard error ends in {ran().err[-200:]!r}")
    with case(
        "streams, and offers both tools every time",
        points=1,
        category="requests",
        hint="stream=True and tools belong to every request, the one after a tool's result included.",
    ) as c:
        c.equal([asked.get("stream") for asked in ran().asked], [True] * 4)
        c.equal([sorted(functions_of(asked.get("tools"))) for asked in ran().asked], [["calculate", "get_weather"]] * 4)
    with case(
        "answers both calls and keeps them in its history",
        points=1,
        category="tools",
        hint="user, assistant, user, assistant with two calls, tool, tool, assistant, user.",
    ) as c:
        expected = ["user", "assistant", "user", "assistant", "tool", "tool", "assistant", "user"]
        c.equal(roles(ran().log[-1:]), [expected])
        c.close([number_at(content, "degrees") for content in results(ran().log)], [-3.5, 87.8], atol=1e-6)
    with case(
        "ends with status 0 and a quiet standard error",
        points=1,
        category="exit status",
        hint="sys.exit(main()) hands the status to the shell.",
    ) as c:
        c.equal((ran().status, ran().err.strip(), len(ran().log)), (0, "", 4), "not status, standard error, requests")


@dataclass(frozen=True)
class Ran:
    """One run of the program: its exit status, what it printed, and what went over the wire."""

    status: int
    out: str
    err: str
    log: Log

    @property
    def lines(self) -> list[str]:
        """What it printed, blank lines and white space at the edges left out."""
        return [line.strip() for line in self.out.splitlines() if line.strip()]

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The bodies of its requests."""
        return [exchange["asked"] for exchange in self.log]


@dataclass(frozen=True)
class Seen:
    """What `stream_turn` returned and wrote, when, and the usage that the stream stated."""

    turn: dict[str, Any]
    pieces: list[str]
    seconds: list[float]
    usage: dict[str, Any]
    log: Log


@dataclass(frozen=True)
class Talked:
    """What `converse` answered, question by question, and what went over the wire."""

    answers: Any
    log: Log


def chat(student: Student, world: World, lines: Sequence[str], *options: str, **settings: Any) -> Ran:
    """Run chatbot.py on `lines` with a session of its own; the last line has no line end."""
    with world.session(**{"scenario": REHEARSAL, **settings}) as session:
        env = {"OPENAI_BASE_URL": session.openai_url, "OPENAI_API_KEY": session.token}
        ran = student.run("chatbot.py", *options, stdin="\n".join(lines), env=env, seconds=SECONDS)
        return Ran(ran.status, ran.out, ran.err, session.log())


def once(make_it: Callable[[], Ran]) -> Callable[[], Ran]:
    """Make it when it is first asked for; several cases look at it, and each fails if it cannot be made."""
    made: list[Ran | Exception] = []

    def get() -> Ran:
        if not made:
            try:
                made.append(make_it())
            except Exception as failure:
                made.append(failure)
        if isinstance(made[0], Exception):
            raise made[0]
        return made[0]

    return get


def watched(
    student: Student, world: World, said: str, calls: Sequence[tuple[str, Any]] = (), stop: str = "end", **settings: Any
) -> Seen:
    """Have `stream_turn` read one answer."""
    rule = {"say": said, "call": moves(calls), "stop": stop}
    with world.session(scenario={"name": "one-answer", "rules": [rule]}, **settings) as session:
        got = student.call("watch", client(session), [{"role": "user", "content": "How is the weather?"}])
        log = session.log()
    turn = got["turn"] if isinstance(got["turn"], dict) else {}
    usage: dict[str, Any] = (log[-1]["usage"] if log else None) or {}
    pieces = [piece if isinstance(piece, str) else repr(piece) for piece in got["pieces"]]
    return Seen(turn, pieces, got["seconds"], {key: usage.get(key) for key in ("input", "output")}, log)


def talk(student: Student, world: World, calls: Sequence[tuple[str, Any]], said: str) -> Talked:
    """Have `converse` answer one question, to which the script answers with calls and then with words."""
    script: list[dict[str, Any]] = [{"when": {"calls": []}, "call": moves(calls)}, {"say": said}]
    with world.session(scenario={"name": "calls", "rules": script}) as session:
        return Talked(student.call("talk", client(session), "How many are left?"), session.log())


def client(session: Session) -> Any:
    """A client of the session, on the learner's side."""
    return make("openai-client", url=session.openai_url, key=session.token)


def moves(calls: Sequence[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Calls in a scenario's words."""
    return [{"name": name, "arguments": arguments} for name, arguments in calls]


def functions_of(tools: Any) -> dict[str, dict[str, Any]]:
    """The functions of a list of tools by name; what has another shape is left out."""
    listed = tools if isinstance(tools, list) else []
    found = [tool.get("function") for tool in listed if isinstance(tool, dict) and tool.get("type") == "function"]
    return {str(function.get("name")): function for function in found if isinstance(function, dict)}


def accepts(function: dict[str, Any], arguments: Any) -> bool:
    """Whether a tool's schema allows these arguments; one that is no schema allows nothing."""
    try:
        validate = fastjsonschema.compile(function.get("parameters", False))
    except Exception:  # the learner's schema may be anything
        return False
    try:
        validate(arguments)
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


def messages_of(exchange: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages of a request; what has another shape is left out."""
    listed = exchange["asked"].get("messages")
    return [message for message in listed if isinstance(message, dict)] if isinstance(listed, list) else []


def roles(log: Log) -> list[list[str]]:
    """The roles of each request's messages."""
    return [[str(message.get("role")) for message in messages_of(exchange)] for exchange in log]


def text_of(message: dict[str, Any]) -> str:
    """The words of a message, whether its content is text or a list of parts."""
    words = message.get("content")
    if isinstance(words, list):
        return "".join(str(part.get("text", "")) for part in words if isinstance(part, dict))
    return words if isinstance(words, str) else ""


def results(log: Log) -> list[str]:
    """The contents of the last request's tool messages, in order."""
    last = messages_of(log[-1]) if log else []
    return [text_of(message) for message in last if message.get("role") == "tool"]


def json_of(text: str) -> Any:
    """What a text means as JSON; None where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def number_at(text: str, key: str) -> float:
    """The number under a key of a JSON object; not a number where there is none."""
    value = json_of(text)
    found = value.get(key) if isinstance(value, dict) else None
    return float(found) if isinstance(found, (int, float)) else math.nan


def number_of(text: str) -> float:
    """The number that a text means as JSON; not a number where it is none."""
    value = json_of(text)
    return float(value) if isinstance(value, (int, float)) else math.nan


def error_of(text: str) -> str:
    """The error that a tool message reports, or nothing."""
    value = json_of(text)
    error = value.get("error") if isinstance(value, dict) else None
    return error if isinstance(error, str) else ""


def calls_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls of an assistant's message: each with id, type, name and arguments as text."""
    listed = message.get("tool_calls")
    return [_call(call) for call in listed if isinstance(call, dict)] if isinstance(listed, list) else []


def _call(call: dict[str, Any]) -> dict[str, Any]:
    function = call.get("function")
    of: dict[str, Any] = function if isinstance(function, dict) else {}
    name, arguments = str(of.get("name")), str(of.get("arguments"))
    return {"id": call.get("id"), "type": call.get("type"), "name": name, "arguments": arguments}


def count_tokens(messages: Sequence[dict[str, Any]]) -> int:
    """The count of task 4: 4 a message and its words, the names and arguments of calls included."""
    encoding, total = tiktoken.get_encoding("o200k_base"), 0
    for message in messages:
        texts = [text_of(message), *(f"{call['name']} {call['arguments']}" for call in calls_of(message))]
        total += 4 + sum(len(encoding.encode(text, disallowed_special=())) for text in texts)
    return total
