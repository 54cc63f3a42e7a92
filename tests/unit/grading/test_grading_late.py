"""The late policy takes off what its steps say, and refuses steps that cannot be meant."""

from __future__ import annotations

from typing import Any

import pytest
from traitlets import TraitError

from courseware.grading.late import LatePolicy

STEPS = [(0, 10), (24, 25), (72, 100)]


@pytest.mark.parametrize(
    ("hours", "points"), [(0.2, None), (0.26, 4), (23.9, 4), (24, 10), (71, 10), (72, 40), (1000, 40)]
)
def test_the_last_step_reached_counts(hours: float, points: float | None) -> None:
    policy = LatePolicy(grace_minutes=15, steps=STEPS)
    assert policy.late_submission_penalty("ada", 40, 3600 * hours) == points


def test_without_steps_nothing_is_taken_off() -> None:
    assert LatePolicy().late_submission_penalty("ada", 40, 10**7) is None


@pytest.mark.parametrize("steps", [[(24, 10), (0, 20)], [(0, 10), (0, 20)], [(-1, 10)], [(0, 101)], [(0, -1)]])
def test_steps_that_cannot_be_meant_are_refused(steps: Any) -> None:
    with pytest.raises(TraitError, match="give rising hours from 0 on"):
        LatePolicy(steps=steps)
