"""What can go wrong in what a notebook imports. In a notebook each is shown as one line, without a traceback.

NotebookError
├── PracticeError     practice.toml is written wrongly; `.problems` has one line for each (an author's fault)
├── NoPracticeError   there is no practice.toml where this notebook runs
├── UnknownItemError  an id, option or step that practice.toml does not have
├── SetupError        `setup` or `finish` found no course, or not the week it was given
├── UnknownRoleError  course.toml has no model role of this name; an AttributeError too
└── ProgressError     something was recorded in a way the progress file cannot hold
"""

from __future__ import annotations

from pathlib import Path


class NotebookError(Exception):
    """Base of every error that `setup`, `predict`, `hint`, `reveal`, `quiz` and `progress` raise on purpose."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback: the frames would all be the course's own."""
        return [f"{type(self).__name__}: {self}"]


class PracticeError(NotebookError):
    """practice.toml is written wrongly."""

    def __init__(self, path: Path, problems: tuple[str, ...]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}")
        self.path = path
        self.problems = problems


class NoPracticeError(NotebookError):
    """There is no practice.toml where this notebook runs."""


class UnknownItemError(NotebookError):
    """An id, option or step that practice.toml does not have."""


class SetupError(NotebookError):
    """There is no course, its manifest is written wrongly, or it lacks the week."""


class UnknownRoleError(NotebookError, AttributeError):
    """A model role that course.toml does not have."""


class ProgressError(NotebookError):
    """An event that the progress file cannot hold."""
