"""A lab as grading sees it: the version a learner was given, with the checks that belong to it.

Every version that was released is kept below `build/nbgrader/versions/<lab>/<version>`, since a submission is graded
against the version it carries: `source` with the hidden checks' cells, `release` as it was handed out, `graders`.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from courseware.grading.errors import GradingError
from courseware.grading.fingerprints import fingerprints
from courseware.manifest import Lab, Week

NOTEBOOK = "lab.ipynb"
# It comes from the submission, and names a folder.
_VERSION = re.compile("[0-9a-f]{8,64}")
Role = Literal["locked", "answer", "manual", "check", "look", "text"]


@dataclass(frozen=True)
class LabCell:
    """One cell of the lab. `text` is what is run or shown, `released` what the learner was given."""

    id: str
    kind: Literal["code", "markdown"]
    role: Role
    text: str
    released: str
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        """Whether its text is the course's, whatever a submission says."""
        return self.role in ("locked", "check")

    @property
    def points(self) -> float:
        """What it is worth, 0 where it is not graded."""
        return float(self.metadata.get("nbgrader", {}).get("points", 0.0))


@dataclass(frozen=True)
class GradedLab:
    """One version of a lab. `files` lie beside the notebook, `graders` holds the checks' modules, both by name.

    `imports` are the modules that its reference imports: a template that has them makes every submission quicker.
    """

    id: str
    version: str
    cells: tuple[LabCell, ...]
    files: Mapping[str, bytes]
    graders: Mapping[str, str]
    imports: tuple[str, ...]
    manifest: Lab

    @cached_property
    def prints(self) -> dict[str, str]:
        """The fingerprints of its checks."""
        return fingerprints(self.graders)

    @property
    def hands_in_programs(self) -> bool:
        """Whether checks may run Python programs of the learner's."""
        return any(name.endswith(".py") for name in self.manifest.files)

    @property
    def points(self) -> dict[str, float]:
        """What each check is worth, in order."""
        return {cell.id: cell.points for cell in self.cells if cell.role == "check"}


def versions_folder(root: Path, lab: str) -> Path:
    """Where the released versions of a lab are kept."""
    return root / "build" / "nbgrader" / "versions" / lab


def load_lab(root: Path, week: Week, version: str) -> GradedLab:
    """Return a version of a lab that was released. Raises GradingError where it is not here."""
    folder = versions_folder(root, week.id) / version
    if not (_VERSION.fullmatch(version) and folder.is_dir()):
        raise GradingError(
            f"version {version[:40]!r} of {week.id} was not released here; run `course release {week.id}`"
        )
    source, release = read_notebook(folder / "source" / NOTEBOOK), read_notebook(folder / "release" / NOTEBOOK)
    given = {cell_name(cell): cell for cell in release["cells"]}
    cells = tuple(_cell(cell, given[cell_name(cell)]) for cell in source["cells"])
    files = {path.name: path.read_bytes() for path in (folder / "release").iterdir() if path.suffix != ".ipynb"}
    graders = {path.name: path.read_text(encoding="utf-8") for path in sorted((folder / "graders").glob("*.py"))}
    imports = {name for cell in source["cells"] for name in _imports(_text(cell))}
    own = {Path(name).stem for name in (*files, *week.lab.files)}
    imports = {name for name in imports if name.partition(".")[0] not in own}
    return GradedLab(week.id, version, cells, files, graders, tuple(sorted(imports)), week.lab)


def _imports(text: str) -> Iterator[str]:
    """The modules that a cell imports; a program that a cell writes counts like a cell."""
    code = text.partition("\n")[2] if text.startswith("%%") else text
    try:
        tree = ast.parse(code)
    except SyntaxError:  # Markdown, or a line of magic
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _cell(source: dict[str, Any], given: dict[str, Any]) -> LabCell:
    kind: Any = "code" if source["cell_type"] == "code" else "markdown"
    text, released = _text(source), _text(given)
    role = cell_role(source)
    return LabCell(
        cell_name(source), kind, role, text if role in ("locked", "check") else released, released, given["metadata"]
    )


def cell_role(cell: dict[str, Any]) -> Role:
    flags = cell["metadata"].get("nbgrader")
    if flags is None:
        return "look" if cell["cell_type"] == "code" else "text"
    if flags["grade"]:
        return "manual" if flags["solution"] else "check"
    return "answer" if flags["solution"] else "locked"


def cell_name(cell: dict[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id") or cell["id"])


def _text(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def read_notebook(path: Path) -> dict[str, Any]:
    try:
        notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise GradingError(f"{path} cannot be read: {error}; run `course build` and `course release` again") from error
    return notebook


def released_version(notebook: dict[str, Any], folder: Path) -> str:
    try:
        return str(notebook["metadata"]["course"]["version"])
    except KeyError:
        raise GradingError(f"{folder / NOTEBOOK} names no version; run `course build` again") from None
