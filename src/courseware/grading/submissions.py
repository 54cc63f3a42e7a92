"""What a learner handed in, read as data that nobody has to trust: the notebook's cells and the files beside it."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from courseware.grading.errors import SubmissionError
from courseware.grading.lab import NOTEBOOK

MOST_BYTES = 20 * 2**20
MOST_CELLS = 1_000
_TIMES = ("%Y-%m-%d %H:%M:%S.%f %Z", "%Y-%m-%d %H:%M:%S %Z", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S")
_STAMP = "timestamp.txt"


@dataclass(frozen=True)
class SubmittedCell:
    """One cell: the names it may be known by, best first, and its text."""

    names: tuple[str, ...]
    code: bool
    text: str


@dataclass(frozen=True)
class Submission:
    """One learner's work as it was collected. `notes` says what was odd about it; `hash` is of all that counts."""

    student: str
    cells: tuple[SubmittedCell, ...]
    version: str
    files: Mapping[str, bytes] = field(repr=False)
    time: datetime | None
    hash: str
    notes: tuple[str, ...] = ()


def read_submission(folder: Path, student: str, files: tuple[str, ...]) -> Submission:
    """Return what lies in `folder`; of the files beside the notebook those that the lab asks for.

    Raises:
        SubmissionError: the notebook is missing, too large, or not a notebook, or the learner's name cannot be printed;
            the message names it.
    """
    if not student.isprintable():
        raise SubmissionError("the folder's name holds characters that cannot be printed; rename it")
    raw = _bytes(folder / NOTEBOOK)
    document = _document(raw, folder / NOTEBOOK)
    beside = {name: content for name in files if (content := _optional(folder / name)) is not None}
    time, note = _time(folder / _STAMP)
    digest = hashlib.sha256(raw)
    for name, content in sorted(beside.items()):
        digest.update(name.encode() + b"\0" + content)
    version = _course(document).get("version")
    return Submission(
        student, tuple(_cells(document)), version if isinstance(version, str) else "", beside, time,
        digest.hexdigest(), (note,) if note else (),
    )  # fmt: skip


def _bytes(path: Path) -> bytes:
    content = _optional(path)
    if content is None:
        raise SubmissionError(f"{path} is missing or no plain file; ask for it again")
    return content


def _optional(path: Path) -> bytes | None:
    """A file's content, None where it is none. A link could lead to what the learner may not read."""
    try:
        found = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    if found.st_size > MOST_BYTES:
        limit = f"{MOST_BYTES // 2**20} MB"
        raise SubmissionError(f"{path} has {found.st_size / 2**20:.0f} MB, the limit is {limit}; ask for a smaller one")
    return path.read_bytes()


def _document(raw: bytes, path: Path) -> dict[str, Any]:
    try:
        document = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SubmissionError(f"{path} is not JSON: {str(error).splitlines()[0]}; ask for it again") from error
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
        raise SubmissionError(f"{path} is JSON but no notebook of format 4; ask for it again")
    if len(document["cells"]) > MOST_CELLS:
        raise SubmissionError(f"{path} has {len(document['cells'])} cells, the limit is {MOST_CELLS}; ask for it again")
    return document


def _course(document: dict[str, Any]) -> dict[str, Any]:
    metadata = document.get("metadata")
    course = metadata.get("course") if isinstance(metadata, dict) else None
    return course if isinstance(course, dict) else {}


def _cells(document: dict[str, Any]) -> Iterator[SubmittedCell]:
    for cell in document["cells"]:
        if isinstance(cell, dict):
            yield SubmittedCell(tuple(_names(cell)), cell.get("cell_type") == "code", _text(cell.get("source")))


def _names(cell: dict[str, Any]) -> Iterator[str]:
    metadata = cell.get("metadata")
    flags = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    for name in (flags.get("grade_id") if isinstance(flags, dict) else None, cell.get("id")):
        if isinstance(name, str):
            yield name


def _text(source: Any) -> str:
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "")


def _time(path: Path) -> tuple[datetime | None, str]:
    """The moment of submission, and what was wrong with how it is written."""
    content = _optional(path)
    if content is None:
        return None, ""
    text = content.decode("utf-8", "replace").strip()
    for pattern in _TIMES:
        try:
            moment = datetime.strptime(text, pattern)
        except ValueError:
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)), ""
    return None, f"its timestamp {text[:40]!r} is no date and time; it counts as in time"
