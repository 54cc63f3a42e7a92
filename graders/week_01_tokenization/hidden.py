"""The hidden checks of lab 01.

Expected values come from three places that share nothing with the reference answer: texts built so that the result is
known, a trainer and an encoder that work on Python strings (one character per id), and tiktoken.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from random import Random

import tiktoken

from courseware.checks import Ref, Student, World, case, check

Pair = tuple[int, int]
Message = dict[str, str]

CHUNK = re.compile(r" ?\w+| ?[^\w\s]+|\s+")
TWO_BYTE_LETTERS = "éñüçßøåžλωψφжщюяд"
SENTENCES = [
    "Zwölf Boxkämpfer jagen Viktor.",
    "Η γάτα κοιμάται.",
    "Съешь ещё булочек",
    "今日は、いい天気。",
    "한국어 문장",
    "สวัสดีครับ",
    "مرحبا بك",
    "नमस्ते दुनिया",
    "👩‍🚀🦉 and 🇫🇷!",
    "e\u0301 is not é",
    "tab\tnul\x00end",
    "line\r\nline\u2028line   ",
    "  if x:\n\t\treturn -1",
    "3.14159 and 1234567",
    "<|endoftext|> is text here",
    "don't WE'LL it's",
]


# What is right, computed another way than a learner would


def _merges(text: str, limit: int) -> list[Pair]:
    """Train on strings: each chunk is a string whose characters are ids."""
    words = ["".join(map(chr, chunk.encode())) for chunk in CHUNK.findall(text)]
    merges: list[Pair] = []
    while len(merges) < limit:
        counts = Counter(word[i : i + 2] for word in words for i in range(len(word) - 1))
        most = max(counts.values(), default=0)
        if most < 2:
            break
        best = min(pair for pair, count in counts.items() if count == most)
        words = [word.replace(best, chr(256 + len(merges))) for word in words]
        merges.append((ord(best[0]), ord(best[1])))
    return merges


def _ids(text: str, merges: list[Pair]) -> list[int]:
    """Encode by replaying every merge in order, each over the whole chunk."""
    ids: list[int] = []
    for chunk in CHUNK.findall(text):
        word = "".join(map(chr, chunk.encode()))
        for new_id, (left, right) in enumerate(merges, 256):
            word = word.replace(chr(left) + chr(right), chr(new_id))
        ids += map(ord, word)
    return ids


def _cl100k() -> tiktoken.Encoding:
    return tiktoken.get_encoding("cl100k_base")


def _encoding(ranks: dict[bytes, int], special: dict[str, int]) -> tiktoken.Encoding:
    return tiktoken.Encoding("drawn", pat_str=_cl100k()._pat_str, mergeable_ranks=ranks, special_tokens=special)


def _count(text: str) -> int:
    return len(_cl100k().encode_ordinary(text))


# What is drawn


def _letters(rng: Random, number: int) -> list[str]:
    return rng.sample(string.ascii_lowercase, number)


def _pair(two: str) -> Pair:
    left, right = two.encode()
    return left, right


def _lines(rng: Random, counts: dict[str, int]) -> str:
    """Write each word as often as asked, one a line, shuffled. A line break is a chunk without pairs."""
    words = [word for word, count in counts.items() for _ in range(count)]
    rng.shuffle(words)
    return "\n".join(words)


def _nested(rng: Random, letters: list[str], least: int, most: int) -> str:
    """Write words `xy` and `xyz`, three letters of their own each, so that no two pairs ever have the same count."""
    groups = len(letters) // 3
    numbers = sorted(rng.sample(range(least, most), 2 * groups))
    longer, both = rng.sample(numbers[:groups], groups), rng.sample(numbers[groups:], groups)
    counts: dict[str, int] = {}
    for i in range(groups):
        x, y, z = letters[3 * i : 3 * i + 3]
        counts |= {x + y: both[i] - longer[i], x + y + z: longer[i]}
    return _lines(rng, counts)


def _names(rng: Random, number: int) -> list[str]:
    words = ["user", "system", "tool", "end", "start", "call", "think", "image", "pad", "fim"]
    return [f"<|{word}|>" for word in rng.sample(words, number)]


def _word_that_greed_gets_wrong(rng: Random) -> str:
    """Return a word, with a space before it, that the longest tokens from the left do not spell as merging does."""
    while True:
        word = " " + "".join(_letters(rng, 12))
        if _longest_first(word.encode()) != _cl100k().encode_ordinary(word):
            return word


def _longest_first(data: bytes) -> list[int]:
    ranks, ids = _cl100k()._mergeable_ranks, []
    while data:
        size = max(n for n in range(1, len(data) + 1) if data[:n] in ranks)
        ids.append(ranks[data[:size]])
        data = data[size:]
    return ids


def _run_with_one_letter_left(rng: Random) -> tuple[str, list[int]]:
    """Return a run of one letter, joined into the longest tokens from the left but for its last letter, and its ids."""
    while True:
        letter = rng.choice(string.ascii_letters)
        ids = _cl100k().encode_ordinary(run := letter * rng.randrange(200, 400))
        if ids[-1] == _cl100k().encode_single_token(letter) != ids[0] and ids == _longest_first(run.encode()):
            return run, ids


def _chat(rng: Random, number: int) -> list[Message]:
    texts = [f"{rng.choice(SENTENCES)} {rng.randrange(10**6)}" for _ in range(number)]
    return [{"role": rng.choice(["user", "assistant"]), "content": text} for text in texts]


def _cost(messages: list[Message]) -> int:
    return sum(_count(message["content"]) for message in messages)


@check("train-hidden", points=9, title="Training on texts drawn for you", hidden=True)
def train_hidden(student: Student, world: World) -> None:
    rng = world.rng("train")
    with case("merges are learnt by frequency", points=1, category="merge order") as c:
        text = _nested(rng, _letters(rng, 15), 2, 40)
        for room in (1, rng.randrange(3, 7), 9):  # there are ten to learn
            c.equal(student.call("train", text, 256 + room), _merges(text, room))
    with case("a longer text with many repeated words", points=1, category="long input") as c:
        text = _nested(rng, rng.sample(string.ascii_letters, 36), 100, 400)
        c.equal(student.call("train", text, 256 + 20), _merges(text, 20))
    with case("equal counts: the smallest pair", points=1, category="ties") as c:
        a, b, d, e, f, g = sorted(_letters(rng, 6))
        smallest, second, third, fourth, largest = a + d, a + e, b + f, e + g, g + b
        lines = [third, largest, smallest, fourth, second] * rng.randrange(2, 6)
        c.equal(student.call("train", "\n".join(lines), 258), [_pair(smallest), _pair(second)])
    with case("equal counts: ids are compared, not text", points=1, category="ties with merged tokens") as c:
        x, y, z, p, q = sorted(_letters(rng, 5))
        n = rng.randrange(3, 9)
        text = "\n".join([x + y + z] * n + [x + y] * rng.randrange(1, 9) + [p + q] * n)
        c.equal(student.call("train", text, 258), [_pair(x + y), _pair(p + q)])
    with case("pairs stay inside a chunk", points=1, category="chunk boundaries") as c:
        a, b = _letters(rng, 2)
        text = (a + b + rng.choice(",;!?.") + " ") * rng.randrange(5, 12)
        c.equal(student.call("train", text, 300), [_pair(a + b), (32, 256)])
    with case("runs of one character", points=1, category="repeated characters") as c:
        a, x, y, p, q = _letters(rng, 5)
        n = rng.randrange(5, 12)
        text = _lines(rng, {3 * a: n, x + y: rng.randrange(n + 1, 2 * n), p + q: n - rng.randrange(1, 3)})
        c.equal(student.call("train", text, 259), [_pair(2 * a), _pair(x + y), (256, ord(a))])
    with case("letters of more than one byte", points=1, category="non-ASCII text") as c:
        letters = rng.sample(TWO_BYTE_LETTERS, 5)
        times = sorted(rng.sample(range(2, 30), 5), reverse=True)
        text = _lines(rng, dict(zip(letters, times, strict=True)))
        c.equal(student.call("train", text, 256 + 4), [_pair(letter) for letter in letters[:4]])
    with case("ends when no pair occurs twice", points=1, category="nothing left to merge") as c:
        a, b, x, y, p, q = _letters(rng, 6)
        text = _lines(rng, {a + b: 2, x + y: rng.randrange(3, 6), p + q: 1})
        c.equal(student.call("train", text, rng.randrange(300, 1000)), [_pair(x + y), _pair(a + b)])
        for nothing in ("", "\n".join([a, b, a, b]), a + b):
            c.equal(student.call("train", nothing, 300), [])
    with case("sizes at and below 256", points=1, category="vocabulary size") as c:
        text = (a + b) * rng.randrange(3, 9)
        c.equal(student.call("train", text, 257), [_pair(a + b)])
        c.equal(student.call("train", text, 256), [])
        for size, some in ((255, text), (255, ""), (rng.randrange(-9, 255), text)):
            with c.raises("ValueError"):
                student.call("train", some, size)


@check("codec-hidden", points=10, title="Encoding and decoding what was drawn for you", hidden=True)
def codec_hidden(student: Student, world: World) -> None:
    rng = world.rng("codec")
    a, b, d, e = _letters(rng, 4)
    ab, bd = _pair(a + b), _pair(b + d)
    with case("the pair learnt first comes first", points=2, category="order of merges") as c:
        text = f"{a}{b}{d} {e}{a}{b}{d}{a}{b}{d}{e} {a}{b}"
        c.equal(student.call("encode", text, [bd, ab]), _ids(text, [bd, ab]))
        c.equal(student.call("encode", text, [ab, bd]), _ids(text, [ab, bd]))
    with case("tokens made of tokens", points=1, category="merges of merges") as c:
        deep = [ab, (256, ord(d)), (257, ord(e))]
        text = f"{a}{b}{d}{e}{e} {a}{b}{d} {d}{a}{b}"
        c.equal(student.call("encode", text, deep), [258, ord(e), 32, 257, 32, ord(d), 256])
        c.equal(student.call("decode", [258, 32, 256, 257], deep), f"{a}{b}{d}{e} {a}{b}{a}{b}{d}")
    with case("tokens stay inside a chunk", points=1, category="chunk boundaries") as c:
        ids = student.call("encode", f"{a}{b}  {a}{b} {a}{b}", [ab, (32, 256)])
        c.equal(ids, [256, 32, 32, 256, 257])
    with case("runs of one character", points=1, category="repeated characters") as c:
        run = 4 * rng.randrange(1, 6)
        doubled = [_pair(a + a), (256, 256)]
        c.equal(student.call("encode", a * (run + 3), doubled), [257] * (run // 4) + [256, ord(a)])
    with case("any text comes back", points=1, category="round trip of non-ASCII text") as c:
        merges = [_pair(letter) for letter in rng.sample(TWO_BYTE_LETTERS, 6)]
        text = "".join(rng.sample(SENTENCES, 8) + rng.choices(TWO_BYTE_LETTERS, k=9)) + "🙂"
        for known in (merges, []):
            c.equal(student.call("encode", text, known), _ids(text, known))
            c.equal(student.call("decode", _ids(text, known), known), text)
    with case("bytes that are not valid UTF-8", points=1, category="invalid UTF-8") as c:
        noise = [*rng.choices(range(128, 256), k=12), 255, 33, *"🦉".encode()[: rng.randrange(2, 4)], 33, 195]
        c.equal(student.call("decode", noise, [ab]), bytes(noise).decode(errors="replace"))
    with case("ids outside the vocabulary", points=1, category="unknown ids") as c:
        merges = [_pair(letter) for letter in rng.sample(TWO_BYTE_LETTERS, rng.randrange(2, 8))]
        last = 255 + len(merges)
        c.equal(student.call("decode", [0, last], merges), "\0" + bytes(merges[-1]).decode())
        for unknown in (last + 1, -1, last + rng.randrange(2, 999), -rng.randrange(2, 250)):
            with c.raises("ValueError"):
                student.call("decode", [ord(a), unknown, ord(b)], merges)
    with case("a character spread over tokens", points=1, category="characters split over tokens") as c:
        one, two = rng.sample(TWO_BYTE_LETTERS, 2)
        first, second, third, fourth = (one + two).encode()
        c.equal(student.call("decode", [first, 256, fourth], [(second, third)]), one + two)
        c.equal(student.call("decode", list("🧭漢".encode()), []), "🧭漢")
    with case("arguments stay as they were", points=1, category="input changed, empty input") as c:
        merges, ids = [bd, ab], [257, ord(d), 256, 32]
        c.equal(student.observe("encode", f"{a}{b}{d}", merges).args[1], merges)
        c.equal(student.observe("decode", ids, merges).args, [ids, merges])
        c.equal(student.call("encode", "", merges), [])
        c.equal(student.call("decode", [], merges), "")


@check("special-hidden", points=7, title="Special tokens drawn for you", hidden=True)
def special_hidden(student: Student, world: World) -> None:
    rng = world.rng("special")

    def ids(text: str, encode: str, special: dict[str, int], allowed: set[str]) -> object:
        return student.call("encode_with_special", text, student.get(encode), special, allowed)

    one, two, three = _names(rng, 3)
    known = {one: 200_000 + rng.randrange(99), two: 300_000, three: 400_000}
    words = [rng.choice(SENTENCES[:4]) for _ in range(3)]
    with case("names among text in many scripts", points=1, category="special tokens in text") as c:
        text = f"{one}{two}{words[0]} and then{three}{words[1]}\n{one}{words[2]} the end{two}"
        expected = _encoding(_cl100k()._mergeable_ranks, known).encode(text, allowed_special=set(known))
        c.equal(ids(text, "cl100k_ids", known, set(known)), expected)
    with case("a name that is not allowed", points=1, category="refusal") as c:
        for text in (f"{one}hi{two}", f"{two}{one}", f"say {two}.", two):
            with c.raises("ValueError"):
                ids(text, "byte_ids", known, {one})
    with case("names are matched exactly", points=1, category="exact names") as c:
        odd = {"[end]": 1000, "a.c*": 1001, "\\d+": 1002, "(x)": 1003, "$": 1004}
        name = rng.choice(list(odd))
        text = f"end [END] abc aXcc 42 x [e {one.upper()} {name}"
        c.equal(ids(text, "byte_ids", odd | known, set(odd)), [*text.removesuffix(name).encode(), odd[name]])
    with case("one name begins another", points=1, category="one name inside another") as c:
        nested = {one: 1000, one + two: 1001, one + two + three: 1002}
        text = f"{one}a{one}{two}b{one}{two}{three}"
        c.equal(ids(text, "byte_ids", nested, set(nested)), [1000, 97, 1001, 98, 1002])
    with case("the longest name decides, allowed or not", points=1, category="the longest name decides") as c:
        c.equal(ids(f"{one}{three}", "byte_ids", nested, {one}), [1000, *three.encode()])
        c.equal(ids(f"{one}{two}{two}", "byte_ids", nested, {one + two}), [1001, *two.encode()])
        with c.raises("ValueError"):
            ids(f"{one}{two}", "byte_ids", nested, {one, two})
    with case("the name that starts first", points=1, category="overlapping names") as c:
        x, y, z, w = _letters(rng, 4)
        overlapping = {y + z + w: 1000, x + y: 1001}
        c.equal(ids(x + y + z + w, "byte_ids", overlapping, set(overlapping)), [1001, ord(z), ord(w)])
    with case("nothing special", points=1, category="plain and empty text") as c:
        c.equal(ids("", "byte_ids", known, set(known)), [])
        for special, allowed in (({}, set()), ({}, {one}), ({two: 1000}, {one, two})):
            c.equal(ids(f"hi {one}", "byte_ids", special, allowed), list(f"hi {one}".encode()))


@check("ranks-hidden", points=8, title="The published table and budgets drawn for you", hidden=True)
def ranks_hidden(student: Student, world: World) -> None:
    rng = world.rng("ranks")
    ranks: Ref = student.get("RANKS")

    def kept(messages: list[Message], budget: int, overhead: int) -> object:
        return student.call("fit", messages, budget, student.get("cl100k_count"), overhead)

    with case("the same ids as tiktoken", points=2, category="parity with cl100k_base") as c:
        for _ in range(3):
            text = "".join([*rng.sample(SENTENCES, 6), _word_that_greed_gets_wrong(rng), " ."])
            c.equal(student.call("encode_ranks", text, ranks), _cl100k().encode_ordinary(text))
    with case("another table", points=1, category="ids from the table given") as c:
        a, b, d, e, f = _letters(rng, 5)
        table = {bytes([byte]): rank for rank, byte in enumerate(rng.sample(range(256), 256))}
        table |= {piece.encode(): 256 + i for i, piece in enumerate((b + d, a + b, e + f, e + f + a))}
        text = f"{a}{b}{d} {e}{f}{a}{b} {d}{a}{b}{e}{f}é"
        c.equal(student.call("encode_ranks", text, table), _encoding(table, {}).encode_ordinary(text))
    with case("a long run of one letter", points=1, category="repeated characters") as c:
        run, expected = _run_with_one_letter_left(rng)
        c.equal(student.call("encode_ranks", run, ranks), expected)
    chat = _chat(rng, 9)
    with case("a sum equal to the budget fits", points=1, category="budget met exactly") as c:
        same = rng.choice(SENTENCES)
        equal = [{"role": "user", "content": f"{same} {n}"} for n in rng.sample(range(100, 1000), 9)]
        for number in (1, rng.randrange(2, 5), 8):
            newest = equal[-number:]
            c.equal(kept(equal, _cost(newest), 0), newest)
            c.equal(kept(equal, _cost(newest) - 1, 0), newest[1:])
    with case("a message too big ends the run", points=1, category="no message left out between") as c:
        big = {"role": "user", "content": "owl " * 500}
        place = rng.randrange(2, 7)
        talk = [*chat[:place], big, *chat[place:]]
        c.equal(kept(talk, 450, 0), chat[place:])
    with case("every message pays the overhead", points=1, category="what every message costs") as c:
        overhead, number = rng.randrange(5, 12), rng.randrange(2, 6)
        talk = [{"role": "user", "content": "ok"}, *chat[-number:]]
        budget = _cost(talk) + overhead * len(talk)
        c.equal(kept(talk, budget, overhead), talk)
        c.equal(kept(talk, budget - 1, overhead), talk[1:])
    with case("arguments stay as they were", points=1, category="input changed, empty input") as c:
        c.equal(student.call("encode_ranks", "", ranks), [])
        c.equal(kept([], 10, 1), [])
        c.equal(kept(chat, rng.randrange(3), 3), [])
        c.equal(kept(chat, 10**6, 3), chat)
        count = student.get("cl100k_count")
        c.equal(student.observe("fit", chat, _cost(chat[-3:]), count, 0).args[0], chat)
