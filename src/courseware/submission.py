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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECORD = "submission.json"
MOST_BYTES = 50 * 2**20
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


def read_bundle(path: Path) -> Bundle:
    """Return the bundle at `path` after checking every hash.

    Raises:
        BundleError: it is not a zip, not a bundle, larger than `MOST_BYTES`, names a path outside itself, or a file
            is not the one its record names.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise BundleError(f"{path}: larger than {MOST_BYTES:,} bytes unpacked; ask for a smaller one")
            record = json.loads(archive.read(RECORD))
            files = {name: archive.read(name) for name in record["files"]}
            bundle = Bundle(record["lab"], record["version"], record["learner"], record["time"], files)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError) as error:
        raise BundleError(f"{path}: not a submission ({error}); ask for it again") from error
    return _checked(path, bundle, record["files"])


def _checked(path: Path, bundle: Bundle, hashes: dict[str, str]) -> Bundle:
    for name, content in bundle.files.items():
        if name != Path(name).name or name in ("", ".", "..") or "\\" in name:
            raise BundleError(f"{path}: names the file {name!r}, which is not a plain name; ask for it again")
        if hashlib.sha256(content).hexdigest() != hashes[name]:
            raise BundleError(f"{path}: {name} is not the file its record names; it was changed after submission")
    for label, value in (("lab", bundle.lab), ("learner", bundle.learner)):
        if not value or value != Path(value).name or value.startswith("."):
            raise BundleError(f"{path}: its {label} is {value!r}, which is not a plain name; ask for it again")
    return bundle
