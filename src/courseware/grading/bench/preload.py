"""What a template costs before its first submission: `python -m …bench.preload LAB`, with the options of `ours`."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from courseware.grading.bench.classroom import Classroom, bench_week
from courseware.grading.bench.ours import parser
from courseware.grading.journal import Attempt
from courseware.grading.lab import GradedLab
from courseware.grading.submissions import Submission
from courseware.grading.work import Work
from courseware.grading.worker import Worker
from courseware.manifest import course_root


def main() -> None:
    """Have a worker start its template for a submission without cells, end it, and print what that took as JSON."""
    options = parser().parse_args()
    lab, worker = Classroom(course_root(), bench_week(options.lab), ()).lab, Worker()
    task = _task(lab, cold=options.cold, memo=not options.no_memo)
    cpu_s, begun = _children_cpu_s(), time.monotonic()
    examined = worker.work(task)
    worker.close()
    assert b"examined" in examined, examined
    print(json.dumps({"cpu_s": _children_cpu_s() - cpu_s, "wall_s": time.monotonic() - begun}))


def _task(lab: GradedLab, *, cold: bool, memo: bool) -> bytes:
    nobody = Submission("nobody", (), lab.version, {}, None, "")
    task = Work(nobody, lab, Attempt(Path(os.devnull), 1), "practice").task(cold=cold, memo=memo)
    return json.dumps({**json.loads(task), "cells": []}).encode()


def _children_cpu_s() -> float:
    """CPU seconds of the processes that this one has waited for."""
    used = os.times()
    return used.children_user + used.children_system


if __name__ == "__main__":
    main()
