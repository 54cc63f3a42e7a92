"""Builds a lab: text source to nbgrader's source notebook, and that to the release, by nbgrader's own generate step."""

from __future__ import annotations

import contextlib
import io
import shutil
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from courseware.build.errors import ReleaseError, SourceError
from courseware.build.notebook import new_cell, new_course_notebook, to_text
from courseware.build.places import Week, digest
from courseware.build.source import Cell, read_source
from courseware.manifest import Lab
from courseware.nbgrader_settings import alembic_on_path, nbgrader_settings

NOTEBOOK = "lab.ipynb"

_CHECK = """\
# {points:g} points. Run this cell as often as you like.
from courseware.checks import visible_check

visible_check("{id}").grade(globals())"""

_HIDDEN = """\
### BEGIN HIDDEN TESTS
from courseware.checks import hidden_check

hidden_check("{lab}", "{id}").grade(globals())
### END HIDDEN TESTS"""

_FLAGS: dict[str, dict[str, bool]] = {
    "locked": {"grade": False, "locked": True, "solution": False},
    "answer": {"grade": False, "locked": False, "solution": True},
    "check": {"grade": True, "locked": True, "solution": False},
    "hidden": {"grade": True, "locked": True, "solution": False},
    "manual": {"grade": True, "locked": False, "solution": True},
}


def lab_version(week: Week, lab: Lab) -> str:
    """Return a hash of everything that decides what a lab asks and how it is graded."""
    return digest([week.solution / "lab.py", week.graders / "hidden.py", *_copies(week, lab).values()], week.root)[:16]


def source_notebook(week: Week, lab: Lab) -> NotebookNode:
    """Return the lab with answers and checks as nbgrader's source notebook."""
    cells = read_source(week.solution / "lab.py")
    nodes = [new_cell(cell, _nbgrader(cell), _text(week.id, cell)) for cell in cells]
    return new_course_notebook(nodes, {"lab": week.id, "version": lab_version(week, lab)})


def source_files(week: Week, lab: Lab) -> dict[str, bytes]:
    """Return every file of nbgrader's source folder by name: the notebook and what a learner gets beside it."""
    copies = {name: path.read_bytes() for name, path in _copies(week, lab).items()}
    return {NOTEBOOK: to_text(source_notebook(week, lab)).encode(), **copies}


def write_source(week: Week, lab: Lab, folder: Path) -> None:
    """Write nbgrader's source folder of this lab below `folder`, replacing what was there."""
    target = folder / week.id
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name, content in source_files(week, lab).items():
        (target / name).write_bytes(content)


def generate(root: Path, source: Path, release: Path, labs: list[str]) -> None:
    """Run nbgrader's generate step on `source/<lab>` into `release/<lab>` with a gradebook beside `release`.

    Raises:
        ReleaseError: nbgrader refused; its reason is in the message.
    """
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    config = nbgrader_settings(root)
    config.CourseDirectory.root = str(source.parent)
    config.CourseDirectory.source_directory = source.name
    config.CourseDirectory.release_directory = str(release)
    config.CourseDirectory.db_url = f"sqlite:///{release.parent / 'generate.db'}"
    alembic_on_path()
    with contextlib.redirect_stderr(io.StringIO()):
        api = NbGraderAPI(CourseDirectory(config=config), config=config)
        for lab in labs:
            outcome = api.generate_assignment(lab, force=True, create=True)
            if not outcome["success"]:
                raise ReleaseError(f"{lab}: nbgrader made no release: {_reason(outcome)}")


def _copies(week: Week, lab: Lab) -> dict[str, Path]:
    """Return where each file beside the notebook comes from, by its name there."""
    copies = {"checks.py": week.graders / "visible.py", "practice.toml": week.solution / "practice.toml"}
    copies |= {Path(name).name: week.root / "data" / name for name in lab.data}
    for path in copies.values():
        if not path.is_file():
            raise SourceError(f"{week.id} needs {path}, which does not exist; write it or correct course.toml")
    return copies


def _nbgrader(cell: Cell) -> dict[str, Any]:
    if not cell.role:
        return {}
    metadata = {**_FLAGS[cell.role], "grade_id": cell.id, "schema_version": 3, "task": False}
    return {"nbgrader": metadata | ({"points": cell.points} if cell.graded else {})}


def _text(lab: str, cell: Cell) -> str:
    template = {"check": _CHECK, "hidden": _HIDDEN}.get(cell.role)
    if cell.file:
        return f"%%writefile {cell.file}\n{cell.text}"
    return cell.text if template is None else template.format(lab=lab, id=cell.id, points=cell.points)


def _reason(outcome: dict[str, Any]) -> str:
    lines = [line for line in str(outcome.get("log") or outcome.get("error")).splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"
