"""What the light lab asks with data that were drawn."""

from __future__ import annotations

import numpy as np

from courseware.checks import Student, World, case, check


@check("scale-hidden", points=2, title="Columns from 0 to 1, drawn", hidden=True)
def scale_hidden(student: Student, world: World) -> None:
    table = world.generator("table").normal(size=(30, 5))
    with case("drawn columns", points=1, category="many rows") as c:
        spread = np.max(table, axis=0) - np.min(table, axis=0)
        c.close(student.call("scale", table), (table - np.min(table, axis=0)) / spread)
    with case("a column that never changes", points=1, category="no spread") as c:
        c.close(student.call("scale", np.array([[2.0, 1.0], [2.0, 3.0]])), [[0, 0], [0, 1]])


@check("softmax-hidden", points=2, title="Weights, drawn", hidden=True)
def softmax_hidden(student: Student, world: World) -> None:
    scores = world.generator("scores").normal(size=20)
    with case("drawn scores", points=1, category="many scores") as c:
        c.close(student.call("softmax", scores), 1 / np.exp(scores[None, :] - scores[:, None]).sum(axis=1))
    with case("large scores", points=1, category="large scores") as c:
        c.close(student.call("softmax", np.array([5000.0, 5000.0])), [0.5, 0.5])


@check("mean-hidden", points=2, title="Moving mean, drawn", hidden=True)
def mean_hidden(student: Student, world: World) -> None:
    values = world.generator("values").normal(size=40)
    with case("drawn values", points=2, category="many values") as c:
        c.close(student.call("moving_mean", values, 5), [sum(values[at : at + 5]) / 5 for at in range(36)])


@check("confusion-hidden", points=2, title="What was taken for what, drawn", hidden=True)
def confusion_hidden(student: Student, world: World) -> None:
    truth, guess = (world.generator(name).integers(0, 4, size=100) for name in ("truth", "guess"))
    with case("drawn classes", points=2, category="many classes") as c:
        pairs = list(zip(truth.tolist(), guess.tolist(), strict=True))
        c.close(student.call("confusion", truth, guess, 4), [[pairs.count((t, g)) for g in range(4)] for t in range(4)])
