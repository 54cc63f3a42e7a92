"""`course submit`: one hashed bundle and a receipt, to the class's exchange, a folder or a file."""

from __future__ import annotations

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
from courseware.submission import Bundle


class NotSubmitted(NotebookError):
    """The submission could not be made or handed over; the learner's files are as they were."""


def submit_lab(lab: str, to: Path | None) -> int:
    """Write the bundle and print its receipt; return 0."""
    week = find_week(load(), lab)
    bundle = make_bundle(week, lab_folder(week), learner_name(), datetime.now(UTC))
    target = hand_over(bundle, to or workspace_folder(course_root()) / "submissions")
    progress.record("submit", week.id, week=week.id, receipt=bundle.receipt)
    print(f"submitted {week.id} as {bundle.learner}: {target}")
    print(f"receipt: {bundle.receipt}")
    return 0


def learner_name() -> str:
    """Return who submits: `COURSE_LEARNER`, else the hub's user, else this system's."""
    return os.environ.get("COURSE_LEARNER") or os.environ.get("JUPYTERHUB_USER") or getpass.getuser()


def make_bundle(week: Week, folder: Path, learner: str, now: datetime) -> Bundle:
    """Read the notebook and the files the manifest declares from `folder`.

    Raises:
        NotSubmitted: the notebook is missing or unreadable, or a declared file is missing.
    """
    names = (NOTEBOOK, *week.lab.files)
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise NotSubmitted(f"{folder} has no {missing[0]}, which {week.id} submits; add it and submit again")
    files = {name: (folder / name).read_bytes() for name in names}
    return Bundle(
        week.id, _version(folder / NOTEBOOK, files[NOTEBOOK]), learner, now.isoformat(timespec="seconds"), files
    )


def hand_over(bundle: Bundle, to: Path) -> Path:
    """Write the bundle to the file `to`, or into it where it is a folder or has no suffix; return the file.

    Raises:
        NotSubmitted: it cannot be written; no half file is left.
    """
    stamp = bundle.time.replace(":", "").replace("+0000", "Z")
    target = to if to.suffix == ".zip" else to / f"{bundle.lab}-{bundle.learner}-{stamp}.zip"
    scratch = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(bundle.to_bytes())
        scratch.replace(target)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise NotSubmitted(f"cannot write {target}: {error.strerror}; name another place with --to") from error
    return target


def _version(path: Path, content: bytes) -> str:
    try:
        return str(json.loads(content)["metadata"]["course"]["version"])
    except ValueError as error:
        raise NotSubmitted(
            f"{path} is not a notebook: {error}; restore it, or move it away and run course lab"
        ) from error
    except (KeyError, TypeError) as error:
        raise NotSubmitted(
            f"{path} does not say which lab it is; copy your answers into a fresh copy from course lab"
        ) from error
