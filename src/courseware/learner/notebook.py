"""What is known of the running notebook: its week, its practice file, and what kind of shell it runs in."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from courseware.learner.errors import NoPracticeError
from courseware.learner.practice import Practice, load_practice

if TYPE_CHECKING:
    from courseware.manifest import Course, Week

PRACTICE_NAME = "practice.toml"
_WEEK_FOLDER = re.compile(r"week_\d\d_[a-z0-9_]+")
_opened: list[Week] = []


def open_week(week: Week) -> None:
    """Remember the week this notebook belongs to; `setup` calls it."""
    _opened[:] = [week]


def current_week_id() -> str:
    """The id of the week that `setup` opened, else that the current folder is named by, else an empty text."""
    if _opened:
        return _opened[0].id
    name = Path.cwd().name
    return name if _WEEK_FOLDER.fullmatch(name) else ""


def practice_path() -> Path:
    """The practice file beside the notebook, else the one of its week's lesson, else of its lab.

    Raises `NoPracticeError`.
    """
    from courseware.manifest import ManifestError, course_root

    places = [Path.cwd()]
    week = current_week_id()
    if week:
        try:
            root = course_root()
            places += [root / "notebooks" / week, root / "labs" / week]
        except ManifestError:
            pass  # without a course, the notebook's own folder is all there is
    for place in places:
        if (place / PRACTICE_NAME).is_file():
            return place / PRACTICE_NAME
    todo = "open the notebook in its own folder" if week else 'run the set-up cell first: setup("week 01")'
    raise NoPracticeError(f"no {PRACTICE_NAME} in the folder {places[0].name!r} or for its week; {todo}")


def course_or_none() -> Course | None:
    """The course, or None where there is none or its manifest cannot be read."""
    from courseware.manifest import ManifestError, load

    try:
        return load()
    except ManifestError:
        return None


def practice() -> Practice:
    """The practice file of the running notebook, read again each time so that an edit shows at once."""
    return load_practice(practice_path())


def is_static() -> bool:
    """Whether outputs are made for a page that nobody clicks in: no versions, no recording, answers closed."""
    return os.environ.get("COURSE_STATIC", "") not in ("", "0")


def active_shell() -> Any | None:
    """The running IPython shell; None in plain Python. IPython is not imported for it."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    return get_ipython()
