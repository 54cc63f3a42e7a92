"""Checks of this lesson's exercises. Ungraded: they explain, they give no points."""

from __future__ import annotations

from typing import Any

from courseware.checks import Student, World, case, check

TEXTS = ["Büro in Lyon 📦: open until 17:00. Parcels wait.", "Notice: open until 18:00."]


def cited(document: int, start: int, end: int, words: str | None = None) -> dict[str, Any]:
    """A citation; its words are those that stand there unless others are given."""
    found = TEXTS[document][start:end] if words is None else words
    return {
        "type": "char_location",
        "document_index": document,
        "start_char_index": start,
        "end_char_index": end,
        "cited_text": found,
    }


def block(*citations: dict[str, Any]) -> dict[str, Any]:
    """A block of text with citations."""
    return {"type": "text", "text": "It is open.", "citations": list(citations)}


@check("verify", title="Quotations at their place")
def verify(student: Student, _: World) -> None:
    with case("what stands at its place is not reported") as c:
        blocks = [block(cited(0, 16, 33), cited(1, 8, 25)), {"type": "text", "text": "Good day."}]
        c.equal(student.call("verify", TEXTS, blocks), [])
    with case(
        "offsets count characters", hint="Slice the text, not its bytes: the ü and the parcel take more than one byte."
    ) as c:
        c.equal(student.call("verify", TEXTS, [block(cited(0, 34, 47))]), [])
        c.equal(student.call("verify", TEXTS, [block(cited(0, 38, 51, TEXTS[0][34:47]))]), [TEXTS[0][34:47]])
    with case("other words at the place are reported, in order") as c:
        blocks = [block(cited(0, 0, 4, "Bureau"), cited(0, 0, 4)), block(cited(1, 8, 25, "open until 17:00."))]
        c.equal(student.call("verify", TEXTS, blocks), ["Bureau", "open until 17:00."])
    with case(
        "a document or a place that is not there",
        hint="Python's slices forgive too much: a start below 0 counts from the end, an end too far is cut.",
    ) as c:
        blocks = [block(cited(0, 0, 4) | {"document_index": number}) for number in (2, -1)]
        c.equal(student.call("verify", TEXTS, blocks), ["Büro", "Büro"])
        far = cited(1, 20, 25) | {"end_char_index": 99}
        below = cited(1, 24, 25) | {"start_char_index": -1}
        c.equal(student.call("verify", TEXTS, [block(far), block(below)]), ["8:00.", "."])
    with case("no citations, or None, claim nothing", hint="A block may lack the key, and it may hold None.") as c:
        blocks = [{"type": "text", "text": "Hi.", "citations": None}, {"type": "tool_use", "id": "t", "input": {}}]
        c.equal(student.call("verify", TEXTS, blocks), [])


def request(tools: str, system: str, *turns: str, mark: bool = False) -> dict[str, Any]:
    """A request with a tool for each letter, a system block for each letter, and messages of one block each."""
    marked = {"cache_control": {"type": "ephemeral"}} if mark else {}
    return {
        "tools": [{"name": letter, "input_schema": {"type": "object"}} for letter in tools],
        "system": [{"type": "text", "text": letter, **marked} for letter in system],
        "messages": [
            {"role": ("user", "assistant")[at % 2], "content": [{"type": "text", "text": words, **marked}]}
            for at, words in enumerate(turns)
        ],
    }


@check("first-difference", title="Where a cached beginning ends")
def first_difference(student: Student, _: World) -> None:
    base = request("ab", "xy", "Hi.", "Yes?", "Where?")
    with case("a longer conversation repeats the shorter one") as c:
        c.equal(student.call("first_difference", base, base), None)
        longer = request("ab", "xy", "Hi.", "Yes?", "Where?", "There.", "Thanks.")
        c.equal(student.call("first_difference", base, longer), None)
        c.equal(student.call("first_difference", longer, base), "messages.3.0")
    with case(
        "tools come first, then system, then messages", hint="Make one flat list of blocks for each request."
    ) as c:
        c.equal(student.call("first_difference", base, request("ba", "zz", "No.")), "tools.0")
        c.equal(student.call("first_difference", base, request("ab", "xz", "No.")), "system.1")
        c.equal(student.call("first_difference", base, request("ab", "xy", "Hi.", "No?")), "messages.1.0")
    with case("an added tool moves everything behind it", hint="Same point of the prompt, not same name.") as c:
        c.equal(student.call("first_difference", base, request("abc", "xy", "Hi.")), "system.0")
        c.equal(student.call("first_difference", base, request("a", "xy", "Hi.")), "tools.1")
    with case("who speaks counts, marks do not") as c:
        c.equal(student.call("first_difference", base, request("ab", "xy", "Hi.", "Yes?", "Where?", mark=True)), None)
        other = request("ab", "xy", "Hi.", "Yes?", "Where?")
        other["messages"][2]["role"] = "assistant"
        c.equal(student.call("first_difference", base, other), "messages.2.0")
    with case("a request may have no tools and no system text") as c:
        bare = {"messages": base["messages"]}
        c.equal(student.call("first_difference", bare, bare), None)
        c.equal(student.call("first_difference", base, bare), "tools.0")
