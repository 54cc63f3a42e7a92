"""What an executor is: it takes tasks and reports what becomes of them; order and place are its own affair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

# Plain JSON: {"student", "begun"}, {"student", "check"}, and last {"examined"} or {"failed", "student"}.
News = Mapping[str, Any]


class Executor(Protocol):
    """Examines tasks (`courseware.grading.results.Task` as JSON), several at a time."""

    def run(self, tasks: Sequence[tuple[str, bytes]]) -> Iterator[News]:
        """Yield news of all tasks, given as (learner, payload), until each has its last.

        What a worker that is lost had under way is done again elsewhere.
        """
