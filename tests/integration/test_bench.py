"""`course bench curriculum` prints the figures the contract names, measured in this run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.kernel, pytest.mark.needs_models, pytest.mark.slow, pytest.mark.timeout(900)]


def test_json_holds_the_named_figures_and_nothing_else(root: Path) -> None:
    command = [sys.executable, "-m", "courseware.cli", "bench", "curriculum", "--json"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["bench"] == "curriculum"
    assert set(found["figures"]) == {"minutes", "slowest_lesson_s", "slowest_lab_s", "peak_mb"}
    assert all(value > 0 for value in found["figures"].values())
