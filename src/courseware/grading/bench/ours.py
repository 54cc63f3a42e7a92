"""`course grade` of one of the bench's labs, which the manifest does not know: `python -m …bench.ours LAB`."""

from __future__ import annotations

import argparse
import sys

from courseware.checks import World
from courseware.errors import DONE, FAILED
from courseware.grading.bench.classroom import LABS, bench_week
from courseware.grading.executors import executor_for
from courseware.grading.grade import Grading
from courseware.manifest import course_root


def parser() -> argparse.ArgumentParser:
    """What may be asked for."""
    options = argparse.ArgumentParser()
    options.add_argument("lab", choices=LABS)
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--cold", action="store_true")
    options.add_argument("--no-memo", action="store_true")
    return options


def main() -> int:
    """Grade as `course grade` does; return FAILED where a submission was not graded."""
    options = parser().parse_args()
    root, week = course_root(), bench_week(options.lab)
    grading = Grading(root, week, seed=World.seed, say=print, cold=options.cold, memo=not options.no_memo)
    return FAILED if grading.run(executor_for(root, options.workers, None)).reported else DONE


if __name__ == "__main__":
    sys.exit(main())
