"""What can go wrong with a corpus. Every message is one line that ends in the next step.

CorpusError
├── UnknownEdition     an edition that is not in the table
├── PatternError       a text pattern or a knowledge file says something impossible
├── BrokenCorpus       a quality gate found fault with what was built
├── SourceMissing      the package behind a real corpus is not installed
├── FolderRefused      the folder to build into holds something else, or cannot be written
└── VectorsUnusable    kept vectors that are missing, damaged, or of other texts
"""

from __future__ import annotations

from pathlib import Path

from courseware.errors import ENVIRONMENT, FAILED, USAGE, CommandError


class CorpusError(CommandError):
    """Base of every error of this subpackage."""


class UnknownEdition(CorpusError):
    """An edition that is not in the table."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no edition {name!r}; choose one of {', '.join(known)}", USAGE)


class PatternError(CorpusError):
    """A text pattern or a knowledge file says something impossible."""


class BrokenCorpus(CorpusError):
    """A quality gate found fault with what was built."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        shown = "; ".join(faults[:3]) + (f"; and {len(faults) - 3} more" if len(faults) > 3 else "")
        super().__init__(f"the corpus breaks {len(faults)} of its promises: {shown}", FAILED)
        self.faults = faults


class SourceMissing(CorpusError):
    """The package behind a real corpus is not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(f"the package {package} is not installed; run: make setup", ENVIRONMENT)


class FolderRefused(CorpusError):
    """The folder to build into holds something else, or cannot be written."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ENVIRONMENT)


class VectorsUnusable(CorpusError):
    """Kept vectors that are missing, damaged, or of other texts."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"{file} {why}; run `python make.py` in data/gold/company_vectors", ENVIRONMENT)
