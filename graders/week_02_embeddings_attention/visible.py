"""What a learner sees of lab 02's checks, and the advice on the essay."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from courseware.checks import Student, World, case, check, make

LN3 = math.log(3)


@check("attention-visible", points=3, title="Attention on numbers you can follow by hand")
def attention_visible(student: Student, world: World) -> None:
    q, v = [[2.0, 0, 0, 0]], [[8.0], [4.0]]
    k = [[LN3, 0, 0, 0], [0.0, 0, 0, 0]]
    with case(
        "the worked example gives 7",
        points=1,
        category="worked example",
        hint="Divide by the square root of 4, then take the softmax over the keys: 3/4 and 1/4.",
    ) as c:
        c.close(student.call("attention", *_arrays(q, k, v)), [[7.0]])
    with case(
        "a hidden key gets no weight and the others share all of it",
        points=1,
        category="mask",
        hint="The masked score is minus infinity before the softmax.",
    ) as c:
        c.close(student.call("attention", *_arrays(q, k, v), np.array([[True, False]])), [[8.0]])
    with case(
        "scores of 1,000 give a number, not nan",
        points=1,
        category="large scores",
        hint="exp(1000) is infinite. Which number can you subtract from a row without changing its softmax?",
    ) as c:
        k = [[1000.0, 0, 0, 0], [1000.0 - LN3, 0, 0, 0]]
        c.close(student.call("attention", *_arrays(q, k, v)), [[7.0]])


@check("heads-visible", points=3, title="Several heads")
def heads_visible(student: Student, world: World) -> None:
    s, same = math.sqrt(LN3), np.eye(2)
    x = np.array([[s, 0.0], [0.0, s]])
    with case(
        "the worked example with two heads",
        points=1,
        category="worked example",
        hint="Each head sees one column of x, and its scores are divided by the square root of its own width, 1.",
    ) as c:
        got = student.call("multi_head", x, same, same, same, same, 2, False)
        c.close(got, [[0.75 * s, 0.5 * s], [0.5 * s, 0.75 * s]])
    with case(
        "the same with a causal mask",
        points=1,
        category="causal mask",
        hint="Token 0 may look at itself alone; token 1 at both.",
    ) as c:
        got = student.call("multi_head", x, same, same, same, same, 2, True)
        c.close(got, [[s, 0.0], [0.5 * s, 0.75 * s]])
    with case(
        "four weight matrices, each in its place",
        points=1,
        category="weight matrices",
        hint="One token attends to itself alone, so the answer is x @ wv @ wo.",
    ) as c:
        swap, double = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 1.0]])
        c.close(student.call("multi_head", np.array([[3.0, 5.0]]), swap, same, double, swap, 2, True), [[5.0, 6.0]])


@check("sampling-visible", points=4, title="From scores to the next token")
def sampling_visible(student: Student, world: World) -> None:
    logits = [math.log(8), math.log(4), math.log(2), math.log(2)]
    with case(
        "temperature 1 and temperature 0.5",
        points=1,
        category="temperature",
        hint="Divide the logits by the temperature before the softmax: 0.5 squares the weights 8, 4, 2, 2.",
    ) as c:
        c.close(student.call("next_token_probabilities", logits), [0.5, 0.25, 0.125, 0.125])
        got = student.call("next_token_probabilities", logits, temperature=0.5)
        c.close(got, [64 / 88, 16 / 88, 4 / 88, 4 / 88])
    with case(
        "the worked example: top_k=3, then top_p=0.8",
        points=1,
        category="top-k and top-p",
        hint="After top-k the weights 8, 4, 2 are 4/7, 2/7, 1/7. The first total of at least 0.8 is 4/7 + 2/7.",
    ) as c:
        c.close(student.call("next_token_probabilities", logits, top_k=3), [4 / 7, 2 / 7, 1 / 7, 0])
        c.close(student.call("next_token_probabilities", logits, top_k=3, top_p=0.8), [2 / 3, 1 / 3, 0, 0])
    with case(
        "temperature 0 is greedy, and bad settings are refused",
        points=1,
        category="settings",
        hint="Among equal largest logits the lowest index wins. Raise ValueError for a negative temperature.",
    ) as c:
        c.close(student.call("next_token_probabilities", [1.0, 3.0, 3.0], temperature=0), [0, 1, 0])
        with c.raises("ValueError"):
            student.call("next_token_probabilities", logits, temperature=-1)
    with case(
        "sample returns a token number, and the same one for the same generator",
        points=1,
        category="sampling",
        hint="Draw with rng and with nothing else; return an int.",
    ) as c:
        seeds = [*range(60), *range(10)]
        draws = [student.call("sample", [0.2, 0.5, 0.3], make("numpy-generator", seed=seed)) for seed in seeds]
        c.true(all(_is_index(draw, 3) for draw in draws), "a draw is not an int from 0 to 2", actual=draws)
        c.equal(draws[60:], draws[:10], "the same generator gave two different tokens")
        c.equal({int(draw) for draw in draws}, {0, 1, 2}, "in 60 draws at 0.2, 0.5, 0.3 each token comes up")


@check("search-visible", points=3, title="Cosine search on vectors you can draw")
def search_visible(student: Student, world: World) -> None:
    documents = np.array([[0.0, 5.0], [9.0, 12.0], [2.0, 0.0], [-3.0, 0.0]])
    with case(
        "the worked example",
        points=1,
        category="worked example",
        hint="Length does not count: [9, 12] has the largest dot product with [1, 0], [2, 0] the same direction.",
    ) as c:
        c.close(pairs(student.call("search", np.array([1.0, 0.0]), documents, 3)), [(2, 1.0), (1, 0.6), (0, 0.0)])
    with case(
        "a vector of zeros is similar to nothing, and ties keep their order",
        points=1,
        category="zeros and ties",
        hint="Give a vector without direction the similarity 0.0; sort by similarity, then by index.",
    ) as c:
        rows = np.array([[-1.0, 0.0], [0.0, 0.0], [3.0, 4.0], [0.0, 2.0], [6.0, 8.0]])
        got = pairs(student.call("search", np.array([1.0, 0.0]), rows, 5))
        c.close(got, [(2, 0.6), (4, 0.6), (1, 0.0), (3, 0.0), (0, -1.0)])
    with case(
        "k may be larger than the number of documents, but not below 1",
        points=1,
        category="k",
        hint="Return every document when k is larger; raise ValueError when k is below 1.",
    ) as c:
        c.equal(len(pairs(student.call("search", np.array([1.0, 0.0]), documents, 10))), 4)
        with c.raises("ValueError"):
            student.call("search", np.array([1.0, 0.0]), documents, 0)


def essay_advice(text: str) -> list[str]:
    """Return what a first reader would remark on, one line each; it advises and grades nothing."""
    if not text.strip():
        return ["The essay is empty; write it, save the notebook, and run this cell again."]
    words = re.findall(r"[\w'’-]+", text)
    sentences = [s for s in re.split(r"(?<=[.?!])\s+|\n\s*\n", text) if s.strip()]
    longest = max((len(s.split()) for s in sentences), default=0)
    lower = text.lower()
    jargon = [word for word in JARGON if re.search(rf"\b{word}", lower)]
    remarks = [
        (not 250 <= len(words) <= 450, f"{len(words)} words; one page is 250 to 450."),
        ("embedding" not in lower, "The word 'embedding' does not occur; name it once and explain it."),
        ("attention" not in lower, "The word 'attention' does not occur; name it once and explain it."),
        (bool(re.search(r"[$=`√]|\^|\\", text)), "There is a formula or code; say it in words."),
        (bool(jargon), f"Words this reader may not know: {', '.join(jargon)}."),
        (longest > 30, f"The longest sentence has {longest} words; split what is above 30."),
        (not re.search(r"for example|for instance|imagine|suppose|picture", lower), "No example is announced."),
        (not re.search(r"\d", text), "There is no number from your own run of this lab."),
        (not re.search(r"cannot|can't|does not|do not|fail|wrong|miss|limit", lower), "No limit is named."),
    ]
    return [remark for applies, remark in remarks if applies] or ["Nothing to remark on; now read it aloud."]


JARGON = [
    *("vector", "matri", "softmax", "logit", "tensor", "cosine", "dimension", "parameter", "neural"),
    *("transformer", "gradient", "token", "algorithm", "numpy", "torch", "dot.product"),
]


def pairs(result: Any) -> list[list[float]]:
    """Return what `search` gave as plain pairs, whatever sequence it came in; nothing where it is not pairs."""
    try:
        table = np.asarray(result, dtype=float)
    except (TypeError, ValueError):
        return []
    return [[row[0], row[1]] for row in table.tolist()] if table.ndim == 2 and table.shape[1] == 2 else []


def _arrays(*lists: list[list[float]]) -> list[np.ndarray[Any, Any]]:
    return [np.array(rows, dtype=float) for rows in lists]


def _is_index(value: Any, size: int) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and 0 <= int(value) < size
