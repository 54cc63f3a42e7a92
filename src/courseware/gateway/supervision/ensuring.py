"""`ensure`: the gateway that runs, else a new one. Any number may ask at once; one starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from courseware.gateway.supervision.connection import Connection, GatewayError
from courseware.gateway.supervision.state import State, fingerprint, read_state, state_folder, state_path
from courseware.manifest import course_root
from courseware.models.locking import locked

START_SECONDS = 60.0
_POLL_S = 0.05
# Beyond this a new gateway begins its log anew; what went wrong lately is at the end of the old one until then.
_MOST_LOG_BYTES = 5_000_000
# Kept, so that Python does not warn of a child that runs on: it is meant to.
_started: list[subprocess.Popen[bytes]] = []


def running(root: Path | None = None) -> State | None:
    """The state of the gateway that runs for this course and answers, or None. Starts nothing."""
    state = read_state(state_path(root))
    if state is None or not state.is_alive():
        return None
    try:
        Connection.of(state).status()
    except GatewayError:
        return None
    return state


def ensure(root: Path | None = None) -> Connection:
    """Return the way to a gateway that runs what is on disk now; it lives at least as long as this process.

    `root` is the course's folder where it is not the one around the current folder. Raises GatewayError, which names
    the log, where none can be started.
    """
    root = root or course_root()
    state = _current(root)
    if state is None:
        with locked(state_path(root).with_suffix(".lock"), lambda: None):
            state = _current(root) or _start(root)
    connection = Connection.of(state)
    connection.own(os.getpid())
    return connection


def _current(root: Path) -> State | None:
    """The running gateway unless the course has changed since it started; such a one is asked to end."""
    state = running(root)
    if state is not None and state.fingerprint != fingerprint(root):
        Connection.of(state).stop()
        _wait_for_end(state)
        return None
    return state


def _wait_for_end(state: State) -> None:
    deadline = time.monotonic() + START_SECONDS
    while state.is_alive() and time.monotonic() < deadline:
        time.sleep(_POLL_S)


def _start(root: Path) -> State:
    log = state_folder() / "gateway.log"
    begun_anew = log.exists() and log.stat().st_size > _MOST_LOG_BYTES
    with log.open("wb" if begun_anew else "ab") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "courseware.gateway"],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            cwd=state_folder(),
            env={**os.environ, "COURSE_ROOT": str(root)},
            **_detached(),
        )
    _started[:] = [*(earlier for earlier in _started if earlier.poll() is None), process]
    return _wait_for_start(process, root, log)


def _wait_for_start(process: subprocess.Popen[bytes], root: Path, log: Path) -> State:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        state = running(root)
        if state is not None and state.pid == process.pid:
            return state
        if process.poll() is not None:
            raise GatewayError(f"the gateway ended with status {process.returncode} as it started; see {log}")
        time.sleep(_POLL_S)
    process.kill()
    raise GatewayError(f"the gateway was not up within {START_SECONDS:.0f} seconds; see {log}")


def _detached() -> dict[str, Any]:
    """A process that outlives a notebook's kernel and is not stopped by its Ctrl-C."""
    if os.name == "nt":
        return {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined,unused-ignore]
    return {"start_new_session": True}
