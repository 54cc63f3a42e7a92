"""`course doctor`: what this machine has, what a week needs, and the one command that mends each gap."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from courseware.learner.workspace import workspace_folder
from courseware.manifest import Course, Week, course_root, find_week, load
from courseware.models import ModelError, needed_by, path

_PYTHONS = ((3, 11), (3, 12), (3, 13))
_DISK_GB, _MEMORY_GB = 1.0, 2.0
_KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `ok` is None for what is optional and absent."""

    name: str
    ok: bool | None
    detail: str
    fix: str = ""


def doctor(week: str | None, *, as_json: bool, grading_in: str | None = None) -> int:
    """Print the findings; return 0 where the course can run, 3 where something must be mended first.

    `grading_in` names the sandbox in which submissions are to be graded here, "full" or "lesser".
    """
    found = diagnose(load(), week)
    if grading_in is not None:
        from courseware.learner.grading_host import grading_findings

        found += grading_findings(grading_in)
    if as_json:
        print(json.dumps({"ok": _healthy(found), "findings": [asdict(finding) for finding in found]}))
    else:
        for finding in found:
            mark = {True: "ok  ", False: "FIX ", None: "-   "}[finding.ok]
            print(f"{mark} {finding.name}: {finding.detail}")
            if finding.ok is False:
                print(f"     {finding.fix}")
    return 0 if _healthy(found) else 3


def diagnose(course: Course, week: str | None = None) -> list[Finding]:
    """Look at everything the ready weeks, or the one named, need here."""
    weeks = [find_week(course, week)] if week else [w for w in course.weeks if w.lesson.state == "ready"]
    folder = workspace_folder(course_root())
    return [_python(), _lock(weeks), _memory(), _disk(folder), _writable(folder), *_weights(weeks), *_keys()]


def _healthy(findings: list[Finding]) -> bool:
    return all(finding.ok is not False for finding in findings)


def _python() -> Finding:
    here = sys.version_info[:2]
    known = ", ".join(f"{a}.{b}" for a, b in _PYTHONS)
    return Finding("python", here in _PYTHONS, f"{here[0]}.{here[1]}", f"install one of {known} and run make lab again")


def _lock(weeks: list[Week]) -> Finding:
    """Compare what is installed for the weeks' extras with the lock of this Python, where there is one."""
    lock = course_root() / "locks" / f"py{sys.version_info[0]}{sys.version_info[1]}.txt"
    if not lock.is_file():
        return Finding("packages", None, "no lock for this Python beside the course; versions not compared")
    pinned = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))
    wrong = []
    for name in _required({extra for week in weeks for extra in week.extras}):
        have, want = _installed(name), pinned.get(name)
        if have is None or (want and have.split("+")[0] != want):
            wrong.append(f"{name} {have or 'missing'} (lock: {want})")
    extras = ",".join(sorted({extra for week in weeks for extra in week.extras}) or ["base"])
    detail = "; ".join(wrong[:5]) or f"as locked for {extras}"
    return Finding(
        "packages", not wrong, detail, f"python -m pip install -c {lock} -e '.[{extras}]' in the course folder"
    )


def _required(extras: set[str]) -> list[str]:
    """Return the names of the distributions the package requires, always and for `extras`."""
    names = []
    for line in requires("courseware") or []:
        name = re.match(r"[\w.-]+", line)
        extra = re.search(r"extra == ['\"](\w+)['\"]", line)
        if name and (extra is None or extra.group(1) in extras):
            names.append(name.group().lower().replace("_", "-"))
    return names


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _memory() -> Finding:
    import psutil

    gb = psutil.virtual_memory().available / 1e9
    fix = f"close other programs until {_MEMORY_GB:g} GB are free"
    return Finding("memory", gb >= _MEMORY_GB, f"{gb:.1f} GB free", fix)


def _disk(folder: Path) -> Finding:
    here = _nearest(folder)
    gb = shutil.disk_usage(here).free / 1e9
    fix = f"free {_DISK_GB:g} GB on the disk of {here}, or set COURSE_WORKSPACE to another one"
    return Finding("disk", gb >= _DISK_GB, f"{gb:.1f} GB free", fix)


def _writable(folder: Path) -> Finding:
    here = _nearest(folder)
    fix = "set COURSE_WORKSPACE to a folder you may write in"
    return Finding("workspace", here.is_dir() and os.access(here, os.W_OK | os.X_OK), str(folder), fix)


def _nearest(folder: Path) -> Path:
    """Return `folder`, or the nearest above it that is there for this user."""
    for place in (folder, *folder.parents):
        with contextlib.suppress(OSError):
            if place.exists():
                return place
    return Path(folder.anchor)


def _weights(weeks: list[Week]) -> list[Finding]:
    return [_weight(name) for name in needed_by(weeks)]


def _weight(name: str) -> Finding:
    try:
        path(name)
    except ModelError as error:
        return Finding(name, False, str(error).split(";")[0], f"course models pull {name}")
    return Finding(name, True, "pulled")


def _keys() -> list[Finding]:
    return [
        Finding(name, True if os.environ.get(name) else None, "set" if os.environ.get(name) else "not set (optional)")
        for name in _KEYS
    ]
