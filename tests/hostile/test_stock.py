"""The same corpus under stock nbgrader, for the record: where nothing can be harmed, and printed as a table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
NAMESPACES = [
    "timeout",
    "--kill-after=5",
    "1500",
    "unshare",
    "--mount",
    "--pid",
    "--fork",
    "--mount-proc",
    "--net",
    "--ipc",
    "--kill-child",
]
# Where stock is not root's program, it cannot be closed in; a name that is markup is no name for its command.
WORDS = {name: f"/nowhere/{name}" for name in ("HOME", "CANARY", "SOCKET")} | {
    "CANARIES": "['/tmp/canary']", "VICTIM": "999999", "PORT": "1", "UDP": "1", "ABSTRACT": "nobody",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.kernel
@pytest.mark.timeout(1800)
def test_stock_runs_the_corpus_too(stage: Any, corpus: Any, root: Path) -> None:
    if os.geteuid() != 0 or subprocess.run([*NAMESPACES, "true"], capture_output=True, check=False).returncode:
        pytest.skip("only root can close stock in")
    stage.words |= WORDS
    wanted = os.environ.get("HOSTILE_ONLY", "")
    chosen = [one for one in corpus if wanted in f"{one.kind}/{one.name}" and "student" not in one.settings]
    stage.hand_in(chosen, "1")
    command = [str(HERE / "closed.sh"), str(stage.folder), sys.prefix, str(root)]
    grade = [sys.executable, str(HERE / "stock_grading.py"), str(stage.made.root), stage.made.lab]
    done = subprocess.run(
        [*NAMESPACES, "sh", *command, *grade], env=stage.made.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    for student, attack in stage.attacks.items():
        print(f"{attack.kind}/{attack.name:40} ours {_ours(attack)}  stock {_total(found.get(student))}")
    assert set(found) == {*stage.attacks, *stage.honest}


def _ours(attack: Any) -> str:
    return "reported" if "reported" in attack.settings else f"{sum(attack.scores.values()):g}"


def _total(told: Any) -> str:
    return f"{sum(score or 0 for score in told.values()):g}" if isinstance(told, dict) else str(told)
