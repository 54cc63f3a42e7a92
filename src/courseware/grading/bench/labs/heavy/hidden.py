"""What the heavy lab asks with data that were drawn."""

from __future__ import annotations

import numpy as np

from courseware.checks import Student, World, case, check

# A question about a topic, and the number of the topic.
_QUESTIONS = (
    ("a feline pet", 0),
    ("a loaf from the oven", 3),
    ("a rocket to Mars", 8),
    ("saxophone improvisation", 7),
    ("rules of income tax", 9),
)


@check("normalise-hidden", points=2, title="Rows of length 1, drawn", hidden=True)
def normalise_hidden(student: Student, world: World) -> None:
    rows = world.generator("rows").normal(size=(50, 7))
    with case("drawn rows", points=2, category="many rows") as c:
        expected = rows / np.sqrt((rows**2).sum(axis=1))[:, None]
        c.close(student.call("normalise", rows), expected, atol=1e-6)


@check("embed-hidden", points=3, title="Embeddings, other texts", hidden=True)
def embed_hidden(student: Student, world: World) -> None:
    number = world.rng("reader").randrange(1_000)
    rows = student.call("embed", [f"A text about cats, number {number}", "A cat sleeps.", "The tax on income"])
    with case("rows have length 1", points=1, category="length") as c:
        c.close(np.linalg.norm(rows, axis=1), np.ones(3), atol=1e-5)
    with case("what is alike lies near", points=2, category="meaning") as c:
        c.true(rows[0] @ rows[1] > rows[0] @ rows[2], "a text about tax lies nearer to cats than another about cats")


@check("top-k-hidden", points=2, title="The nearest rows, drawn", hidden=True)
def top_k_hidden(student: Student, world: World) -> None:
    draw = world.generator("rows")
    rows, query = draw.normal(size=(200, 16)), draw.normal(size=16)
    with case("drawn rows of different lengths", points=2, category="different lengths") as c:
        best = sorted(range(200), key=lambda n: -float(rows[n] @ query) / float(np.sqrt(rows[n] @ rows[n])))[:10]
        c.close(student.call("top_k", query, rows, 10), best)


@check("index-hidden", points=3, title="The index, asked", hidden=True)
def index_hidden(student: Student, world: World) -> None:
    questions = world.rng("questions").sample(_QUESTIONS, 5)
    rows = student.call("embed", [text for text, _ in questions])
    query = student.get("index").method("query")
    found = student.call(query, query_embeddings=np.asarray(rows).tolist(), n_results=10)
    with case("the best document has the topic of the question", points=2, category="best document") as c:
        c.equal([int(ids[0]) % 10 for ids in found["ids"]], [topic for _, topic in questions])
    with case("ids lead to their texts", points=1, category="texts") as c:
        c.true(str(found["documents"][0][0]).startswith(f"Document {found['ids'][0][0]}:"), "an id has another's text")


@check("precision-hidden", points=2, title="Precision, drawn", hidden=True)
def precision_hidden(student: Student, world: World) -> None:
    ranked = world.rng("ranked").sample(range(100), 20)
    relevant = world.rng("relevant").sample(range(100), 30)
    with case("drawn lists", points=1, category="many") as c:
        expected = len(set(ranked[:12]) & set(relevant)) / 12
        c.close(student.call("precision_at_k", ranked, relevant, 12), expected, atol=1e-9)
    with case("nothing relevant", points=1, category="none") as c:
        c.close(student.call("precision_at_k", ranked, [], 5), 0.0, atol=1e-9)


@check("flatten-hidden", points=2, title="The map, drawn", hidden=True)
def flatten_hidden(student: Student, world: World) -> None:
    rows = world.generator("rows").normal(size=(60, 8)) * np.arange(1, 9) + 5
    flat = np.asarray(student.call("flatten", rows))
    with case("lies around the middle", points=1, category="middle") as c:
        c.close(flat.mean(axis=0), [0.0, 0.0], atol=1e-6)
    with case("spreads as far as can be", points=1, category="spread") as c:
        largest = np.sort(np.linalg.eigvalsh(np.cov(rows.T)))[::-1][:2]
        c.close(flat.var(axis=0, ddof=1), largest, rtol=1e-6)
