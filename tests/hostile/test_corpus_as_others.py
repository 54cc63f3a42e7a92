"""The corpus once more: as a user who is not root, and in the lesser sandbox where no namespace may be made."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
AS_USER = HERE.parent / "integration" / "kernels" / "as_user.py"
WAYS = {
    "ordinary user": ("full", ["12345"]),
    "root, lesser sandbox": ("lesser", ["0", "--without-namespaces"]),
    "ordinary user, lesser sandbox": ("lesser", ["12345", "--without-namespaces"]),
}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", WAYS)
def test_no_attack_gains_anything_there_either(way: str) -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux becomes others")
    sandbox, arguments = WAYS[way]
    with tempfile.TemporaryDirectory(prefix="hostile-home-") as home:
        Path(home).chmod(0o777)
        tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={home}/tests", HERE / "test_corpus.py"]
        done = subprocess.run(
            [sys.executable, AS_USER, *arguments, *tests],
            env=os.environ | {"HOME": home, "HOSTILE_SANDBOX": sandbox, "TMPDIR": "/tmp"},
            cwd=HERE.parents[1], capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:]
    assert "1 passed" in done.stdout
