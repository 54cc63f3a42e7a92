"""The lesser sandbox where namespaces are forbidden, for root and for an ordinary user: what it keeps, how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from courseware.kernels import Template, TemplateFailed

HERE = Path(__file__).parent
REFUSED = "PermissionError"
EXPECTED = {
    "template listens": [],
    "shown": "week one",
    "owner's file, other mode": "done",  # it says so; `changed` knows better
    "owner's file, other mode by number": "0",
    "owner's file, other times": "done",
    "owner's file, other attribute": "OSError",
    "owner's file watched": "Operation not permitted",
    "template traced": "Operation not permitted",
    "given port": "2",
    "abstract socket by a sequenced pair": "OSError",
    "abstract socket by a stream pair": "OSError",
    "own pair": "(1, b'x')",
    "own files": "[1, None, None, ['n', 'a.txt', 'd']]",
    "own program": "b'6\\n'",
    "own processes": "-9",
    "supervised": [
        "it ran; nothing left",
        "passed its limit of 20 processes; nothing left",
        "passed its disk limit of 8.0 MiB; nothing left",
        "passed its disk limit of 8.0 MiB; nothing left",
        "passed its disk limit of 8.0 MiB; nothing left",
        "passed its memory limit of 200.0 MiB; nothing left",
        "passed its processor time limit of 1 s; nothing left",
    ],
    "killed": "1 ran; nothing left",
    "heard": [],
    "changed": False,
}
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux")


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86-64")
@pytest.mark.parametrize(("uid", "linked"), [(0, REFUSED), (12345, "OSError")])
def test_without_namespaces_the_lesser_sandbox_keeps_what_it_says(uid: int, linked: str) -> None:
    if uid != os.geteuid() != 0:
        pytest.skip("only root becomes others")
    command = [str(HERE / "as_user.py"), str(uid), "--without-namespaces", str(HERE / "lesser_attempts.py")]
    variables = {"PATH": "/usr/bin:/bin", "HOME": "/tmp"}
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, cwd="/", timeout=120, env=variables
    )
    if "Landlock" in done.stderr:
        pytest.skip(done.stderr.splitlines()[-1])
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    full = found.pop("full")
    assert "the sandbox cannot be had: a " in full
    assert "course grade --sandbox lesser" in full
    assert found == dict.fromkeys(found, REFUSED) | EXPECTED | {"owner's file linked": linked}


TOO_OLD = """
from courseware.kernels.sandbox import lesser
lesser.landlock_version = lambda: 5
from courseware.kernels import template_main
template_main.main()
"""


def test_where_landlock_is_too_old_the_lesser_sandbox_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "crippled.py").write_text(TOO_OLD, encoding="utf-8")
    monkeypatch.setattr("courseware.kernels.process._MAIN", "crippled")
    with pytest.raises(TemplateFailed, match=r"has version 5 of Landlock.*[.] Use Linux 6.12 or later"):
        Template.start([], lesser=True, environment={"PYTHONPATH": str(tmp_path)})
