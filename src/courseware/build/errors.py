"""What can go wrong while notebooks are built.

BuildError
├── SourceError      a text source breaks the rules of docs/guides/authoring.md
├── ExecutionError   a lesson's cell failed where none should
└── ReleaseError     nbgrader refused to make a release
"""


class BuildError(Exception):
    """Base of everything the builder refuses; its text is one line that ends in what to do."""


class SourceError(BuildError):
    """A text source is malformed."""


class ExecutionError(BuildError):
    """A cell of a lesson raised, or did not raise where it is marked to."""


class ReleaseError(BuildError):
    """nbgrader's own generate step failed."""
