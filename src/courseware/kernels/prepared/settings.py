"""What a template is to prepare."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Prepare:
    """A lab's `warm.py`, the folder with the files that learners have, and whether results are remembered."""

    file: Path
    released: Path
    memo: bool = True
