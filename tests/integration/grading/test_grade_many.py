"""Five hundred submissions on two workers: memory stays where it was, and nothing is left behind."""

from __future__ import annotations

import contextlib
import re
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import psutil
import pytest

SUBMISSIONS = 500
ANSWERS = ({}, {"twice": "def twice(number):\n    return abs(2 * number)"})
SCORES = (7, 6)
SAMPLE_S = 0.5
# What an interpreter's own caches and an allocator's pages may add between the run's second quarter and its last.
GROWTH_BYTES = 8 * 2**20


def memory_over(tiny: Any, run: Any) -> dict[str, list[int]]:
    """The resident memory of the largest process of each kind, sampled until the run ends.

    Not its proportional part of shared pages: a template's is halved whenever a fork of it lives.
    """
    samples: dict[str, list[int]] = defaultdict(list)
    while run.poll() is None:
        for kind, processes in tiny.processes(run.pid).items():
            with contextlib.suppress(psutil.NoSuchProcess, ValueError):
                samples[kind].append(max(process.memory_info().rss for process in processes))
        time.sleep(SAMPLE_S)
    return samples


def growth(samples: list[int]) -> float:
    """How much more it is in the last quarter than in the second."""
    quarter = len(samples) // 4
    return statistics.median(samples[-quarter:]) - statistics.median(samples[quarter : 2 * quarter])


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_five_hundred_submissions_leave_memory_flat_and_nothing_behind(tiny: Any, tmp_path: Path) -> None:
    for number in range(SUBMISSIONS):
        tiny.submit(f"s{number:03}", tiny.reference | ANSWERS[number % len(ANSWERS)])
    temporary, said = tmp_path / "temporary", tmp_path / "said"
    temporary.mkdir(mode=0o755)
    run = tiny.started(said, TMPDIR=str(temporary))
    samples = memory_over(tiny, run)
    lines = said.read_text().splitlines()
    assert (run.returncode, lines[-1]) == (0, f"{tiny.lab}: 500 graded (0 as before), 0 reported")
    totals = [sum(scores[name] or 0 for name in scores) for _, scores in sorted(tiny.scores().items())]
    assert totals == [SCORES[number % len(SCORES)] for number in range(SUBMISSIONS)]
    rate = re.search(r"\d+ a minute", lines[-2])
    assert rate is not None
    print(rate.group(), {kind: (max(of), growth(of)) for kind, of in samples.items()})  # for `pytest -s`
    for kind in ("driver", "worker", "template"):
        assert growth(samples[kind]) < GROWTH_BYTES, f"{kind}: {samples[kind]}"
    assert list(temporary.iterdir()) == []
    assert tiny.left_over() == []
