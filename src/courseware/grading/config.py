"""Where a class's work lies, as nbgrader's configuration of this course says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from courseware.grading.errors import GradingError
from courseware.grading.gradebook import Penalty
from courseware.nbgrader_settings import nbgrader_settings

# How long to wait for another program that writes into the gradebook, and for a server that does not answer.
LOCKED_S = 60
CONNECT_S = 10
SandboxName = Literal["full", "lesser"]


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
            _patient(course["db_url"], base),
            course["course_id"],
        )


def _patient(url: str, base: Path) -> str:
    """The gradebook's address with how long to wait for it. SQLite's path is relative to the course's folder.

    What the address itself says of PostgreSQL's waiting stays. Raises GradingError.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    prefix = "sqlite:///"
    if url.startswith(prefix):
        path = url.removeprefix(prefix).partition("?")[0]
        return f"{prefix}{base / path}?timeout={LOCKED_S}"
    try:
        parts = make_url(url)
    except ArgumentError:  # the value may hold a password
        form = "give sqlite:///FILE or postgresql://USER@HOST/DATABASE"
        raise GradingError(f"the gradebook's address (COURSE_GRADEBOOK, or db_url) is none; {form}") from None
    if parts.get_backend_name() != "postgresql":
        return url
    waits = {"connect_timeout": str(CONNECT_S), "options": f"-c lock_timeout={LOCKED_S}s"}
    parts = parts.update_query_dict(waits | dict(parts.query))
    return parts.render_as_string(hide_password=False)


def sandbox_name(root: Path, asked: SandboxName | None) -> SandboxName:
    """Return the sandbox that was asked for, else the class's own (`c.CourseGrading.sandbox`), else the full one.

    Raises GradingError.
    """
    is_class = (root / "nbgrader_config.py").is_file()
    chosen = asked or (nbgrader_settings(root).CourseGrading.get("sandbox", "full") if is_class else "full")
    if chosen not in get_args(SandboxName):
        raise GradingError(
            f"nbgrader_config.py: c.CourseGrading.sandbox is {chosen!r}; write {' or '.join(get_args(SandboxName))}"
        )
    return chosen


def late_policy(root: Path) -> Penalty:
    """The plugin that nbgrader's configuration names, as a function of (learner, score, seconds late)."""
    from nbgrader.preprocessors import AssignLatePenalties

    step = AssignLatePenalties(config=nbgrader_settings(root))
    step.init_plugin()
    return step.plugin_inst.late_submission_penalty  # type: ignore[no-any-return]
