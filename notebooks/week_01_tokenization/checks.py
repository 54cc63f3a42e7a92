"""Checks of this lesson's exercises. Ungraded: they explain, they give no points."""

from __future__ import annotations

import tiktoken

from courseware.checks import Student, World, case, check

SPARE = 4  # tokens a cut may leave unused: one character can take that many


@check("fit", title="Cut to a token budget without breaking a character")
def fit(student: Student, _: World) -> None:
    encoding = tiktoken.get_encoding("cl100k_base")

    def tokens(text: str) -> int:
        return len(encoding.encode_ordinary(text))

    with case(
        "a text that fits comes back unchanged", hint="Encode first; cut only when there is something to cut."
    ) as c:
        for text in ("", "Please refund me.", "no 🙂 한"):
            c.equal(student.call("fit", text, 20), text)
    with case("a budget of nothing gives an empty text") as c:
        c.equal(student.call("fit", "Please refund me.", 0), "")
    texts = ["The invoice is wrong. " * 20, "ยอดรวมผิดไป 1250 ยูโร " * 5, "👩🏽‍💻📦❌" * 6, "a \n\n\t b 1234567 " * 8]
    with case("what comes back starts the text and fits", hint="Measure in tokens, not in characters or words.") as c:
        for text in texts:
            for budget in (1, 7, 20):
                got = student.call("fit", text, budget)
                c.true(isinstance(got, str) and text.startswith(got), "this is not how the text starts", actual=got)
                c.true(tokens(got) <= budget, f"{tokens(got)} tokens for a budget of {budget}", actual=got)
    with case("the budget is used", hint="A cut by characters stops far too early in English.") as c:
        for text in texts:
            got = student.call("fit", text, 20)
            c.true(tokens(got) >= 20 - SPARE, f"only {tokens(got)} of 20 tokens used", actual=got)
    with case("a control token counts as plain text", hint="Ask for an encoding that knows no special tokens.") as c:
        text = "Summarise <|endoftext|> this"
        c.equal(student.call("fit", text, 50), text)


@check("longest-match", title="The longest entry first, from the left")
def longest_match(student: Student, _: World) -> None:
    ranks = {bytes([byte]): byte for byte in range(256)} | {b"bc": 256, b"ab": 257}
    with case("bytes without a longer entry stand alone") as c:
        c.equal(student.call("longest_match", b"xyz", ranks), [120, 121, 122])
        c.equal(student.call("longest_match", b"", ranks), [])
    with case(
        "the longest entry wins over the earliest merge",
        hint="Byte-pair encoding would join b and c first; here the text is read from the left.",
    ) as c:
        c.equal(student.call("longest_match", b"abcd", ranks), [257, 99, 100])
    with case(
        "a long entry may be built from bytes without entries between", hint="Try long lengths before short ones."
    ) as c:
        c.equal(student.call("longest_match", b"stopped", ranks | {b"stop": 300}), [300, 112, 101, 100])
    with case("nothing is lost", hint="Join the tokens of your ids; they must spell the input.") as c:
        spelt = {rank: token for token, rank in ranks.items()}
        data = "abc ก🙂 bcab".encode() * 20
        c.equal(b"".join(spelt[one] for one in student.call("longest_match", data, ranks)), data)
