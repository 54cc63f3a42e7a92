"""A worker process: tasks as lines on standard input, news as lines on standard output. Ends with its owner.

Its argument is a folder of the owner's for the checks' files.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from courseware.grading.worker import Worker
from courseware.kernels import die_with_parent


def main() -> None:
    """Serve until standard input ends."""
    die_with_parent(os.getppid())
    # What a library prints must not come between the news.
    news = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def tell(told: Mapping[str, Any]) -> None:
        news.write(json.dumps(told).encode() + b"\n")
        news.flush()

    worker = Worker(Path(sys.argv[1]))
    try:
        for line in sys.stdin.buffer:
            news.write(worker.work(line, tell) + b"\n")
            news.flush()
    finally:
        worker.close()


if __name__ == "__main__":
    main()
