"""Files inside registry packages, found with the learner's own pip settings and read as data.

A wheel is a zip archive: its members are copied out, nothing in it is imported, built or run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit
from urllib.request import url2pathname

from courseware.models.errors import BrokenWheel, SourceFailed
from courseware.models.registry import PackagePart

# Only wheels: pip would run the build script of anything else. One retry: an offline machine learns it soon.
_PIP_OPTIONS = (
    "--only-binary=:all:", "--ignore-requires-python", "--retries=1", "--timeout=15",
    "--disable-pip-version-check", "--no-input",
)  # fmt: skip
_FOUND = re.compile(r"Found link (?P<url>\S+\.whl)(?:#\S*?sha256=(?P<sha256>[0-9a-f]{64})\S*)?[ ,#]")


@dataclass(frozen=True)
class Wheel:
    """Where pip would take a wheel from; `sha256` is what the index says of it, if it says anything."""

    url: str
    sha256: str | None

    @property
    def local(self) -> Path | None:
        """The file itself when the index is a folder on this machine."""
        parts = urlsplit(self.url)
        return Path(url2pathname(parts.path)) if parts.scheme == "file" else None


def find_wheel(requirement: str) -> Wheel | None:
    """Where pip sees the wheel of NAME==VERSION, or None if its log names none. Raises SourceFailed.

    `pip index versions` reads the index alone. `pip install --dry-run --report` is documented better, but it
    downloads the whole wheel first, cannot go on after a stop, and would fetch a gigabyte twice (seen with pip 23 to
    26). So the address is read from the log, and `download_with_pip` is there should the log ever change.
    """
    name, _, version = requirement.partition("==")
    for line in _pip(requirement, "index", "versions", name, "-vv").splitlines():
        found = _FOUND.search(line)
        if found and line.endswith(f", version: {version}"):
            return Wheel(found["url"], found["sha256"])
    return None


def download_with_pip(requirement: str, folder: Path) -> Path:
    """Let pip download: for an index with a password or a proxy that only pip knows. Raises SourceFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    _pip(requirement, "download", requirement, "--no-deps", "--dest", str(folder))
    wheels = sorted(folder.glob("*.whl"))
    if not wheels:
        raise SourceFailed(f"package {requirement}: pip downloaded no wheel")
    return wheels[0]


def installed_files(parts: Iterable[PackagePart]) -> list[Path] | None:
    """The members in installed packages, whatever their version; None unless all are there."""
    found: list[Path] = []
    for part in parts:
        try:
            package = metadata.distribution(part.requirement.partition("==")[0])
        except metadata.PackageNotFoundError:
            return None
        found.append(Path(str(package.locate_file(part.member))))
    return found if all(path.is_file() for path in found) else None


def copy_member(wheel: Path, member: str, out: BinaryIO) -> None:
    """Append one member of a wheel to `out`. Raises BrokenWheel if it is not there or not readable."""
    try:
        archive = zipfile.ZipFile(wheel)
    except (zipfile.BadZipFile, OSError) as error:
        raise BrokenWheel(f"{wheel.name}: cannot be opened: {error}") from error
    try:
        with archive, archive.open(member) as stream:
            shutil.copyfileobj(stream, out, 1 << 20)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError) as error:
        raise BrokenWheel(f"{wheel.name}: cannot read {member}: {error}") from error


def _pip(requirement: str, *arguments: str) -> str:
    settings = {key: value for key, value in os.environ.items() if key not in ("PIP_QUIET", "PIP_VERBOSE")}
    command = [*_pip_command(), *arguments, *_PIP_OPTIONS]
    try:
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", env=settings)
    except OSError as error:
        raise SourceFailed(f"package {requirement}: pip cannot be started: {error}") from error
    if done.returncode:
        raise SourceFailed(f"package {requirement}: pip: {_reason(done.stderr)}")
    return done.stdout


def _pip_command() -> list[str]:
    """pip of this environment, else the one bundled with Python (environments made by uv have none)."""
    # Not find_spec: setuptools answers it for pip by replacing distutils, with a warning where that was imported.
    if list(metadata.distributions(name="pip")):
        return [sys.executable, "-m", "pip"]
    bundled = util.find_spec("ensurepip")
    folder = Path(bundled.origin).parent / "_bundled" if bundled and bundled.origin else Path()
    wheels = sorted(folder.glob("pip-*.whl"))
    if not wheels:
        raise SourceFailed("pip is not installed beside this Python; install it, or set up with `make lab`")
    return [sys.executable, str(wheels[-1] / "pip")]


def _reason(stderr: str) -> str:
    """The line of pip's complaint that says most."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    said = (errors or lines or ["it said nothing"])[-1]
    return f"no connection to the package index ({said})" if "connection broken by" in stderr else said
