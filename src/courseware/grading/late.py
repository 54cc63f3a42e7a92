"""The late policy, as nbgrader's plugin: a time of grace, then steps that take off a part of the score.

In `nbgrader_config.py`:

    c.AssignLatePenalties.plugin_class = "courseware.grading.late.LatePolicy"
    c.LatePolicy.grace_minutes = 15
    c.LatePolicy.steps = [(0, 10), (24, 25), (72, 100)]  # hours late, per cent off

An extension given in formgrader moves a learner's due date, and with it everything here.
"""

from __future__ import annotations

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float, List, TraitError, Tuple, validate


class LatePolicy(LateSubmissionPlugin):  # type: ignore[misc]
    """Takes off what the last step that was reached says."""

    grace_minutes = Float(0.0, min=0.0, help="Minutes after the due date that cost nothing.").tag(config=True)
    steps = List(
        Tuple(Float(), Float()),
        default_value=[],
        help="(hours late, per cent of the score taken off) in rising order; before the first hour nothing is.",
    ).tag(config=True)

    @validate("steps")
    def _rising(self, proposal: dict[str, list[tuple[float, float]]]) -> list[tuple[float, float]]:
        steps = proposal["value"]
        hours = [hour for hour, _ in steps]
        if hours != sorted(set(hours)) or any(hour < 0 or not 0 <= percent <= 100 for hour, percent in steps):
            raise TraitError(f"LatePolicy.steps is {steps}; give rising hours from 0 on, each with 0 to 100 per cent")
        return steps

    def late_submission_penalty(
        self,
        student_id: str,  # noqa: ARG002 - the plugin is asked for each learner
        score: float,
        total_seconds_late: float,
    ) -> float | None:
        """Return the points taken off a score, None where the submission counts as in time."""
        if total_seconds_late <= 60 * self.grace_minutes:
            return None
        reached = [percent for hours, percent in self.steps if total_seconds_late >= 3600 * hours]
        return score * reached[-1] / 100 if reached else None
