"""`course grade` of one of the bench's labs, which the manifest does not know: `python -m …bench.ours LAB`."""

from __future__ import annotations

import argparse
import sys

from courseware.grading.bench.classroom import LABS, bench_week
from courseware.grading.commands import grade
from courseware.grading.executors import executor_for
from courseware.manifest import course_root


def parser() -> argparse.ArgumentParser:
    """What may be asked for."""
    options = argparse.ArgumentParser()
    options.add_argument("lab", choices=LABS)
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--cold", action="store_true")
    return options


def main() -> int:
    """Grade as `course grade --json` does."""
    options = parser().parse_args()
    root = course_root()
    executor = executor_for(root, options.workers, None)
    return grade(root, bench_week(options.lab), executor, cold=options.cold, as_json=True)


if __name__ == "__main__":
    sys.exit(main())
