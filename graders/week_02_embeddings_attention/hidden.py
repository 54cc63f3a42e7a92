"""Hidden checks of lab 02: the stated behaviour on vectors, scores and documents drawn for each attempt."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional

from courseware.checks import Student, World, case, check, make

Array = np.ndarray[Any, Any]


def torch_attention(q: Array, k: Array, v: Array, mask: Array | None = None) -> Array:
    """Return what torch's own attention gives."""
    seen = None if mask is None else torch.from_numpy(mask)
    queries, keys, values = (torch.from_numpy(array) for array in (q, k, v))
    return np.asarray(functional.scaled_dot_product_attention(queries, keys, values, attn_mask=seen))


def visible_tokens(rng: np.random.Generator, queries: int, keys: int) -> Array:
    """Return a random mask in which every query sees two keys or more and misses one or more."""
    seen = rng.random((queries, keys)) < 0.5
    for row in seen:
        chosen = rng.permutation(keys)
        row[chosen[:2]], row[chosen[2]] = True, False
    return seen


@check("attention-hidden", points=7, title="Attention", hidden=True)
def attention_hidden(student: Student, world: World) -> None:
    rng = world.generator("attention")
    with case("equals torch's attention", points=2, category="plain attention") as c:
        for queries, keys, width, out in ((4, 6, 8, 3), (5, 5, 5, 5), (3, 7, 2, 6)):
            q, k, v = rng.normal(size=(queries, width)), rng.normal(size=(keys, width)), rng.normal(size=(keys, out))
            c.close(student.call("attention", q, k, v), torch_attention(q, k, v), atol=1e-6, rtol=0)
        q, k, v = rng.normal(size=(1, 3)), rng.normal(size=(1, 3)), rng.normal(size=(1, 4))
        c.close(student.call("attention", q, k, v), v, atol=1e-6, rtol=0)
    with case("works on a batch of heads", points=1, category="leading axes") as c:
        for lead in ((3,), (2, 3)):
            q, k, v = (rng.normal(size=(*lead, tokens, 4)) for tokens in (5, 6, 6))
            for mask in (None, visible_tokens(rng, 5, 6)):
                got = student.call("attention", q, k, v, mask)
                c.close(got, torch_attention(q, k, v, mask), atol=1e-6, rtol=0)
    with case("survives large scores and ties among them", points=1, category="large scores") as c:
        # Scores lie so far apart that the weights are 0, 0, 1/2, 1/2 and 1, 0, 0, 0 at any scale.
        big = float(rng.integers(20_000, 90_000))
        k, v = np.array([[-1.0, 0], [0, 0], [1, 0], [1, 1]]), rng.normal(size=(4, 3))
        q = np.array([[big, 0.0], [-big, 0.0]])
        c.close(student.call("attention", q, k, v), [(v[2] + v[3]) / 2, v[0]], atol=1e-6, rtol=0)
        middle = (v[2] + v[3]) / 2
        c.close(student.call("attention", q, k[2:], v[2:]), [middle, middle], atol=1e-6, rtol=0)
    with case("lets each query see what its mask allows", points=1, category="mask") as c:
        q, k, v = rng.normal(size=(5, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
        for mask in (visible_tokens(rng, 5, 5), np.tri(5, dtype=bool), np.ones((5, 5), dtype=bool)):
            got = student.call("attention", q, k, v, mask)
            c.close(got, torch_attention(q, k, v, mask), atol=1e-6, rtol=0)
        one_row = visible_tokens(rng, 1, 5)
        expected = torch_attention(q, k, v, np.repeat(one_row, 5, axis=0))
        c.close(student.call("attention", q, k, v, one_row), expected, atol=1e-6, rtol=0)
    with case("gives zeros to a query that may see nothing", points=1, category="nothing visible") as c:
        # A query of zeros gives every key the same score, so that only the mask matters here.
        q, k, v = np.zeros((3, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
        mask = np.ones((3, 5), dtype=bool)
        mask[1] = False
        got = student.call("attention", q, k, v, mask)
        c.close(got, [v.mean(axis=0), np.zeros(3), v.mean(axis=0)], atol=1e-6, rtol=0)
    with case("leaves its arguments as they were", points=1, category="input changed") as c:
        # Equal keys get equal weights, so that only a change of the arguments matters here.
        k, v = np.tile(rng.normal(size=4), (6, 1)), rng.normal(size=(6, 2))
        given = [rng.normal(size=(4, 4)), k, v, np.ones((4, 6), dtype=bool)]
        seen = student.observe("attention", *given)
        c.close(seen.value, np.tile(v.mean(axis=0), (4, 1)), atol=1e-6, rtol=0)
        c.equal(seen.args, given, "an argument has other values after the call")


@check("heads-hidden", points=6, title="Several heads", hidden=True)
def heads_hidden(student: Student, world: World) -> None:
    rng = world.generator("heads")
    with case("equals torch's multi-head attention", points=2, category="parity with torch") as c:
        for tokens, width, heads in ((5, 12, 3), (4, 8, 2)):
            given = drawn_weights(rng, tokens, width)
            got = student.call("multi_head", *given, heads, False)
            c.close(got, torch_multi_head(given, heads, causal=False), atol=1e-6, rtol=0)
    with case("hides the future from every token", points=2, category="causal mask") as c:
        for tokens, width, heads in ((6, 12, 4), (3, 4, 2)):
            given = drawn_weights(rng, tokens, width)
            got = student.call("multi_head", *given, heads, True)
            c.close(got, torch_multi_head(given, heads, causal=True), atol=1e-6, rtol=0)
    with case("works with one token, one head, and a head for each number", points=1, category="smallest cases") as c:
        for tokens, heads, causal in ((1, 3, True), (5, 1, False), (4, 6, True)):
            given = drawn_weights(rng, tokens, 6)
            got = student.call("multi_head", *given, heads, causal)
            c.close(got, torch_multi_head(given, heads, causal=causal), atol=1e-6, rtol=0)
    with case("refuses a number of heads that does not fit", points=1, category="heads refused") as c:
        given = drawn_weights(rng, 3, 6)
        for heads in (4, 5, 12, 0, -2):
            with c.raises("ValueError"):
                student.call("multi_head", *given, heads, False)


def drawn_weights(rng: np.random.Generator, tokens: int, width: int) -> list[Array]:
    """Return x, wq, wk, wv and wo, scaled so that heads attend to some tokens far more than to others."""
    return [rng.normal(size=(tokens, width)), *(1.2 * rng.normal(size=(width, width)) / width**0.25 for _ in range(4))]


def torch_multi_head(given: list[Array], heads: int, *, causal: bool) -> Array:
    """Return what torch gives for x and weights; it stores each matrix transposed and marks what is hidden."""
    x, wq, wk, wv, wo = given
    tokens, width = x.shape
    hidden = torch.from_numpy(~np.tri(tokens, dtype=bool)) if causal else None
    stream = torch.from_numpy(x)
    mixed, _ = functional.multi_head_attention_forward(
        stream, stream, stream, width, heads, torch.from_numpy(np.vstack([wq.T, wk.T, wv.T])),
        None, None, None, False, 0.0, torch.from_numpy(wo.T.copy()), None,
        training=False, need_weights=False, attn_mask=hidden,
    )  # fmt: skip
    return np.asarray(mixed)


@check("sampling-hidden", points=7, title="From scores to the next token", hidden=True)
def sampling_hidden(student: Student, world: World) -> None:
    rng = world.generator("sampling")
    ask_about_settings(student, rng)
    ask_about_draws(student, rng)


def ask_about_settings(student: Student, rng: np.random.Generator) -> None:
    """Five points: what temperature, top-k and top-p leave of a distribution."""

    def given(logits: Array, **settings: Any) -> Any:
        return student.call("next_token_probabilities", logits.tolist(), **settings)

    with case("temperature flattens and sharpens", points=1, category="temperature") as c:
        for temperature in (rng.uniform(0.3, 0.7), rng.uniform(1.6, 3.0)):
            logits = spread_logits(rng, 7)
            c.close(given(logits, temperature=temperature), softmax(logits / temperature), atol=1e-6, rtol=0)
        logits = rng.permutation([4000.0, 3990.0, -4000.0, 0.0])
        c.close(given(logits, temperature=5), softmax((logits - 4000) / 5), atol=1e-6, rtol=0)
    with case("top-k keeps exactly k, ties by index", points=1, category="top-k") as c:
        logits = spread_logits(rng, 8)
        for k in (1, 3, 7, 8, 20):
            cut = -np.sort(-logits)[min(k, 8) - 1]
            c.close(given(logits, top_k=k), softmax(np.where(logits >= cut, logits, -np.inf)), atol=1e-6, rtol=0)
        ties = np.array([1.0, 2, 0, 2, 3, 2]) + rng.normal()
        allowed = np.where([False, True, False, True, True, False], ties, -np.inf)
        c.close(given(ties, top_k=3), softmax(allowed), atol=1e-6, rtol=0)
        many = rng.permutation(np.repeat([1.0, 0.0], [20, 40]))
        allowed = np.where((many == 1) | (np.cumsum(many == 0) <= 7), many, -np.inf)
        c.close(given(many, top_k=27), softmax(allowed), atol=1e-6, rtol=0)
    with case("top-p keeps the shortest list that reaches p", points=1, category="top-p") as c:
        logits = spread_logits(rng, 6)
        order = np.argsort(-logits)
        totals = np.cumsum(softmax(logits)[order])
        for kept in (1, 2, 4):
            between = float(totals[kept - 1] - 0.3 * (totals[kept - 1] - (totals[kept - 2] if kept > 1 else 0)))
            allowed = np.where(np.isin(np.arange(6), order[:kept]), logits, -np.inf)
            c.close(given(logits, top_p=between), softmax(allowed), atol=1e-6, rtol=0)
        c.close(given(logits, top_p=1), softmax(logits), atol=1e-6, rtol=0)
        level = np.full(10, rng.normal())
        c.close(given(level, top_p=0.8), [1 / 8] * 8 + [0] * 2, atol=1e-6, rtol=0)
    with case("temperature, then top-k, then top-p", points=1, category="order of the steps") as c:
        # Weights 4, 2, 1, 1 at temperature 4: after top-k 3 they are 4/7, 2/7, 1/7, and 0.8 keeps two of them. Top-p
        # before top-k would keep three (1/2, 1/4, 1/8), top-p before the temperature one (256, 16, 1).
        places = rng.permutation(4)
        logits = np.empty(4)
        logits[places] = 4 * np.log([4.0, 2, 1, 0.999]) + rng.normal()
        expected = np.zeros(4)
        expected[places[:2]] = (2 / 3, 1 / 3)
        c.close(given(logits, temperature=4.0, top_k=3, top_p=0.8), expected, atol=1e-6, rtol=0)
    with case("greedy at 0, and settings out of range", points=1, category="settings") as c:
        logits = np.append(spread_logits(rng, 5), [9.0, 9.0])
        for harmless in NARROW:
            c.close(given(logits, temperature=0, **harmless), np.eye(7)[5], atol=1e-6, rtol=0)
        for bad in REFUSED:
            with c.raises("ValueError"):
                given(logits, **bad)


def ask_about_draws(student: Student, rng: np.random.Generator) -> None:
    """Two points: how often each token is drawn, and by whose chance."""
    with case("draws follow the probabilities", points=1, category="distribution of draws") as c:
        wanted = rng.permutation([0.4, 0.25, 0.2, 0.1, 0.05, 0.0])
        drawn = student.call("draw_counts", wanted.tolist(), int(rng.integers(2**31)), 4000)
        c.true(isinstance(drawn, np.ndarray) and drawn.shape == (6,), "a draw is not one of the six tokens")
        likely = wanted > 0
        c.equal(drawn[~likely], [0], "a token of probability 0 was drawn")
        chi_square = float(((drawn - 4000 * wanted)[likely] ** 2 / (4000 * wanted[likely])).sum())
        # Right draws exceed 60 once in 3 * 10**11 runs (chi-square, 4 degrees of freedom).
        c.true(chi_square < 60, "the counts of 4,000 draws are too far from the probabilities")
    with case("the generator alone decides", points=1, category="use of the generator") as c:
        seeds = [int(seed) for seed in rng.integers(2**31, size=40)]
        even = [0.125] * 8
        first, second = (
            [student.call("sample", even, make("numpy-generator", seed=seed)) for seed in seeds] for _ in range(2)
        )
        c.equal(second, first, "the same generator gave two different tokens")
        c.true(len({repr(token) for token in first}) >= 5, "40 generators gave fewer than 5 of 8 equally likely tokens")


NARROW: list[dict[str, Any]] = [{}, {"top_k": 4}, {"top_p": 0.5}]
REFUSED: list[dict[str, Any]] = [
    {"temperature": -0.5},
    {"top_k": 0},
    {"top_k": -1},
    {"top_p": 0},
    {"top_p": -0.2},
    {"top_p": 1.5},
    {"temperature": 0, "top_k": 0},
    {"temperature": 0, "top_p": 1.01},
]


def spread_logits(rng: np.random.Generator, size: int) -> Array:
    """Return logits in random order, each at least 0.3 from the next."""
    return rng.permutation(np.cumsum(rng.uniform(0.3, 0.9, size))) + rng.normal()


def softmax(logits: Array) -> Array:
    """Return the probabilities of these logits; minus infinity gives 0."""
    weights = np.exp(logits - logits.max())
    return np.asarray(weights / weights.sum())


@check("search-hidden", points=7, title="Cosine search", hidden=True)
def search_hidden(student: Student, world: World) -> None:
    rng = world.generator("search")

    def given(query: Array, documents: Array, k: int) -> list[list[float]]:
        return pairs(student.call("search", query, documents, k))

    with case("ranks by cosine, greatest first", points=1, category="order and similarity") as c:
        for k in (1, 7, 30, 31):
            query, documents = drawn_documents(rng)
            c.close(given(query, documents, k), ranking(query, documents)[:k], atol=1e-6, rtol=0)
    with case("treats a vector of zeros as similar to nothing", points=1, category="zero vectors") as c:
        query, documents = drawn_documents(rng)
        documents[rng.choice(30, size=3, replace=False)] = 0
        c.close(given(query, documents, 30), ranking(query, documents), atol=1e-6, rtol=0)
        c.close(given(0 * query, documents, 4), [(i, 0.0) for i in range(4)], atol=1e-6, rtol=0)
    with case("lets rounding decide no tie", points=1, category="ties") as c:
        # One direction in 40 lengths: computed cosines differ in the last bits, their first nine decimals do not.
        query, lengths = rng.normal(size=7), rng.uniform(0.1, 10, size=(40, 1))
        got = given(query, lengths * rng.normal(size=7), 40)
        c.equal([index for index, _ in got], list(range(40)), "documents of one direction are out of order")
        near = np.array([[0.6, 0.8], [0.6 + 2e-10, 0.8], [0.6 + 4e-9, 0.8 - 3e-9]])
        got = given(np.array([1.0, 0.0]), near, 3)
        c.equal([index for index, _ in got], [2, 0, 1], "differences below the ninth decimal are no differences")
    with case("works on small number types", points=1, category="number types") as c:
        query, documents = drawn_documents(rng)
        half = (documents / 40).astype(np.float16)
        c.close(given(query.astype(np.float16), half, 30), ranking(query.astype(np.float16), half), atol=1e-6, rtol=0)
        # Three bytes that fit: in 8 bits their products and squares do not.
        whole = np.array([[100, 100, 1], [100, -90, 3], [-120, 7, 90]], dtype=np.int8)
        c.close(given(whole[0], whole, 3), ranking(whole[0], whole), atol=1e-6, rtol=0)
    with case("leaves its arguments as they were", points=1, category="input changed") as c:
        query, documents = drawn_documents(rng)
        seen = student.observe("search", query, documents, 3)
        c.close(pairs(seen.value), ranking(query, documents)[:3], atol=1e-6, rtol=0)
        c.equal(seen.args, [query, documents, 3], "a vector has other numbers after the call")
    with case("your claims hold for your own search", points=2, category="claims") as c:
        claims = student.get("claims")
        claims = claims if isinstance(claims, dict) else {}
        query, documents = drawn_documents(rng)
        before = [index for index, _ in given(query, documents, 30)]
        for change, (new_query, new_documents) in changes(rng, query, documents).items():
            now = [index for index, _ in given(new_query, new_documents, 30)]
            c.equal(claims.get(change), "same" if now == before else "changes", f"not so: {change}")


def pairs(result: Any) -> list[list[float]]:
    """Return what `search` gave as plain pairs, whatever sequence it came in; nothing where it is not pairs."""
    try:
        table = np.asarray(result, dtype=float)
    except (TypeError, ValueError):
        return []
    return [[row[0], row[1]] for row in table.tolist()] if table.ndim == 2 and table.shape[1] == 2 else []


def drawn_documents(rng: np.random.Generator) -> tuple[Array, Array]:
    """Return a query and 30 documents of very different lengths whose cosines lie at least 1e-4 apart."""
    while True:
        query, documents = 3 * rng.normal(size=8), rng.normal(size=(30, 8)) * rng.uniform(0.2, 20, size=(30, 1))
        cosines = np.sort([similarity for _, similarity in ranking(query, documents)])
        if np.diff(cosines).min() > 1e-4 and np.abs(cosines).min() > 1e-4:
            return query, documents


def ranking(query: Array, documents: Array) -> list[tuple[int, float]]:
    """Return every document's index and cosine, most similar first, ties by index."""
    wide, rows = query.astype(float), documents.astype(float)
    dots, lengths = (rows * wide).sum(axis=1), np.sqrt((rows**2).sum(axis=1) * (wide**2).sum())
    cosines = [float(dot / length) if length else 0.0 for dot, length in zip(dots, lengths, strict=True)]
    return sorted(enumerate(cosines), key=lambda pair: (-round(pair[1], 9), pair[0]))


def changes(rng: np.random.Generator, query: Array, documents: Array) -> dict[str, tuple[Array, Array]]:
    """Return the changes the learner was asked about, each as the query and documents it leads to."""
    shuffled, lengths = rng.permutation(8), rng.uniform(0.1, 50, size=(30, 1))
    return {
        "query times 3": (3 * query, documents),
        "query times -1": (-query, documents),
        "each document times a positive number of its own": (query, documents * lengths),
        "the same vector added to query and documents": (query + 10, documents + 10),
        "first half of the numbers only": (query[:4], documents[:, :4]),
        "numbers of all vectors shuffled in the same way": (query[shuffled], documents[:, shuffled]),
    }
