"""A gateway from the course's folder: its manifest, its recordings, and the engines this machine can run."""

from __future__ import annotations

import os
from pathlib import Path

from courseware.gateway.directory import Directory
from courseware.gateway.engine import Embedder, LocalEngine
from courseware.gateway.provider import ProviderTier, Settings
from courseware.gateway.provider.spending import Spending
from courseware.gateway.recordings import Recordings, load
from courseware.gateway.server import Gateway
from courseware.gateway.sessions import Sessions
from courseware.gateway.supervision.lifetime import Lifetime
from courseware.gateway.supervision.state import state_folder
from courseware.gateway.tiers import Tiers
from courseware.manifest import Course
from courseware.manifest import load as load_course


def recordings_folder(root: Path) -> Path:
    """Where a course keeps its recordings."""
    return root / "data" / "recordings"


def assemble(root: Path, token: str, control_token: str, lifetime: Lifetime) -> Gateway:
    """Return a gateway for the course in `root`; engines start when first needed. Raises RecordingError."""
    course = load_course(root / "course.toml")
    folder = recordings_folder(root)
    recordings = Recordings.of(load(folder))
    tiers = Tiers(Directory.of(course), recordings, LocalEngine(), Embedder(), provider_tier(course))
    return Gateway(tiers, control_token, Sessions(token), folder=folder, lifetime=lifetime)


def provider_tier(course: Course) -> ProviderTier | None:
    """The user's own provider, where the environment asks for one. Raises SettingsError."""
    settings = Settings.of(os.environ)
    if settings is None:
        return None
    return ProviderTier(settings, course, Spending(state_folder() / "spending.json", settings.cap_usd))
