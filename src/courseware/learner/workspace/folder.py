"""Makes the workspace and brings it up to date.

<workspace>/notebooks/<week>/   lessons, outputs cleared, so that a prediction is not already answered
<workspace>/labs/<week>/        labs as released
<workspace>/.course/base/       each file as the learner got it, the common ancestor of a merge
<workspace>/.course/kept/       what an update replaced, so that nothing is ever lost
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from courseware.learner.workspace.errors import WorkspaceError
from courseware.learner.workspace.merge import merge
from courseware.learner.workspace.writing import write_whole
from courseware.manifest import Course

_LEFT_OUT = {"lesson.py"}  # the text source: a learner works in the notebook


@dataclass(frozen=True)
class Change:
    """What happened to one file: `made`, `updated`, `merged`, `kept` or `left`, and notes for the learner.

    `kept` is a file the learner hands in, unchanged beside a new edition; `left` is a notebook nobody can read.
    """

    path: Path
    kind: str
    notes: tuple[str, ...] = ()


def workspace_folder(root: Path) -> Path:
    """Return `$COURSE_WORKSPACE`, else `workspace/` in the course's folder, else one in the home folder.

    The last holds for an installed package, whose own folder is nobody's to write in.
    """
    named = os.environ.get("COURSE_WORKSPACE")
    if named:
        return Path(named).expanduser().absolute()
    return Path.home() / "ai-engineer-course" if root.name == "_course" else root / "workspace"


def update_workspace(root: Path, course: Course, folder: Path) -> list[Change]:
    """Bring every ready lesson and lab in `folder` up to date; return what changed.

    Raises:
        WorkspaceError: a file cannot be read or written; those before it are done, the rest are as they were.
    """
    if folder.resolve() == root.resolve():
        raise WorkspaceError(f"{folder} is the course itself; name another folder with COURSE_WORKSPACE")
    changes = []
    for item in _distributed(root, course):
        try:
            change = _update_file(item, folder)
        except OSError as error:
            where, fix = error.filename or folder / item.name, "make it yours, or move it away and run course lab"
            raise WorkspaceError(f"cannot read {where}: {error.strerror}; {fix}") from error
        if change is not None:
            changes.append(change)
    return changes


@dataclass(frozen=True)
class _Item:
    """A file a learner gets, its place in the workspace, and whether it is one that a lab asks them to hand in."""

    source: Path
    name: Path
    handed_in: bool


def _distributed(root: Path, course: Course) -> Iterator[_Item]:
    """Yield each file a learner gets. Only released folders are read."""
    for week in course.weeks:
        parts = [(week.lesson.state, "notebooks", ()), (week.lab.state, "labs", week.lab.files)]
        for part, files in [(name, files) for state, name, files in parts if state == "ready"]:
            source = root / part / week.id
            for path in sorted(source.iterdir()) if source.is_dir() else []:
                if path.is_file() and path.name not in _LEFT_OUT:
                    yield _Item(path, Path(part) / week.id / path.name, path.name in files)


def _update_file(item: _Item, folder: Path) -> Change | None:
    target, base = folder / item.name, folder / ".course" / "base" / item.name
    content = _edition(item.source)
    known = base.read_bytes() if base.is_file() else None
    if target.is_file() and known == content:
        return None
    if not target.is_file():
        write_whole(target, content)
        write_whole(base, content)
        return Change(target, "made")
    change = _replaced(item, target.read_bytes(), known, content, folder)
    if change.kind != "left":
        write_whole(base, content)
    return change


def _replaced(item: _Item, mine: bytes, known: bytes | None, content: bytes, folder: Path) -> Change:
    target = folder / item.name
    if mine in (known, content):
        write_whole(target, content)
        return Change(target, "updated")
    if item.handed_in:
        return Change(target, "kept", (f"the course has a new edition of it: {Path('.course/base') / item.name}",))
    if target.suffix != ".ipynb":
        return _put(target, mine, content, folder, "updated", ())
    try:
        new = json.loads(content)
        merged = merge(_ancestor(known, new), json.loads(mine), new)
        whole = _to_bytes(merged.notebook)
    except (ValueError, RecursionError) as error:
        note = f"it is not a notebook any more ({error}), so it was left as it is; move it away to get a fresh one"
        return Change(target, "left", (note,))
    return _put(target, mine, whole, folder, "merged", merged.notes)


def _ancestor(known: bytes | None, new: Any) -> Any:
    """Return the edition the learner got; where nobody can say which, the new one, so that all counts as theirs."""
    try:
        base = json.loads(known or b"")
        return base if all(isinstance(cell["id"], str) for cell in base["cells"]) else new
    except (ValueError, LookupError, TypeError, RecursionError):
        return new


def _put(target: Path, mine: bytes, content: bytes, folder: Path, kind: str, notes: tuple[str, ...]) -> Change:
    """Replace `target`, after keeping what it held."""
    if mine == content:  # an update that was killed half-way had come this far
        return Change(target, "updated")
    name = f"{target.stem}-{hashlib.sha256(mine).hexdigest()[:8]}{target.suffix}"
    kept = folder / ".course" / "kept" / target.parent.name / name
    write_whole(kept, mine)
    write_whole(target, content)
    return Change(target, kind, (*notes, f"the earlier file is kept as {kept.relative_to(folder)}"))


def _edition(source: Path) -> bytes:
    """Return the file as a learner gets it: a notebook without its outputs."""
    content = source.read_bytes()
    if source.suffix != ".ipynb":
        return content
    notebook = json.loads(content)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    notebook["metadata"].get("course", {}).pop("outputs", None)
    return _to_bytes(notebook)


def _to_bytes(notebook: dict[str, Any]) -> bytes:
    return (json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
