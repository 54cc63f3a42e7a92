"""A submission as one file: the notebook, the files the manifest asks for, and hashes of each.

The format is a zip with `submission.json` in front:
`{"format": 1, "lab", "version", "learner", "time", "files": {name: sha256}}`, time in UTC, ISO 8601. The receipt is
the sha256 of that record, so a learner can show later what they handed in.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RECORD = "submission.json"
MOST_BYTES = 50 * 2**20
_LONGEST_NAME = 100
_EPOCH = (1980, 1, 1, 0, 0, 0)


class BundleError(Exception):
    """A bundle that cannot be trusted or read; the message names the file and what is wrong with it."""


@dataclass(frozen=True)
class Bundle:
    """A submission in memory."""

    lab: str
    version: str
    learner: str
    time: str
    files: dict[str, bytes]

    @property
    def record(self) -> bytes:
        """The JSON that describes it, the same bytes whenever the content is the same."""
        fields: dict[str, Any] = {"format": 1, "lab": self.lab, "version": self.version, "learner": self.learner}
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(self.files.items())}
        return json.dumps(fields | {"time": self.time, "files": hashes}, indent=1).encode()

    @property
    def moment(self) -> datetime:
        """The time as an instant in UTC: two bundles' texts may be of different zones."""
        moment = _moment(self.time)
        if moment is None:
            raise ValueError(f"{self.time!r} is not a date and time with its zone")
        return moment

    @property
    def receipt(self) -> str:
        """The sha256 of the record, in hexadecimal."""
        return hashlib.sha256(self.record).hexdigest()

    def to_bytes(self) -> bytes:
        """Return the zip file's content."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in {RECORD: self.record, **dict(sorted(self.files.items()))}.items():
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, content)
        return buffer.getvalue()


def is_plain_name(value: object) -> bool:
    """Whether `value` can name one file or folder on every system: no path, nothing hidden, nothing unprintable."""
    return (
        isinstance(value, str)
        and value == value.strip()
        and 0 < len(value.encode("utf-8", "replace")) <= _LONGEST_NAME
        and value.isprintable()
        and not value.startswith(".")
        and not set(value) & set('/\\:*?"<>|')
    )


def read_bundle(path: Path) -> Bundle:
    """Return the bundle at `path` after checking every hash.

    Raises:
        BundleError: it is not a zip, not a bundle, larger than `MOST_BYTES`, names a path outside itself, holds
            something its record does not name, or a file is not the one its record names.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise BundleError(f"{path}: larger than {MOST_BYTES:,} bytes unpacked; ask for a smaller one")
            contents = {name: archive.read(name) for name in archive.namelist()}
            if len(contents) != len(archive.namelist()):
                raise ValueError("two of its files have one name")
            record = json.loads(contents.pop(RECORD))
    except BundleError:
        raise
    except Exception as error:  # whatever a stranger's file brings zipfile, zlib or json to raise
        raise BundleError(f"{path}: not a submission ({_line(error)}); ask for it again") from error
    return _checked(path, record, contents)


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _checked(path: Path, record: Any, contents: dict[str, bytes]) -> Bundle:
    for reason in _faults(record, contents):
        raise BundleError(f"{path}: {reason}; ask for it again")
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != record["files"][name]:
            raise BundleError(f"{path}: {name} is not the file its record names; it was changed after submission")
    return Bundle(record["lab"], record["version"], record["learner"], record["time"], contents)


def _faults(record: Any, contents: dict[str, bytes]) -> Iterator[str]:
    """Yield what keeps the record from being one of these files; the first is enough."""
    if not isinstance(record, dict) or record.get("format") != 1:
        yield f"{RECORD} is not a record of format 1"
    elif not isinstance(record.get("files"), dict):
        yield f"{RECORD} names no files"
    else:
        yield from (
            f"names the file {name!r}, which is not a plain name" for name in record["files"] if not is_plain_name(name)
        )
        yield from (
            f"holds {name!r}, which its record does not name" for name in contents if name not in record["files"]
        )
        yield from (f"lacks {name!r}, which its record names" for name in record["files"] if name not in contents)
        yield from (
            f"its {key} is {record.get(key)!r}, which is not a plain name"
            for key in ("lab", "learner")
            if not is_plain_name(record.get(key))
        )
        if not isinstance(record.get("version"), str):
            yield f"its version is {record.get('version')!r}, which is not a text"
        if _moment(record.get("time")) is None:
            yield f"its time is {record.get('time')!r}, which is not a date and time with its zone"


def _moment(time: object) -> datetime | None:
    """Return `time` in UTC; None where it is no time, or one of a clock nobody knows the zone of."""
    try:
        moment = datetime.fromisoformat(str(time))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
