"""Finds checks in files: a lab's visible ones beside it, its hidden ones on the grader's machine alone."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from courseware.checks.check import Check
from courseware.checks.errors import CheckDefinitionError
from courseware.manifest import course_root

GRADERS_VARIABLE = "COURSE_GRADERS"


def load_checks(path: Path) -> dict[str, Check]:
    """Return the checks defined in the Python file at `path`, by id.

    Raises:
        CheckDefinitionError: two checks share an id.
    """
    found: dict[str, Check] = {}
    for value in vars(load_module(path)).values():
        if isinstance(value, Check):
            if found.get(value.id, value) is not value:
                raise CheckDefinitionError(f"{path}: two checks have the id {value.id!r}; rename one")
            found[value.id] = value
    return found


@lru_cache(maxsize=64)
def load_module(path: Path) -> ModuleType:
    """Import the file at `path` under a name of its own, so that two labs' `checks.py` never meet."""
    name = f"_course_{path.stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(f"no checks at {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def visible_check(id: str) -> Check:  # noqa: A002
    """Return the visible check `id` from `checks.py` in the folder of the running notebook."""
    return _named(load_checks(Path("checks.py").absolute()), id, Path("checks.py"))


def hidden_check(lab: str, id: str) -> Check:  # noqa: A002
    """Return the hidden check `id` of `lab` from the one place a grader keeps them.

    That place is `$COURSE_GRADERS`, else `graders/` in the course's folder; a learner's install has neither.
    """
    path = graders_folder() / lab / "hidden.py"
    if not path.is_file():
        raise FileNotFoundError(
            f"no hidden checks at {path}; set {GRADERS_VARIABLE} to the course's graders folder to grade {lab}"
        )
    return _named(load_checks(path), id, path)


def _named(checks: dict[str, Check], id: str, path: Path) -> Check:  # noqa: A002
    if id not in checks:
        raise CheckDefinitionError(f"{path} has no check {id!r}; it has {', '.join(sorted(checks))}")
    return checks[id]


def graders_folder() -> Path:
    """Return where hidden checks are looked for."""
    named = os.environ.get(GRADERS_VARIABLE)
    return Path(named) if named else course_root() / "graders"
