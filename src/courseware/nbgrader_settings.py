"""What building and grading ask of an installed nbgrader: the course's settings for it, and its way to `alembic`."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any


def nbgrader_settings(root: Path) -> Any:
    """Return what `nbgrader_config.py` in the folder `root` says, as a `traitlets.config.Config`."""
    from traitlets.config.loader import PyFileConfigLoader

    return PyFileConfigLoader("nbgrader_config.py", str(root)).load_config()


def alembic_on_path() -> None:
    """Let nbgrader find the program `alembic`, which an environment that is not activated hides, when it needs it."""
    beside = str(Path(sys.executable).parent)
    if beside not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = f"{beside}{os.pathsep}{os.environ['PATH']}"


def import_jsonschema() -> None:
    """Import it, as nbgrader will, without its format of international addresses.

    Its grammars are built by the import, for a second of CPU time; nothing in grading has such addresses.
    """
    grammars = "rfc3987_syntax"
    if {"jsonschema", grammars} & sys.modules.keys():
        return
    modules: dict[str, Any] = sys.modules
    modules[grammars] = None  # as if it were not installed, which jsonschema allows
    try:
        importlib.import_module("jsonschema")
    finally:
        del modules[grammars]
