"""A notebook's folder with a practice file, and a progress file of its own, for the tests of courseware.learner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from courseware.learner import notebook, progress

WEEK = "week_01_tokenization"

PRACTICE = """
[[predict]]
id = "emoji-bytes"
question = "How many bytes does `🙂` take?"
options = ["1", "2", "4"]
answer = "4"
why = "PREDICTION-WHY"

[[exercise]]
id = "pair-counts"
hints = ["HINT-ONE", "HINT-TWO", "HINT-THREE"]
answer = '''
def pair_counts(ids):  # WORKED-ANSWER
    return Counter(zip(ids, ids[1:]))
'''

[[exercise]]
id = "open-end"
hints = ["one", "two", "three"]

[[quiz]]
id = "length"
question = "What does `len` count?"
objective = 1
options = [
    { text = "Bytes", why = "WHY-BYTES" },
    { text = "Code points", right = true, why = "WHY-POINTS" },
]

[[quiz]]
id = "second"
question = "Another?"
objective = 2
options = [
    { text = "Yes", right = true, why = "WHY-YES" },
    { text = "No", why = "WHY-NO" },
]
"""

Said = Callable[[], str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a notebook of week 01, the current one; progress is kept in `progress.jsonl` beside it."""
    folder = tmp_path / WEEK
    folder.mkdir()
    (folder / "practice.toml").write_text(PRACTICE, encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.jsonl"))
    for name in ("COURSE_STATIC", "NBGRADER_EXECUTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(progress, "_in_memory", [])
    monkeypatch.setattr(progress, "_warned", set())
    monkeypatch.setattr(notebook, "_opened", [])
    return folder


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """Gives what was printed since the last time; outside IPython everything is shown as text."""
    return lambda: capsys.readouterr().out


@pytest.fixture
def static(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outputs are made for a page that nobody clicks in."""
    monkeypatch.setenv("COURSE_STATIC", "1")
