"""The variables that the course's own cells run with while it is built."""

from __future__ import annotations

import os
from pathlib import Path

from courseware.kernels import course_variables


def kernel_environment(root: Path) -> dict[str, str]:
    """Return the whole environment of a kernel: this process's, one thread, and the course's variables."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0", **course_variables(root)}
