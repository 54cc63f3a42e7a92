"""`course lab`: the workspace made or updated, then JupyterLab at the week asked for."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from courseware.errors import ENVIRONMENT, USAGE, CommandError
from courseware.learner.doctor import diagnose
from courseware.learner.workspace import Change, update_workspace, workspace_folder, write_whole
from courseware.manifest import Course, Week, course_root, find_week, load

_LAST_PORT = 65_535
# No news, no update checks: after set-up nothing leaves loopback. All cells in the page, so that links to them work.
_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


def open_lab(week: str | None, *, browser: bool = True, port: int | None = None) -> int:
    """Update the workspace and replace this process by JupyterLab; does not return where that starts."""
    root, course = course_root(), load()
    found = find_week(course, week) if week else None
    _require_free(port)
    _say_what_is_missing(course, week)
    folder = workspace_folder(root)
    for change in update_workspace(root, course, folder):
        say_change(change, folder)
    settings = folder / ".course" / "lab"
    write_settings(settings)
    command = [sys.executable, "-m", "jupyterlab", *_options(folder, settings, browser=browser, port=port)]
    place = _opening_page(course, folder, found)
    if found is not None and place is None:
        print(f"{found.id} is not written yet; your workspace opens where you left it")
    if place is not None:
        command.append(f"--LabApp.default_url=/lab/tree/{place}")
    os.chdir(folder)
    os.environ |= {"COURSE_ROOT": str(root), "COURSE_WORKSPACE": str(folder)}
    sys.stdout.flush()
    return _become(command)


def _say_what_is_missing(course: Course, week: str | None) -> None:
    """Print what the doctor would mend; the course opens all the same, since much of it may still work."""
    for finding in diagnose(course, week):
        if finding.ok is False:
            print(f"{finding.name}: {finding.detail}\n  {finding.fix}")


def _become(command: list[str]) -> int:
    """Let `command` take this process's place, so that Ctrl-C and kill reach it; wait for it where that cannot be."""
    if os.name == "nt":
        return subprocess.call(command)
    os.execv(command[0], command)  # noqa: S606
    raise AssertionError("execv returned")


def say_change(change: Change, folder: Path) -> None:
    """Print what an update did to one file, where the learner should know."""
    if change.kind == "made" and change.path.suffix != ".ipynb":
        return
    print(f"{change.kind}: {change.path.relative_to(folder)}")
    for note in change.notes:
        print(f"  {note}")


def write_settings(folder: Path) -> None:
    """Write JupyterLab's settings that keep it on loopback, one file per plug-in, as JupyterLab stores them."""
    for plugin, values in _SETTINGS.items():
        package, name = plugin.split(":")
        write_whole(folder / package / f"{name}.jupyterlab-settings", json.dumps(values, indent=1).encode())


def _options(folder: Path, settings: Path, *, browser: bool, port: int | None) -> list[str]:
    options = [
        f"--ServerApp.root_dir={folder}",
        "--ServerApp.ip=127.0.0.1",
        f"--LabApp.user_settings_dir={settings}",
        "--LabApp.news_url=None",  # the server fetches nothing either, whatever a page asks it for
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",  # the other one asks a package index for extensions
        "--LabApp.expose_app_in_browser=True",  # the browser tests drive the page through it
        "--ServerApp.jpserver_extensions=courseware.gateway.jupyter=True",  # a gateway for as long as the server runs
    ]
    if not browser:
        options.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container
        options.append("--allow-root")
    return options + ([f"--ServerApp.port={port}", "--ServerApp.port_retries=0"] if port else [])


def _require_free(port: int | None) -> None:
    """Raise unless JupyterLab could listen on `port`: it would start all the same and say so in a long log."""
    if port is None:
        return
    if not 1 <= port <= _LAST_PORT:
        raise CommandError(f"--port is {port}; name one from 1 to {_LAST_PORT}, or leave it out", USAGE)
    with socket.socket() as probe:
        if os.name != "nt":  # as JupyterLab's own socket, which may follow one that was closed a moment ago
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            reason = f"cannot listen on port {port}: {error.strerror}"
            raise CommandError(f"{reason}; name another with --port, or leave it out", ENVIRONMENT) from error


def _opening_page(course: Course, folder: Path, week: Week | None) -> str | None:
    """Return the notebook to open, as a path below the workspace: the week's lesson, else its lab."""
    found = week or next((w for w in course.weeks if w.lesson.state == "ready"), None)
    names = [f"notebooks/{found.id}/lesson.ipynb", f"labs/{found.id}/lab.ipynb"] if found else []
    return next((name for name in names if (folder / name).is_file()), None)
