"""A real JupyterLab on a workspace of its own, and Debian's Chromium driving it with every request counted."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, sync_playwright

# Everything here that keeps Chromium from calling home; without it, it looks its maker's hosts up at every start.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 120


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its address with token, and the workspace it serves."""

    url: str
    token: str
    workspace: Path

    def page_url(self, path: str) -> str:
        return f"{self.url}lab/tree/{path}?token={self.token}&reset"


@dataclass
class Browser:
    """A page, and each request it made that left loopback."""

    page: Page
    beyond_loopback: list[str] = field(default_factory=list)

    def note(self, request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host and host not in ("127.0.0.1", "localhost", "::1"):
            self.beyond_loopback.append(request.url)


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    pytest.fail("no Chromium found; run make browser")


@pytest.fixture(scope="module")
def lab(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """`course lab`, as a learner starts it."""
    workspace = tmp_path_factory.mktemp("workspace")
    log = workspace / "server.log"
    environment = os.environ | {"COURSE_ROOT": str(root), "COURSE_WORKSPACE": str(workspace / "mine")}
    environment["JUPYTER_CONFIG_DIR"] = str(workspace / "config")
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "courseware.cli", "lab", "--no-browser"],
            env=environment, cwd=workspace, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        url, token = _address(log)
        yield Lab(url, token, workspace / "mine")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _address(log: Path) -> tuple[str, str]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        found = re.search(r"(http://127\.0\.0\.1:\d+/)lab\S*\?token=(\w+)", log.read_text())
        if found:
            return found.group(1), found.group(2)
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        seen = Browser(chrome.new_page(viewport={"width": 1400, "height": 1000}))
        seen.page.on("request", seen.note)
        yield seen
        chrome.close()
