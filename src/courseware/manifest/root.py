"""Where the course's files are. It knows nothing of what is in them."""

import os
from pathlib import Path

from courseware.manifest.errors import CourseNotFoundError

MANIFEST_NAME = "course.toml"
_PACKAGED = Path(__file__).resolve().parent.parent / "_course"


def course_root() -> Path:
    """The folder that holds course.toml.

    Looked for in this order: the variable COURSE_ROOT, the current folder and its parents, the copy inside
    the installed package. A COURSE_ROOT without a course.toml is an error and not a reason to look further.
    """
    named = os.environ.get("COURSE_ROOT")
    if named:
        return _named_root(Path(named))
    here = Path.cwd()
    for folder in (here, *here.parents, _PACKAGED):
        if (folder / MANIFEST_NAME).is_file():
            return folder
    raise CourseNotFoundError(
        f"no {MANIFEST_NAME} in {here} or above it, and none inside the installed package; "
        "change to the course folder, or set COURSE_ROOT to it"
    )


def _named_root(folder: Path) -> Path:
    if (folder / MANIFEST_NAME).is_file():
        return folder.resolve()
    where = f"COURSE_ROOT is {str(folder)!r}, which holds no {MANIFEST_NAME}"
    raise CourseNotFoundError(f"{where}; set it to the course folder, or unset it")
