"""The same corpus under stock nbgrader, for the record: where nothing can be harmed, written as a page."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
RECORD, RECORD_TO, REFUSED, ALL = "RECORD ", "HOSTILE_RECORD", "refused", "7"
NAMESPACES = [
    "timeout",
    "--kill-after=5",
    "2400",
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
@pytest.mark.timeout(2700)
def test_stock_runs_the_corpus_too(stage: Any, corpus: Any, root: Path) -> None:
    if os.geteuid() != 0 or subprocess.run([*NAMESPACES, "true"], capture_output=True, check=False).returncode:
        pytest.skip("only root can close stock in")
    stage.words |= WORDS
    stage.hand_in([one for one in corpus if "student" not in one.settings], "1")
    command = [str(HERE / "closed.sh"), str(stage.folder), sys.prefix, str(root)]
    grade = [sys.executable, str(HERE / "stock_grading.py"), str(stage.made.root), stage.made.lab]
    done = subprocess.run(
        [*NAMESPACES, "sh", *command, *grade], env=stage.made.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [line for line in done.stdout.splitlines() if line.startswith(RECORD)]
    stock = json.loads(lines[-1].removeprefix(RECORD))
    assert set(stock) == {*stage.attacks, *stage.honest}
    stage.graded()
    ours = stage.made.scores()
    rows = [_row(attack, stock[student], ours.get(student)) for student, attack in stage.attacks.items()]
    page = _page(rows, {_points(stock[student]) for student in stage.honest})
    if RECORD_TO in os.environ:
        Path(os.environ[RECORD_TO]).write_text(page, encoding="utf-8")
    print(page)


@dataclass(frozen=True)
class _Row:
    """One attack: what its honest answers are worth, and what it got."""

    attack: Any
    deserved: str
    stock: str
    got: bool
    harm: bool
    ours: str

    @property
    def gains(self) -> bool:
        """Whether stock gives it more than it deserves."""
        numbers = self.stock[0].isdecimal() and self.deserved != REFUSED
        return numbers and float(self.stock) > float(self.deserved)

    def text(self) -> str:
        tries = self.attack.tries.replace("|", "\\|")
        name = f"{self.attack.kind}/{self.attack.name}"
        got, harm = ("yes" if so else "" for so in (self.got, self.harm))
        return f"| {name} | {tries} | {self.deserved} | {self.stock} | {got} | {harm} | {self.ours} |"


def _row(attack: Any, stock: dict[str, Any], ours: dict[str, Any] | None) -> _Row:
    deserved = REFUSED if "reported" in attack.settings else f"{sum(attack.scores.values()):g}"
    got, harm = bool(stock.get("got")), bool(stock["harm"])
    return _Row(attack, deserved, _points(stock), got, harm, _points({"scores": ours}) if ours else REFUSED)


def _points(told: dict[str, Any]) -> str:
    """The points of the four checks, for the memo's are a person's; or why there are none."""
    if told.get("scores") is None:
        return str(told.get("said") or "no grade")
    return f"{sum(score or 0 for name, score in told['scores'].items() if name != 'memo'):g}"


def _page(rows: list[_Row], honest: set[str]) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("nbgrader", "nbconvert", "nbclient", "ipykernel"))
    kinds = sorted({row.attack.kind for row in rows})
    families = [_family(kind, [row for row in rows if row.attack.kind == kind]) for kind in kinds]
    told = " or ".join(sorted(honest))
    wanted = os.environ.get("HOSTILE_ONLY")
    return PAGE.format(
        command=f"{RECORD_TO}=docs/reference/attacks.md pytest tests/hostile/test_stock.py",
        chosen=f"Of `tests/hostile/corpus`, the attacks in {', '.join(kinds)}"
        if wanted
        else "Every attack of the corpus",
        day=datetime.now(UTC).date(),
        versions=versions,
        python=platform.python_version(),
        honest=told,
        all_points=ALL,
        families="\n".join(families),
        rows="\n".join(row.text() for row in rows),
    )


def _family(kind: str, rows: list[_Row]) -> str:
    gain, got = sum(row.gains for row in rows), sum(row.got for row in rows)
    without = sum(not row.stock[0].isdecimal() for row in rows)
    harm = sum(row.harm for row in rows)
    same = sum(row.ours == row.deserved for row in rows)
    return f"| {kind} | {len(rows)} | {gain} | {without} | {got} | {harm} | {same} |"


PAGE = """<!-- Made by `{command}`. -->
# Attacks, stock nbgrader and `course grade`

{chosen}, graded by both on {day} with {versions} and Python
{python}. Stock ran where it could harm nothing, each time on a fresh copy of the class in memory, as the class's owner,
without a network. What attacks look for outside the class was not there, so they get the least that they can get. All
points are {all_points}; honest submissions by themselves got {honest} from stock.

| family | attacks | too many points | no grade | get somewhere | harm the class | right in `course grade` |
|---|---:|---:|---:|---:|---:|---:|
{families}

The columns but the last are stock's. *Get somewhere* means that the attack's own output says so: it read, wrote or
reached what it should not. *Harm the class* means that files of the class changed which grading does not write. In
`course grade` neither happens; `tests/hostile/test_corpus.py` fails where it would. *Deserves* is what the honest
answers in a submission are worth; *refused* is reported to the instructor and not graded. Learners whose names are an
attack are left out.

| attack | what it does | deserves | stock | gets somewhere | harms the class | `course grade` |
|---|---|---:|---:|---|---|---:|
{rows}
"""
