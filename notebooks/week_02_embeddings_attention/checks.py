"""Checks of this lesson's exercises. Ungraded: they explain, they give no points."""

from __future__ import annotations

import numpy as np

from courseware.checks import Student, World, case, check


def _attend(queries: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Causal attention, row by row, for queries, keys and values of one length."""
    outputs = []
    for row, query in enumerate(queries, 1):
        scores = keys[:row] @ query / np.sqrt(len(query))
        weights = np.exp(scores - scores.max())
        outputs.append(weights / weights.sum() @ values[:row])
    return np.array(outputs)


@check("min-p", title="What is left of a distribution under min-p")
def min_p(student: Student, world: World) -> None:
    some = np.array([0.5, 0.2, 0.25, 0.05])
    with case("what lies under the floor goes, the rest adds up to one", hint="The floor is relative to the top.") as c:
        c.close(student.call("min_p", some, 0.3), np.array([0.5, 0.2, 0.25, 0.0]) / 0.95)
    with case("a floor of zero changes nothing") as c:
        c.close(student.call("min_p", some, 0.0), some)
    with case("a floor of one keeps the top, and all of a tie", hint="At the border means kept.") as c:
        c.close(student.call("min_p", some, 1.0), np.array([1.0, 0.0, 0.0, 0.0]))
        c.close(student.call("min_p", np.array([0.4, 0.2, 0.4]), 1.0), np.array([0.5, 0.0, 0.5]))
    with case("many tokens stay where the model is unsure") as c:
        flat = np.full(29, 1 / 29)
        c.close(student.call("min_p", flat, 0.9), flat)
    with case("the input stays as it was", hint="Work on a new array.") as c:
        given = some.copy()
        c.close(student.observe("min_p", given, 0.5).args[0], some)


@check("decode-step", title="One step of attention with a cache")
def decode_step(student: Student, world: World) -> None:
    queries, keys, values = np.random.default_rng(2).normal(size=(3, 7, 4))
    with case("the first token sees itself only", hint="One key: its weight is one, whatever the score.") as c:
        output, cache = student.call("decode_step", queries[0], keys[0], values[0])
        c.close(output, values[0])
        c.close(cache[0], keys[:1])
        c.close(cache[1], values[:1])
    with case("step by step it equals causal attention", hint="The new key and value count at their own step.") as c:
        cache = None
        for row, expected in enumerate(_attend(queries, keys, values)):
            output, cache = student.call("decode_step", queries[row], keys[row], values[row], cache)
            c.close(output, expected)
    with case("large scores give numbers", hint="Subtract the largest score before the exponential.") as c:
        output, _ = student.call("decode_step", 1e3 * queries[1], 1e3 * keys[1], values[1], (keys[:1], values[:1]))
        c.true(bool(np.all(np.isfinite(output))), "the output holds nan or inf", actual=output)
    with case("the old cache stays as it was", hint="Another request may share it. Make new arrays.") as c:
        old = (keys[:3].copy(), values[:3].copy())
        after = student.observe("decode_step", queries[3], keys[3], values[3], old).args[3]
        c.close(after[0], keys[:3])
        c.close(after[1], values[:3])
