"""What the heavy lab asks openly."""

from __future__ import annotations

import numpy as np

from courseware.checks import Student, World, case, check


@check("normalise-visible", points=1, title="Rows of length 1")
def normalise_visible(student: Student, world: World) -> None:
    with case("scales a row and leaves zeros alone", points=1) as c:
        c.close(student.call("normalise", np.array([[3.0, 4.0], [0.0, 0.0]])), [[0.6, 0.8], [0, 0]], atol=1e-6)


@check("embed-visible", points=1, title="Embeddings")
def embed_visible(student: Student, world: World) -> None:
    with case("every document has its row", points=1) as c:
        c.equal(np.shape(student.get("vectors")), (200, 384))


@check("top-k-visible", points=1, title="The nearest rows")
def top_k_visible(student: Student, world: World) -> None:
    with case("two of three rows", points=1) as c:
        rows = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
        c.close(student.call("top_k", np.array([1.0, 0.0]), rows, 2), [0, 2])


@check("index-visible", points=2, title="The index")
def index_visible(student: Student, world: World) -> None:
    with case("holds every document", points=2) as c:
        c.equal(student.call(student.get("index").method("count")), 200)


@check("precision-visible", points=1, title="Precision")
def precision_visible(student: Student, world: World) -> None:
    with case("one of two", points=1) as c:
        c.close(student.call("precision_at_k", [1, 2, 3, 4], [1, 3], 2), 0.5, atol=1e-9)


@check("flatten-visible", points=1, title="The map")
def flatten_visible(student: Student, world: World) -> None:
    with case("two numbers for each document", points=1) as c:
        c.equal(np.shape(student.get("flat")), (200, 2))
