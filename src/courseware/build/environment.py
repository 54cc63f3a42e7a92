"""The variables that the course's own cells run with while it is built."""

from __future__ import annotations

import os
from pathlib import Path


def course_variables(root: Path) -> dict[str, str]:
    """Return what makes cells belong to the course at `root`.

    Static widgets, no record of progress, answers from recordings and scenarios alone.
    """
    return {"COURSE_ROOT": str(root), "COURSE_STATIC": "1", "COURSE_STRICT": "1", "COURSE_PROGRESS": os.devnull}


def kernel_environment(root: Path) -> dict[str, str]:
    """Return the whole environment of a kernel: this process's, one thread, and the course's variables."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0", **course_variables(root)}
