"""What is installed for this Python: a template that has imported it is of no more use once it changes."""

from __future__ import annotations

import os
import sys

_NOTED = (".dist-info", ".egg-info", ".pth", ".egg-link")


def installed() -> frozenset[tuple[str, str, int]]:
    """Return (folder, name, time of change in ns) of each package's record in the folders that Python imports from.

    A package that is installed, upgraded, removed or installed again changes its record's folder.
    """
    found = set()
    for folder in {entry for entry in sys.path if os.path.isdir(entry)}:  # noqa: PTH112 - faster, for every submission
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(_NOTED):
                    found.add((folder, entry.name, entry.stat().st_mtime_ns))
    return frozenset(found)
