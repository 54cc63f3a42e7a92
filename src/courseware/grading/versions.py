"""The versions of a lab that were released, and the checks that each is graded by."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from courseware.grading.errors import GradingError
from courseware.grading.fingerprints import fingerprints
from courseware.grading.lab import NOTEBOOK, cell_name, cell_role, read_notebook, released_version, versions_folder


def keep_version(root: Path, lab: str) -> str:
    """Keep what is being released, unless it is kept already; return its version. Raises GradingError."""
    source, release, graders = (
        root / "build" / "nbgrader" / "source" / lab,
        root / "labs" / lab,
        root / "graders" / lab,
    )
    version = released_version(read_notebook(release / NOTEBOOK), release)
    target = versions_folder(root, lab) / version
    if target.is_dir():
        return version
    if released_version(read_notebook(source / NOTEBOOK), source) != version:
        raise GradingError(f"{source} is not the source of {release}; run `course build {lab}` and release again")
    scratch = target.with_name(f".{version}.part")
    shutil.rmtree(scratch, ignore_errors=True)
    for name, folder in (("source", source), ("release", release), ("graders", graders)):
        shutil.copytree(folder, scratch / name, ignore=shutil.ignore_patterns("answers", "__pycache__", "*.toml"))
    for path in release.glob("*.toml"):
        shutil.copy(path, scratch / "release" / path.name)
    scratch.replace(target)
    return version


def adopt_graders(root: Path, lab: str) -> list[str]:
    """Have every released version of a lab graded by the checks as they are now; return the versions that changed.

    Raises GradingError where a check was added, dropped, or is worth something else: that is another lab.
    """
    changed = []
    now = {path.name: path.read_bytes() for path in sorted((root / "graders" / lab).glob("*.py"))}
    for folder in sorted(versions_folder(root, lab).glob("[0-9a-f]*")):
        kept = folder / "graders"
        if {path.name: path.read_bytes() for path in kept.glob("*.py")} == now:
            continue
        _require_same_checks(folder, now)
        for path in kept.glob("*.py"):
            path.unlink()
        for name, content in now.items():
            (kept / name).write_bytes(content)
        changed.append(folder.name)
    return changed


def check_ids(root: Path, lab: str) -> list[str]:
    """Return the checks that the released versions of a lab ask, in order."""
    sources = sorted(versions_folder(root, lab).glob(f"[0-9a-f]*/source/{NOTEBOOK}"))
    cells = [cell for source in sources for cell in read_notebook(source)["cells"]]
    return list(dict.fromkeys(cell_name(cell) for cell in cells if cell_role(cell) == "check"))


def _require_same_checks(folder: Path, graders: Mapping[str, bytes]) -> None:
    cells = read_notebook(folder / "source" / NOTEBOOK)["cells"]
    asked = {cell_name(cell) for cell in cells if cell_role(cell) == "check"}
    defined = set(fingerprints({name: content.decode() for name, content in graders.items()}))
    for name in sorted(asked ^ defined):
        what = "is gone" if name in asked else "is new"
        raise GradingError(f"check {name!r} {what} since version {folder.name}; release the lab again instead")
