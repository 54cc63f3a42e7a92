"""What can go wrong when the manifest is found, read or asked.

ManifestError                 anything below; its text is one line per problem
├── CourseNotFoundError       no course.toml in any of the places that are looked at
├── InvalidManifestError      course.toml has problems; `.problems` lists them
├── UnknownNameError          a week, unit, track, role or model nobody has heard of, or that could be several
└── DocumentError             a document lacks the markers its generated tables go between
"""

from dataclasses import dataclass
from pathlib import Path


class ManifestError(Exception):
    """The manifest could not be found, read or asked."""


class CourseNotFoundError(ManifestError):
    """Raised by `course_root` when no folder holds a course.toml."""


class UnknownNameError(ManifestError):
    """Raised by a look-up when a name fits nothing, or more than one thing."""


class DocumentError(ManifestError):
    """Raised when a generated document misses a marker or names a table that does not exist."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to repair. `line` counts from 1; `text` starts with the key and ends with what to do."""

    line: int
    text: str


class InvalidManifestError(ManifestError):
    """Raised by `load`; the message has one line per problem, in the order of the file."""

    def __init__(self, path: Path, problems: tuple[Problem, ...]) -> None:
        self.path = path
        self.problems = problems
        super().__init__("\n".join(f"{path.name}:{problem.line}: {problem.text}" for problem in problems))
