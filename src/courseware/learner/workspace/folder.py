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
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from courseware.learner.workspace.errors import WorkspaceError
from courseware.learner.workspace.merge import merge
from courseware.manifest import Course

_LEFT_OUT = {"lesson.py"}  # the text source: a learner works in the notebook


@dataclass(frozen=True)
class Change:
    """What happened to one file: `made`, `updated`, `merged` or `left`, and notes for the learner."""

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
        WorkspaceError: a file cannot be written; those before it are done, the rest are as they were.
    """
    changes = []
    for source, name in _distributed(root, course):
        change = _update_file(source, folder / name, folder / ".course" / "base" / name, folder)
        if change is not None:
            changes.append(change)
    return changes


def _distributed(root: Path, course: Course) -> Iterator[tuple[Path, Path]]:
    """Yield each file a learner gets, with its place in the workspace. Only released folders are read."""
    for week in course.weeks:
        parts = [(week.lesson.state, "notebooks"), (week.lab.state, "labs")]
        for part in [name for state, name in parts if state == "ready"]:
            source = root / part / week.id
            for path in sorted(source.iterdir()) if source.is_dir() else []:
                if path.is_file() and path.name not in _LEFT_OUT:
                    yield path, Path(part) / week.id / path.name


def _update_file(source: Path, target: Path, base: Path, folder: Path) -> Change | None:
    content = _cleared(source.read_bytes()) if source.suffix == ".ipynb" else source.read_bytes()
    known = base.read_bytes() if base.is_file() else None
    if target.is_file() and known == content:
        return None
    if not target.is_file():
        _write(target, content)
        _write(base, content)
        return Change(target, "made")
    mine = target.read_bytes()
    change = _replaced(target, mine, known, content, folder)
    if change.kind != "left":
        _write(base, content)
    return change


def _replaced(target: Path, mine: bytes, known: bytes | None, content: bytes, folder: Path) -> Change:
    if mine in (known, content):
        _write(target, content)
        return Change(target, "updated")
    if target.suffix != ".ipynb":
        return _put(target, mine, content, folder, "updated", ())
    try:
        editions = [json.loads(text) for text in (known or content, mine, content)]
        merged = merge(*editions)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        note = f"it is not a notebook any more ({error}), so it was left as it is; move it away to get a fresh one"
        return Change(target, "left", (note,))
    return _put(target, mine, _to_bytes(merged.notebook), folder, "merged", merged.notes)


def _put(target: Path, mine: bytes, content: bytes, folder: Path, kind: str, notes: tuple[str, ...]) -> Change:
    """Replace `target`, after keeping what it held."""
    name = f"{target.stem}-{hashlib.sha256(mine).hexdigest()[:8]}{target.suffix}"
    kept = folder / ".course" / "kept" / target.parent.name / name
    _write(kept, mine)
    _write(target, content)
    return Change(target, kind, (*notes, f"the earlier file is kept as {kept.relative_to(folder)}"))


def _cleared(content: bytes) -> bytes:
    notebook = json.loads(content)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    notebook["metadata"].get("course", {}).pop("outputs", None)
    return _to_bytes(notebook)


def _to_bytes(notebook: dict[str, Any]) -> bytes:
    return (json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _write(path: Path, content: bytes) -> None:
    """Write all of `content` or nothing: a full disk or a kill leaves the old file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(scratch).replace(path)
        except BaseException:
            Path(scratch).unlink(missing_ok=True)
            raise
    except OSError as error:
        fix = "free space, or name a folder you may write in with COURSE_WORKSPACE"
        raise WorkspaceError(f"cannot write {path}: {error.strerror}; {fix}") from error
