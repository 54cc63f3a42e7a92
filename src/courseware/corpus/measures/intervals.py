"""How sure a mean over questions is, by the bootstrap: draw as many questions again, with replacement, many times.

Percentile intervals, as in Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13. They speak of
other questions of the same kind, not of other kinds of question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from courseware.corpus.measures.ranking import MeasureError

DRAWS = 2_000


@dataclass(frozen=True)
class Interval:
    """A mean, and between which values it lies with the asked-for confidence."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"

    @property
    def excludes_zero(self) -> bool:
        """Whether 0 lies outside: for a difference, whether one side is better."""
        return self.low > 0 or self.high < 0


def mean_interval(values: Sequence[float], *, confidence: float = 0.95, seed: int = 0) -> Interval:
    """Return the mean of one value a question. The same seed gives the same interval. Raises MeasureError."""
    if not len(values):
        raise MeasureError("there are no values; measure at least one question")
    if not 0 < confidence < 1:
        raise MeasureError(f"confidence is {confidence}; give a share between 0 and 1, as 0.95")
    given = np.asarray(values, dtype=float)
    chosen = np.random.default_rng(seed).integers(len(given), size=(DRAWS, len(given)))
    outside = (1 - confidence) / 2
    low, high = np.quantile(given[chosen].mean(axis=1), [outside, 1 - outside])
    return Interval(float(given.mean()), float(low), float(high))


def paired_interval(
    one: Sequence[float], other: Sequence[float], *, confidence: float = 0.95, seed: int = 0
) -> Interval:
    """Return the mean of `one` minus `other`, two systems' values on the same questions in the same order.

    Two systems that fail on the same questions differ less by chance than their own intervals suggest. Raises
    MeasureError.
    """
    if len(one) != len(other):
        raise MeasureError(f"{len(one)} values against {len(other)}; measure both on the same questions")
    differences = [left - right for left, right in zip(one, other, strict=True)]
    return mean_interval(differences, confidence=confidence, seed=seed)
