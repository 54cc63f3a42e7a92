"""`course lab` starts a real JupyterLab: on loopback, behind a token, offline, and gone when it is told to end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.kernel

START_SECONDS = 120
NOTIFICATIONS = "lab/api/settings/@jupyterlab/apputils-extension:notification"


@dataclass(frozen=True)
class Lab:
    """A running `course lab`: its process, address, token and what it said."""

    process: subprocess.Popen[bytes]
    url: str
    token: str
    log: Path

    def get(self, path: str, *, token: str | None = None, method: str = "GET") -> tuple[int, str, str]:
        """Return status, final address and text of an answer, with the token unless another is given."""
        secret = self.token if token is None else token
        headers = {"Authorization": f"token {secret}"} if secret else {}
        request = urllib.request.Request(self.url + path, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.url, error.read().decode()

    def json(self, path: str, method: str = "GET") -> Any:
        return json.loads(self.get(path, method=method)[2])


def environment(root: Path, folder: Path, **variables: str) -> dict[str, str]:
    """Variables under which nothing of the person's own Jupyter or course is read."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("COURSE_", "JUPYTER", "XDG_"))}
    places = {"COURSE_ROOT": str(root), "COURSE_WORKSPACE": str(folder / "mine"), "HOME": str(folder)}
    return clean | places | {"PYTHONUNBUFFERED": "1"} | variables


def start(root: Path, folder: Path, *arguments: str) -> Lab:
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "courseware.cli", "lab", *arguments, "--no-browser"],
            env=environment(root, folder), cwd=folder, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"(http://127\.0\.0\.1:\d+/)lab\S*\?token=(\w+)", log.read_text())
        if found:
            return Lab(process, found.group(1), found.group(2), log)
        time.sleep(0.1)
    stop(process)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)


@pytest.fixture(scope="module")
def lab(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One server for the tests that only ask it something."""
    running = start(root, tmp_path_factory.mktemp("lab"), "01")
    yield running
    stop(running.process)


def test_it_listens_on_loopback_only(lab: Lab) -> None:
    family = psutil.Process(lab.process.pid)
    sockets = [each for process in (family, *family.children(recursive=True)) for each in process.net_connections()]
    listening = {each.laddr.ip for each in sockets if each.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


@pytest.mark.parametrize("path", ["api/contents", "api/kernels", "lab/api/settings", "files/labs", "api/terminals"])
@pytest.mark.parametrize("token", ["", "0" * 48], ids=["none", "wrong"])
def test_request_without_its_token_is_refused(lab: Lab, path: str, token: str) -> None:
    status, url, _ = lab.get(path, token=token)
    assert status == 403 or "/login" in url


def test_request_with_its_token_sees_the_workspace_and_no_more(lab: Lab) -> None:
    names = {entry["name"] for entry in lab.json("api/contents")["content"]}
    assert names == {"labs", "notebooks"}
    assert lab.get("api/contents/../../etc")[0] in (403, 404)


def test_it_opens_the_lesson_of_the_week_that_was_asked_for(lab: Lab) -> None:
    status, url, _ = lab.get("")
    assert status == 200
    assert url == f"{lab.url}lab/tree/notebooks/week_01_tokenization/lesson.ipynb"
    assert lab.json("api/contents/notebooks/week_01_tokenization/lesson.ipynb?content=0")["type"] == "notebook"


def test_news_and_update_checks_are_off_in_the_page(lab: Lab) -> None:
    settings = lab.json(NOTIFICATIONS)["settings"]
    assert (settings["fetchNews"], settings["checkForUpdates"]) == ("false", False)
    assert lab.json("lab/api/settings/@jupyterlab/notebook-extension:tracker")["settings"]["windowingMode"] == "none"


def test_news_and_updates_are_off_in_the_server_too(lab: Lab) -> None:
    started = time.monotonic()
    assert lab.json("lab/api/news") == {"news": []}
    assert lab.json("lab/api/update") == {"notification": None}
    assert time.monotonic() - started < 20
    assert "Failed to fetch" not in lab.log.read_text()


def test_extensions_cannot_be_looked_up_or_installed(lab: Lab) -> None:
    page = lab.get("lab")[2]
    config = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL).group(1))
    assert config["extensionManager"]["can_install"] is False
    assert config["news"] == {"disabled": True}


def test_it_ends_on_sigterm_with_its_kernels(root: Path, tmp_path: Path) -> None:
    lab = start(root, tmp_path, "00")
    try:
        lab.json("api/kernels", method="POST")
        family = psutil.Process(lab.process.pid).children(recursive=True)
        assert family
        lab.process.send_signal(signal.SIGTERM)
        lab.process.wait(30)
        _, alive = psutil.wait_procs(family, timeout=30)
        assert alive == []
    finally:
        stop(lab.process)


def run(root: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "courseware.cli", "lab", "--no-browser", *arguments],
        env=environment(root, folder), cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_busy_port_is_one_line_with_a_next_step(root: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(root, tmp_path, "--port", str(port))
    assert (done.returncode, done.stdout) == (3, "")
    reason = f"cannot listen on port {port}: Address already in use"
    assert done.stderr == f"{reason}; name another with --port, or leave it out\n"
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("port", ["0", "-1", "65536"])
def test_port_that_is_none_is_a_usage_error(root: Path, tmp_path: Path, port: str) -> None:
    done = run(root, tmp_path, f"--port={port}")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"--port is {port}; name one from 1 to 65535")
