"""The progress file: one JSON object a line, only ever added to.

Several kernels and commands may write at once: an event is one `write` on a file opened for appending, and starts on
a line of its own even after a line that a crash cut short. It knows files, not what the events mean.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from courseware.learner.errors import ProgressError

KINDS = ("prediction", "exercise", "hint", "reveal", "quiz", "check", "submit")


@dataclass(frozen=True)
class Event:
    """One thing that happened. `time` is UTC, to the second, as in `2026-11-22T09:30:00Z`."""

    time: str
    week: str
    kind: str
    id: str
    value: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """The event as one line of JSON. Raises `ProgressError` for a value that JSON does not have."""
        fields = {"time": self.time, "week": self.week, "kind": self.kind, "id": self.id, "value": dict(self.value)}
        try:
            return json.dumps(fields, default=_plain, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ProgressError(
                f"cannot record {self.kind} {self.id!r}: {error}; give numbers, text, lists and dicts only"
            ) from None


def timestamp(moment: datetime | None = None) -> str:
    """`moment`, or now, as events write it."""
    return (moment or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def append(path: Path, event: Event) -> None:
    """Add one event to the file, made with its folder if need be. Raises OSError if it is not all on disk."""
    line = event.line().encode() + b"\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o644)
    try:
        data = line if _ends_a_line(descriptor) else b"\n" + line
        if os.write(descriptor, data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    finally:
        os.close(descriptor)


def read(path: Path) -> tuple[Event, ...]:
    """Every whole event of the file, in its order; what cannot be read as one is passed over. May raise OSError."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return ()
    found = (_event(line) for line in text.split("\n"))
    return tuple(event for event in found if event is not None)


def _ends_a_line(descriptor: int) -> bool:
    if os.fstat(descriptor).st_size == 0:
        return True
    os.lseek(descriptor, -1, os.SEEK_END)
    return os.read(descriptor, 1) == b"\n"


def _event(line: str) -> Event | None:
    try:
        data = json.loads(line)
        time, week, kind, name = (data[key] for key in ("time", "week", "kind", "id"))
        value = data["value"]
    except (ValueError, KeyError, TypeError):
        return None
    if not all(isinstance(text, str) for text in (time, week, kind, name)) or not isinstance(value, dict):
        return None
    return Event(time, week, kind, name, value)


def _plain(value: Any) -> Any:
    """NumPy's scalars and arrays as Python's own values."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not JSON")
