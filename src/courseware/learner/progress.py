"""What this learner has done, kept in one place: the file `COURSE_PROGRESS` names, else the workspace's own.

Notebooks, checks and `course submit` call `record`; `course progress` calls `show_progress`. Where the file cannot
be written, one line says so and events stay in memory. While a page is built or a submission graded, nothing
reaches a file.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path

from courseware.checks import Result
from courseware.errors import DONE, ENVIRONMENT, CommandError
from courseware.learner import events
from courseware.learner.errors import ProgressError
from courseware.learner.events import KINDS, Event
from courseware.learner.notebook import active_shell, course_or_none, current_week_id, is_static
from courseware.learner.page import progress_html
from courseware.learner.report import progress_text
from courseware.learner.tally import Progress, Review, Score, WeekProgress, tally, to_review

__all__ = [
    "Progress",
    "Review",
    "Score",
    "WeekProgress",
    "keep_result",
    "progress_html",
    "progress_path",
    "progress_text",
    "record",
    "show_progress",
    "state",
    "to_review",
]

FILE_NAME = "progress.jsonl"
FOLDER_NAME = ".course"

# What a case says of a stub that raises NotImplementedError.
_UNTOUCHED = "not written yet"

_in_memory: list[Event] = []
_warned: set[Path] = set()


def progress_path() -> Path:
    """Where progress is kept: `COURSE_PROGRESS`, else `.course/progress.jsonl` of the workspace.

    The workspace is the one around the current folder, else the course's, else, without a course, this folder.
    """
    named = os.environ.get("COURSE_PROGRESS")
    if named:
        return Path(named)
    from courseware.learner.workspace import workspace_folder
    from courseware.manifest import ManifestError, course_root

    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FOLDER_NAME).is_dir():
            return folder / FOLDER_NAME / FILE_NAME
    with contextlib.suppress(ManifestError):
        here = workspace_folder(course_root())
    return here / FOLDER_NAME / FILE_NAME


def record(kind: str, name: str, *, week: str | None = None, **value: object) -> None:
    """Keep that something happened: `record("check", "train-visible", week="week_01_tokenization", points=2, of=3)`.

    Kinds and their values: prediction and quiz (`answer`, `right`), exercise (`passed`), hint (`step`), reveal,
    check (`points`, `of`), submit (anything). `week` is a week's id, by default the notebook's own. Never raises for
    a file that cannot be written; raises `ProgressError` for an unknown kind or a value that JSON does not have.
    """
    if kind not in KINDS:
        raise ProgressError(f"cannot record a {kind!r}; kinds are {', '.join(KINDS)}")
    event = Event(events.timestamp(), current_week_id() if week is None else week, kind, name, value)
    event.line()
    if not _is_kept():
        _in_memory.append(event)
        return
    path = progress_path()
    try:
        events.append(path, event)
    except OSError as error:
        _in_memory.append(event)
        _warn(
            path,
            f"progress is not kept: cannot write {path} ({error.strerror}); set COURSE_PROGRESS to a file of your own",
        )


def keep_result(result: Result) -> None:
    """Keep what a check found in the notebook: of an exercise whether it passed, of a visible check its points.

    A task still untouched is no attempt, so that "run all" opens no worked answers.
    """
    if result.hidden or all(outcome.message == _UNTOUCHED for outcome in result.outcomes):
        return
    if result.points:
        record("check", result.check, points=result.score, of=result.points)
    else:
        record("exercise", result.check, passed=result.passed)


def state() -> Progress:
    """Everything recorded so far, from the file and from memory."""
    return tally([*_from_file(), *_in_memory])


def show_progress(html: Path | None, as_json: bool) -> int:
    """What `course progress` does: print the state, or write it as a page to `html`. Returns the exit status.

    Raises `CommandError` if the page cannot be written.
    """
    now = state()
    if html is not None:
        try:
            html.write_text(progress_html(now, course_or_none()), encoding="utf-8")
        except OSError as error:
            raise CommandError(
                f"cannot write {html} ({error.strerror}); name a file in a folder you can write to", ENVIRONMENT
            ) from None
    if as_json:
        print(json.dumps(now.as_json() | {"file": str(progress_path())}, ensure_ascii=False))
    elif html is not None:
        print(f"Your progress: {html}")
    else:
        print(progress_text(now, course_or_none()))
    return DONE


def _is_kept() -> bool:
    """Not while a page is built, nor while nbgrader runs the notebook to grade or validate it."""
    return not is_static() and not os.environ.get("NBGRADER_EXECUTION")


def _from_file() -> tuple[Event, ...]:
    if not _is_kept():
        return ()
    path = progress_path()
    try:
        return events.read(path)
    except OSError as error:
        _warn(path, f"progress so far is not known: cannot read {path} ({error.strerror}); make it readable for you")
        return ()


def _warn(path: Path, message: str) -> None:
    """Say it once for each file: in a notebook as output, since standard error would cost points; else there."""
    if path in _warned:
        return
    _warned.add(path)
    print(message, file=sys.stderr if active_shell() is None else sys.stdout)
