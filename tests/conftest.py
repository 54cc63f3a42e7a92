"""What every test may use: the course's root and manifest, and an environment that belongs to nobody."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from courseware.manifest import Course, load

ROOT = Path(__file__).resolve().parents[1]

# Tests must not read or write the person's own progress, workspace, class or course.
for name in (
    "COURSE_WORKSPACE",
    "COURSE_PROGRESS",
    "COURSE_CLASS_SEED",
    "COURSE_ATTEMPT",
    "COURSE_GRADERS",
    "COURSE_ROOT",
    "COURSE_GRADEBOOK",
):
    os.environ.pop(name, None)
os.environ["OMP_NUM_THREADS"] = "1"


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout's folder."""
    return ROOT


@pytest.fixture(scope="session")
def course() -> Course:
    """The manifest as committed."""
    return load(ROOT / "course.toml")


@pytest.fixture
def formgrader() -> Iterator[Callable[[Path, Mapping[str, str]], str]]:
    """A function that serves stock formgrader in a class's folder, with more variables; it returns the address.

    The token is "formgrader". Servers end with the test.
    """
    with ExitStack() as servers:

        def serve(folder: Path, variables: Mapping[str, str]) -> str:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            options = [
                f"--ServerApp.port={port}",
                "--IdentityProvider.token=formgrader",
                "--no-browser",
                "--allow-root",
            ]
            log = servers.enter_context((folder / "formgrader.log").open("w"))
            process = subprocess.Popen(
                [sys.executable, "-m", "jupyter_server", *options], cwd=folder, env=os.environ | variables,
                stdout=log, stderr=log,
            )  # fmt: skip
            servers.callback(_ended, process)
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/formgrader/gradebook?token=formgrader", process, folder / "formgrader.log")
            return address

        yield serve


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"no formgrader at {url}:\n{log.read_text()[-2000:]}")


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(20)
