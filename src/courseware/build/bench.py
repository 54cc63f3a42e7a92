"""`course bench curriculum`: how long the ready lessons and labs take from top to bottom on this machine."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from courseware.build import lesson as lessons
from courseware.build.environment import kernel_environment
from courseware.build.lab import source_notebook, write_source
from courseware.build.places import Week
from courseware.kernels import notebook_client
from courseware.machine import machine
from courseware.manifest import Course, course_root, load

_LAB_CELL_SECONDS = 300


def bench_command(*, as_json: bool) -> int:
    """Run every ready lesson and lab once, one after the other, and print the figures."""
    seconds = _seconds(course_root(), load(), lambda line: print(line, file=sys.stderr))
    figures = {
        "minutes": round(sum(seconds.values()) / 60, 2),
        "slowest_lesson_s": round(max(s for (part, _), s in seconds.items() if part == "lesson"), 1),
        "slowest_lab_s": round(max(s for (part, _), s in seconds.items() if part == "lab"), 1),
        "peak_mb": _peak_mb(),
    }
    if as_json:
        print(json.dumps({"bench": "curriculum", "machine": machine(), "figures": figures}))
    else:
        print("\n".join(f"{name}: {value}" for name, value in figures.items()))
    return 0


def _seconds(root: Path, course: Course, say: Callable[[str], None]) -> dict[tuple[str, str], float]:
    """Return the wall seconds of each lesson and lab, kernel start included."""
    seconds = {}
    for planned in course.weeks:
        week = Week(root, planned.id)
        for part, state in (("lesson", planned.lesson.state), ("lab", planned.lab.state)):
            if state != "ready":
                continue
            started = time.perf_counter()
            if part == "lesson":
                lessons.execute(lessons.lesson_notebook(week), week)
            else:
                _run_reference(week, course)
            seconds[part, week.id] = time.perf_counter() - started
            say(f"{week.id} {part}: {seconds[part, week.id]:.1f} s")
    return seconds


def _run_reference(week: Week, course: Course) -> None:
    """Run a lab with the reference's answers, checks included, in a plain kernel."""
    lab = course.week(week.id).lab
    with tempfile.TemporaryDirectory() as scratch:
        write_source(week, lab, Path(scratch))
        client = notebook_client(source_notebook(week, lab), Path(scratch) / week.id, seconds=_LAB_CELL_SECONDS)
        client.execute(env=kernel_environment(week.root))


def _peak_mb() -> float | None:
    """Return the largest resident memory any kernel had, in MB (10^6 bytes); None where the system does not say."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 1e6)
