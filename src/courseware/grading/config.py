"""Where a class's work lies, as nbgrader's configuration of this course says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from courseware.grading.gradebook import Penalty
from courseware.nbgrader_settings import nbgrader_settings

# How long to wait for another program that writes into a SQLite gradebook.
LOCKED_S = 60


@dataclass(frozen=True)
class ClassFolders:
    """A class's folders, its gradebook's address and name."""

    root: Path
    submitted: Path
    autograded: Path
    journal: Path
    url: str
    course_id: str

    @classmethod
    def of(cls, root: Path) -> ClassFolders:
        """Read them from `nbgrader_config.py` in the course's folder."""
        course = nbgrader_settings(root).CourseDirectory
        base = Path(course.get("root", root))
        submitted, autograded = (base / course[f"{step}_directory"] for step in ("submitted", "autograded"))
        return cls(
            root,
            submitted,
            autograded,
            base / "build" / "nbgrader" / "journal",
            _absolute(course["db_url"], base),
            course["course_id"],
        )


def _absolute(url: str, base: Path) -> str:
    """SQLite's path is relative to wherever a program stands; make it the course's folder."""
    prefix = "sqlite:///"
    if not url.startswith(prefix):
        return url
    path = url.removeprefix(prefix).partition("?")[0]
    return f"{prefix}{base / path}?timeout={LOCKED_S}"


def late_policy(root: Path) -> Penalty:
    """The plugin that nbgrader's configuration names, as a function of (learner, score, seconds late)."""
    from nbgrader.preprocessors import AssignLatePenalties

    step = AssignLatePenalties(config=nbgrader_settings(root))
    step.init_plugin()
    return step.plugin_inst.late_submission_penalty  # type: ignore[no-any-return]
