"""Where the course keeps what can be pulled or built again."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder(variable: str, name: str) -> Path:
    """Return $`variable`, else $XDG_CACHE_HOME/courseware/`name`, else ~/.cache/courseware/`name`.

    A relative $XDG_CACHE_HOME does not count (XDG Base Directory Specification 0.8).
    """
    if own := os.environ.get(variable):
        return Path(own).expanduser().absolute()
    cache = os.environ.get("XDG_CACHE_HOME")
    base = Path(cache) if cache and Path(cache).is_absolute() else Path.home() / ".cache"
    return base / "courseware" / name
