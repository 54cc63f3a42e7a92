"""A gateway from the course's folder: its manifest, its recordings, and the engines this machine can run."""

from __future__ import annotations

from pathlib import Path

from courseware.gateway.directory import Directory
from courseware.gateway.engine import Embedder, LocalEngine
from courseware.gateway.recordings import Recordings, load
from courseware.gateway.server import Gateway
from courseware.gateway.sessions import Sessions
from courseware.gateway.supervision.lifetime import Lifetime
from courseware.gateway.tiers import Tiers
from courseware.manifest import load as load_course


def recordings_folder(root: Path) -> Path:
    """Where a course keeps its recordings."""
    return root / "data" / "recordings"


def assemble(root: Path, token: str, control_token: str, lifetime: Lifetime) -> Gateway:
    """Return a gateway for the course in `root`; engines start when first needed. Raises RecordingError."""
    course = load_course(root / "course.toml")
    folder = recordings_folder(root)
    tiers = Tiers(Directory.of(course), Recordings.of(load(folder)), LocalEngine(), Embedder())
    return Gateway(tiers, control_token, Sessions(token), folder=folder, lifetime=lifetime)
