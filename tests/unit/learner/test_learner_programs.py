"""A notebook runs the program it wrote as its checks do, and hears when it does not end."""

from __future__ import annotations

from pathlib import Path

import pytest

from courseware.checks import ProgramRun
from courseware.learner import run_program


def test_run_gives_status_and_both_streams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "of the notebook")
    source = (
        "import os, sys; print(sys.argv[1], input(), sorted({'A', 'OPENAI_API_KEY'} & set(os.environ))); sys.exit('no')"
    )
    (tmp_path / "program.py").write_text(source)
    ran = run_program("program.py", "--flag", stdin="hello\n", env={"A": "1"})
    assert ran == ProgramRun(1, "--flag hello ['A']\n", "no\n")


def test_program_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "program.py").write_text("while True: pass")
    with pytest.raises(TimeoutError, match=r"program\.py was still running after 0\.5 s"):
        run_program("program.py", seconds=0.5)
