"""Checks of this lesson's exercises. Ungraded: they explain, they give no points."""

from __future__ import annotations

import time
from typing import Any

from courseware.checks import Student, World, case, check, make

SCHEMA = {
    "type": "object",
    "properties": {"item": {"type": "string"}, "pieces": {"type": "integer"}},
    "required": ["item", "pieces"],
    "additionalProperties": False,
}
ASKED = [{"role": "user", "content": "Three pumps, please."}]
GOOD = {"item": "pump", "pieces": 3}


@check("valid-answer", title="Ask until it fits, but not for ever")
def valid_answer(student: Student, world: World) -> None:
    def answers(*rules: dict[str, Any], tries: int = 3) -> tuple[Any, list[dict[str, Any]]]:
        with world.session(scenario={"name": "repair", "rules": list(rules)}) as session:
            client = make("openai-client", url=session.openai_url, key=session.token)
            seen = student.observe("valid_answer", client, "course-small", ASKED, SCHEMA, tries)
            return seen, session.log()

    wrong = {"when": {"turn": 1}, "json": {"item": "pump", "pieces": "three"}}
    with case("a valid answer needs one request", hint="json.loads, then validate, then return.") as c:
        seen, log = answers({"json": GOOD})
        c.equal([seen.value, len(log)], [GOOD, 1])
    with case(
        "what is wrong goes back to the model",
        hint="The exception's message names the field; put it into a user message after the answer.",
    ) as c:
        seen, log = answers(wrong, {"when": {"user": "pieces"}, "json": GOOD}, {"json": {}})
        c.equal([seen.value, len(log)], [GOOD, 2])
        c.equal([message["role"] for message in log[-1]["asked"]["messages"]], ["user", "assistant", "user"])
    with case("what is no JSON is repaired, too", hint="json.loads raises a ValueError of its own.") as c:
        seen, log = answers({"when": {"turn": 1}, "say": "```json\n{}\n```"}, {"json": GOOD})
        c.equal([seen.value, len(log)], [GOOD, 2])
    with case("the messages you were given stay as they are", hint="Copy the list before you add to it.") as c:
        seen, _ = answers(wrong, {"json": GOOD})
        c.equal(seen.args[2], ASKED)
    for tries in (1, 3):
        with (
            case(f"after {tries} invalid answers it gives up", hint="Count requests, not repairs.") as c,
            world.session(scenario={"name": "never", "rules": [{"json": {"item": 1}}]}) as session,
        ):
            client = make("openai-client", url=session.openai_url, key=session.token)
            with c.raises("ValueError"):
                student.call("valid_answer", client, "course-small", ASKED, SCHEMA, tries)
            c.equal(len(session.log()), tries)


@check("first-sentence", title="Leave when you have what you need")
def first_sentence(student: Student, world: World) -> None:
    def ask(said: str, **settings: Any) -> tuple[Any, bool]:
        with world.session(scenario={"name": "talks", "rules": [{"say": said}]}, **settings) as session:
            client = make("openai-client", url=session.openai_url, key=session.token)
            text = student.call("first_sentence", client, "course-small", ASKED)
            for _ in range(100):  # the gateway notices a moment later
                [exchange] = session.log()
                if exchange["took_s"]:
                    break
                time.sleep(0.03)
            return text, exchange["left_early"]

    with case("the first sentence, with its sign", hint="Look for the sign in the text so far, not in the piece.") as c:
        for said, first in {
            "It is four. And more.": "It is four.",
            "Really? Yes.": "Really?",
            "Stop! Now.": "Stop!",
        }.items():
            c.equal(ask(said)[0].strip(), first)
    with case("an answer without such a sign comes back whole") as c:
        c.equal(ask("as you like")[0], "as you like")
    with case("it leaves before the end", hint="`with` closes the stream; so does its method close().") as c:
        text, left = ask("Yes. " + "word " * 60, faults=[{"pace_s": 0.05}])
        c.equal([text.strip(), left], ["Yes.", True], "it read on to the end")
