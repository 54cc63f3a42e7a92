"""Checks of this lesson's exercises. Ungraded: they explain, they give no points."""

from __future__ import annotations

from itertools import pairwise

from courseware.checks import Student, World, case, check


@check("conversation-tokens", title="Input tokens, call by call")
def conversation_tokens(student: Student, _: World) -> None:
    with case(
        "the five calls counted by hand", hint="Call k sends k questions and the k - 1 answers before them."
    ) as c:
        c.equal(student.call("conversation_tokens", 20, [(10, 30)] * 5, 0), [30, 70, 110, 150, 190])
    with case("turns of different lengths", hint="An answer counts from the next call on, not in its own.") as c:
        turns = [(5, 100), (50, 1), (7, 9)]
        c.equal(student.call("conversation_tokens", 0, turns, 0), [5, 155, 163])
    with case("each message takes a little more", hint="Call k sends 2k - 1 messages, and the system text.") as c:
        c.equal(student.call("conversation_tokens", 20, [(10, 30)] * 3, 4), [38, 86, 134])
        c.equal(student.call("conversation_tokens", 0, [(10, 30)] * 3, 4), [14, 62, 110])
    with case("no turns, no calls") as c:
        c.equal(student.call("conversation_tokens", 20, [], 4), [])


@check("in-blocks", title="Drop seldom, drop much")
def in_blocks(student: Student, _: World) -> None:
    talk = [{"role": "system", "content": "be brief"}]
    for number in range(40):
        talk.append({"role": "user", "content": f"question {number}"})
        talk.append({"role": "assistant", "content": f"answer {number}"})
    calls = [talk[: 2 * number] for number in range(1, 41)]  # what is to be sent for question 1, 2, 3 ...
    with case("a short conversation is sent whole", hint="Nothing is dropped while at most `most` would be sent.") as c:
        for messages in calls[:5]:
            c.equal(student.call("in_blocks", messages, 10), messages)
    with case(
        "the first drop leaves at most half", hint="12 messages are more than 10: drop turns until 5 or fewer stay."
    ) as c:
        c.equal(student.call("in_blocks", calls[5], 10), [talk[0], *talk[9:12]])
    with case(
        "never too much, and the newest question last", hint="Play the conversation from its start each time."
    ) as c:
        for messages in calls:
            kept = student.call("in_blocks", messages, 10)
            c.true(len(kept) <= 10, f"{len(kept)} messages for at most 10")
            c.equal((kept[0], kept[-1]), (talk[0], messages[-1]))
            c.equal([message["role"] for message in kept[1:]][:1], ["user"])
    with case("the beginning changes seldom", hint="Where you cut must not depend on the newest message alone.") as c:
        starts = [student.call("in_blocks", messages, 10)[1] for messages in calls]
        changes = sum(old != new for old, new in pairwise(starts))
        c.true(changes <= 12, f"the beginning changes {changes} times in 39 calls")
