"""The journal: every attempt at a lab, written as it happens, one file each, lines of JSON that are only added to.

A line is on the disk before the next step is taken, so whatever is killed, what was known is known again. Lines:

    {"begun": {...}}      an examination starts: what is graded, its identity and checks' fingerprints, when
    {"check": {...}}      a check's result
    {"failed": why}       it ended by a failure that is not the learner's
    {"examined": {...}}   it is finished: `courseware.grading.results.Examined`
    {"recorded": {...}}   it is in the gradebook
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from courseware.grading.errors import GradingError


@dataclass(frozen=True)
class Identity:
    """What an examination's result depends on; the same identity gives the same result."""

    submission: str
    version: str
    graders: str
    seed: str


class Attempt:
    """One attempt of one learner: its number, and its journal."""

    def __init__(self, path: Path, number: int) -> None:
        self.path, self.number = path, number

    def is_of(self, submission: str) -> bool:
        """Whether it is the attempt with the submission of this hash."""
        return self.path.stem.partition("-")[2] == submission[:16]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """All that is known of it, oldest first. A last line that was being written is left out."""
        return list(_lines(self.path))

    def examined(self, identity: Identity) -> dict[str, Any] | None:
        """The finished result of this identity, if there is one."""
        results = [result for begun, result in self._results() if begun["identity"] == asdict(identity)]
        return results[-1] if results else None

    def earlier(self, identity: Identity) -> tuple[dict[str, Any], dict[str, str]] | None:
        """The last result of the same work under whatever checks, and the fingerprints of those."""
        wanted = asdict(identity) | {"graders": None}
        for begun, result in reversed(list(self._results())):
            if begun["identity"] | {"graders": None} == wanted:
                return result, begun["checks"]
        return None

    def _results(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Every finished result with the line that began it."""
        begun = None
        for line in self.lines:
            if "begun" in line:
                begun = line["begun"]
            elif "examined" in line and begun is not None:
                yield begun, line["examined"]

    @property
    def is_recorded(self) -> bool:
        """Whether its last result is in the gradebook and in the autograded notebook."""
        lines = self.lines
        return bool(lines) and "recorded" in lines[-1]

    def write(self, **line: Any) -> None:
        """Add a line; it is on the disk when this returns. Raises GradingError where it cannot be written."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                if _torn(self.path):
                    file.write(b"\n")
                file.write(json.dumps(line).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise GradingError(
                f"cannot write the journal {self.path}: {error.strerror}; make room or repair it, then grade again"
            ) from error


class Journal:
    """All attempts at one lab, below a folder: `<learner>/<number>-<hash of what was handed in>.jsonl`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def attempt(self, student: str, submission: str) -> Attempt:
        """The attempt with this submission: the one that is known, else the next."""
        known = self.attempts(student)
        for attempt in known:
            if attempt.is_of(submission):
                return attempt
        number = len(known) + 1
        return Attempt(self._folder / student / f"{number:03}-{submission[:16]}.jsonl", number)

    def attempts(self, student: str) -> list[Attempt]:
        """A learner's attempts in order."""
        paths = sorted((self._folder / student).glob("*.jsonl"))
        return [Attempt(path, int(path.stem.partition("-")[0])) for path in paths]


def _torn(path: Path) -> bool:
    """Whether the last line lacks its end: whoever wrote it was killed."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    for line in content.split(b"\n"):
        try:
            value = json.loads(line)
        except ValueError:
            continue  # torn, and followed by the lines of the next run
        if isinstance(value, dict):
            yield value
