"""The visible checks of lab 01: small cases that can be followed by hand."""

from __future__ import annotations

from courseware.checks import Student, World, case, check

EXAMPLE = "low low lower"
EXAMPLE_MERGES = [(108, 111), (256, 119), (32, 257)]
SPECIAL = {"<|user|>": 900, "<|end|>": 901, "<|end|><|user|>": 902}
TURN_NAMES = {"<|user|>", "<|end|>"}


@check("train-visible", points=4, title="Training on text you can follow by hand")
def train_visible(student: Student, world: World) -> None:
    with case(
        "the example from the task",
        points=1,
        category="merge order",
        hint="Work through the table of the task, step by step, and compare each step's counts with yours.",
    ) as c:
        c.equal(student.call("train", EXAMPLE, 300), EXAMPLE_MERGES)
    with case(
        "stops at the size of the vocabulary",
        points=1,
        category="vocabulary size",
        hint="The 256 bytes are part of the vocabulary: a size of 257 leaves room for one merge.",
    ) as c:
        c.equal(student.call("train", EXAMPLE, 257), EXAMPLE_MERGES[:1])
        c.equal(student.call("train", EXAMPLE, 258), EXAMPLE_MERGES[:2])
    with case(
        "takes the smallest of equally frequent pairs",
        points=1,
        category="ties",
        hint="In these lines every pair occurs twice. Compare pairs as Python compares tuples.",
    ) as c:
        c.equal(student.call("train", "fg\nab\nde\nfg\nab\nde", 258), [(97, 98), (100, 101)])
    with case(
        "knows when there is nothing to learn",
        points=1,
        category="empty input and sizes",
        hint="Try an empty text, a vocabulary of exactly 256, and one of 255.",
    ) as c:
        c.equal(student.call("train", "", 300), [])
        c.equal(student.call("train", EXAMPLE, 256), [])
        with c.raises("ValueError"):
            student.call("train", EXAMPLE, 255)


@check("codec-visible", points=4, title="To ids and back")
def codec_visible(student: Student, world: World) -> None:
    with case(
        "applies merges in the order they were learnt",
        points=1,
        category="order of merges",
        hint="In 'abc' both pairs are known. Which of the two was learnt first?",
    ) as c:
        c.equal(student.call("encode", "abc", [(98, 99), (97, 98)]), [97, 256])
        c.equal(student.call("encode", "low low", EXAMPLE_MERGES), [257, 258])
    with case(
        "joins bytes before it reads them as text",
        points=1,
        category="bytes and characters",
        hint="Here 'é' has its two bytes in two tokens. Half an emoji is not valid UTF-8 and becomes '�'.",
    ) as c:
        c.equal(student.call("decode", [97, 256], [(98, 99)]), "abc")
        c.equal(student.call("decode", [195, 169], []), "é")
        c.equal(student.call("decode", [240, 159, 33], []), "�!")
    with case(
        "gives back the text it was given",
        points=1,
        category="round trip",
        hint="decode(encode(text, merges), merges) has to be the text, for no text at all as well.",
    ) as c:
        for text in ("", "low  lower\n", "naïve 🦉 漢字"):
            ids = student.call("encode", text, EXAMPLE_MERGES)
            c.equal(student.call("decode", ids, EXAMPLE_MERGES), text)
    with case(
        "refuses ids that do not exist",
        points=1,
        category="unknown ids",
        hint="With three merges the last id is 258. Python's lists accept -1; a vocabulary does not.",
    ) as c:
        c.equal(student.call("decode", [258], EXAMPLE_MERGES), " low")
        for unknown in (259, -1):
            with c.raises("ValueError"):
                student.call("decode", [108, unknown], EXAMPLE_MERGES)


@check("special-visible", points=4, title="Special tokens and refusal")
def special_visible(student: Student, world: World) -> None:
    byte_ids = student.get("byte_ids")
    turn = {name: SPECIAL[name] for name in TURN_NAMES}
    with case(
        "the example from the task",
        points=1,
        category="special tokens",
        hint="A name that is allowed becomes one id; what stands between names goes through encode.",
    ) as c:
        ids = student.call("encode_with_special", "<|user|>hi<|end|>", byte_ids, turn, TURN_NAMES)
        c.equal(ids, [900, 104, 105, 901])
    with case(
        "refuses a name that is not allowed",
        points=1,
        category="refusal",
        hint="A name in special that stands in the text but not in allowed ends the call with a ValueError.",
    ) as c:
        for allowed in ({"<|user|>"}, set()):
            with c.raises("ValueError"):
                student.call("encode_with_special", "<|user|>hi<|end|>", byte_ids, turn, allowed)
    with case(
        "leaves plain text alone",
        points=1,
        category="plain text",
        hint="Half a name is no name, and special may be empty.",
    ) as c:
        c.equal(student.call("encode_with_special", "hi <|end", byte_ids, turn, set()), list(b"hi <|end"))
        c.equal(student.call("encode_with_special", "hi", byte_ids, {}, set()), [104, 105])
    with case(
        "takes the longest name that starts at a place",
        points=1,
        category="one name inside another",
        hint="Here '<|end|><|user|>' is a name of its own; it starts where '<|end|>' starts and is longer.",
    ) as c:
        text = "a<|end|><|user|>b<|end|>"
        ids = student.call("encode_with_special", text, byte_ids, SPECIAL, set(SPECIAL))
        c.equal(ids, [97, 902, 98, 901])


@check("ranks-visible", points=4, title="The published table, and a budget")
def ranks_visible(student: Student, world: World) -> None:
    chat = [{"role": "user", "content": text} for text in ("one two", "three", "four five")]
    with case(
        "gives the ids of the published tokenizer",
        points=2,
        category="parity",
        hint="The expected ids are tiktoken's. Compare the pieces of each chunk after every join.",
    ) as c:
        ranks = student.get("RANKS")
        c.equal(student.call("encode_ranks", "hello, tokenizer!", ranks), [15339, 11, 47058, 0])
        c.equal(student.call("encode_ranks", "naïve 🦉", ranks), [3458, 38672, 588, 11410, 99, 231])
    with case(
        "keeps the newest messages that fit",
        points=1,
        category="budget",
        hint="With an overhead of 4 the messages cost 6, 5 and 6 tokens. A sum equal to the budget fits.",
    ) as c:
        count = student.get("cl100k_count")
        c.equal(student.call("fit", chat, 11, count, 4), chat[1:])
        c.equal(student.call("fit", chat, 10, count, 4), chat[2:])
    with case(
        "handles nothing at all",
        points=1,
        category="empty input",
        hint="Try an empty text, an empty conversation, and a budget below the cost of the last message.",
    ) as c:
        c.equal(student.call("encode_ranks", "", student.get("RANKS")), [])
        c.equal(student.call("fit", [], 10, student.get("cl100k_count"), 4), [])
        c.equal(student.call("fit", chat, 5, student.get("cl100k_count"), 4), [])
