"""`course submit`: one hashed bundle and a receipt, to the class's exchange, a folder or a file."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from courseware.learner import progress
from courseware.learner.errors import NotebookError
from courseware.learner.visible import NOTEBOOK, lab_folder
from courseware.learner.workspace import workspace_folder
from courseware.manifest import Week, course_root, find_week, load
from courseware.submission import MOST_BYTES, Bundle, is_plain_name

_RECORD_BYTES = 10_000  # more than the record of any lab takes


class NotSubmitted(NotebookError):
    """The submission could not be made or handed over; the learner's files are as they were."""


class NotHandedOver(NotSubmitted):
    """The place to hand over to cannot be written."""


def submit_lab(lab: str, to: Path | None) -> int:
    """Write the bundle and print its receipt; return 0."""
    week = find_week(load(), lab)
    folder = lab_folder(week)
    bundle = make_bundle(week, folder, learner_name(), datetime.now(UTC))
    target = hand_over(bundle, to or _workspace_of(folder) / "submissions")
    progress.record("submit", week.id, week=week.id, receipt=bundle.receipt)
    print(f"submitted {week.id} as {bundle.learner}: {target}")
    print(f"receipt: {bundle.receipt}")
    return 0


def learner_name() -> str:
    """Return who submits: `COURSE_LEARNER`, else the hub's user, else this system's.

    Raises:
        NotSubmitted: nobody says who, or the name could not be that of a file.
    """
    try:
        name = os.environ.get("COURSE_LEARNER") or os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    except (KeyError, OSError) as error:
        raise NotSubmitted("this system has no name for you; set COURSE_LEARNER to yours") from error
    if not is_plain_name(name):
        raise NotSubmitted(f"your name is {name!r}, which cannot be that of a file; set COURSE_LEARNER to a plain one")
    return name


def make_bundle(week: Week, folder: Path, learner: str, now: datetime) -> Bundle:
    """Read the notebook and the files the manifest declares from `folder`.

    Raises:
        NotSubmitted: the notebook or a declared file is missing or unreadable, or all together are too large.
    """
    names = (NOTEBOOK, *week.lab.files)
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise NotSubmitted(f"{folder} has no {missing[0]}, which {week.id} submits; add it and submit again")
    try:
        files = {name: (folder / name).read_bytes() for name in names}
    except OSError as error:
        raise NotSubmitted(f"cannot read {error.filename}: {error.strerror}; make it readable for you") from error
    size = sum(map(len, files.values()))
    if size > MOST_BYTES - _RECORD_BYTES:
        largest = max(files, key=lambda name: len(files[name]))
        raise NotSubmitted(f"{folder} holds {size:,} bytes to submit, {largest} most of them; clear its outputs")
    return Bundle(
        week.id, _version(week, folder / NOTEBOOK, files[NOTEBOOK]), learner, now.isoformat(timespec="seconds"), files
    )


def hand_over(bundle: Bundle, to: Path) -> Path:
    """Write the bundle to the file `to`, or into it where it is a folder or has no suffix; return the file.

    Raises:
        NotHandedOver: it cannot be written; no half file is left.
    """
    is_file = to.suffix == ".zip" and not to.is_dir()
    target = to if is_file else to / f"{bundle.lab}-{bundle.learner}-{bundle.moment:%Y-%m-%dT%H%M%SZ}.zip"
    scratch = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(bundle.to_bytes())
        scratch.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
        raise NotHandedOver(f"cannot write {target}: {error.strerror}; name another place with --to") from error
    return target


def _workspace_of(folder: Path) -> Path:
    """Return the workspace around the lab's folder, else the one of the course."""
    return next((place for place in folder.parents if (place / ".course").is_dir()), workspace_folder(course_root()))


def _version(week: Week, path: Path, content: bytes) -> str:
    """Return the version of the lab that the notebook was released as."""
    try:
        said = json.loads(content)["metadata"]["course"]
        lab, version = str(said["lab"]), str(said["version"])
    except (ValueError, RecursionError) as error:
        raise NotSubmitted(
            f"{path} is not a notebook: {error}; restore it, or move it away and run course lab"
        ) from error
    except (KeyError, TypeError) as error:
        raise NotSubmitted(
            f"{path} does not say which lab it is; copy your answers into a fresh copy from course lab"
        ) from error
    if lab != week.id:
        raise NotSubmitted(f"{path} is the notebook of {lab}, not of {week.id}; put the right one there")
    return version
