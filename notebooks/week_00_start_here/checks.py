"""Checks of this lesson's exercises. Ungraded: they explain, they give no points."""

from __future__ import annotations

from courseware.checks import Student, World, case, check


def _talk(*turns: str) -> list[dict[str, str]]:
    """A conversation: rules, then what user and assistant say in turn."""
    roles = ("user", "assistant")
    said = [{"role": roles[at % 2], "content": text} for at, text in enumerate(turns)]
    return [{"role": "system", "content": "Answer briefly."}, *said]


@check("undo", title="The bot forgets its last question")
def undo(student: Student, _: World) -> None:
    with case("an answered question goes, with its answer") as c:
        c.equal(student.call("undo", _talk("one?", "1", "two?", "2")), _talk("one?", "1"))
    with case(
        "a question without an answer goes alone",
        hint="The call may have failed before an answer came. Then the list ends with the question.",
    ) as c:
        c.equal(student.call("undo", _talk("one?", "1", "two?")), _talk("one?", "1"))
    with case("rules stay where there is nothing to undo", hint="Cutting two off a list of one leaves nothing.") as c:
        c.equal(student.call("undo", _talk()), _talk())
        c.equal(student.call("undo", []), [])
    with case("the list that was given stays as it was", hint="Return a new list; take nothing out of this one.") as c:
        for before in (_talk("one?", "1", "two?"), _talk("one?", "1")):
            c.equal(student.observe("undo", before).args[0], before)


@check("route", title="Each search goes where it is found")
def route(student: Student, _: World) -> None:
    with case("a known code goes to plain words", hint="`spread` knows every word of the paragraphs.") as c:
        for search in ("E021", "what does e022 mean", "help, the screen says E201."):
            c.equal(student.call("route", search), "plain words")
    with case("own words go to meaning") as c:
        for search in ("the wheel wobbles", "", "numb hands"):
            c.equal(student.call("route", search), "meaning")
    with case(
        "a number that stands in no paragraph goes to meaning",
        hint="Plain words can only find what is written somewhere.",
    ) as c:
        for search in ("my 28 inch wheel wobbles", "E999"):
            c.equal(student.call("route", search), "meaning")
