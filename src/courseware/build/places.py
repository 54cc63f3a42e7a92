"""Where a week's sources and built files lie; nothing else spells these paths."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Week:
    """The folders of one week below the course's root."""

    root: Path
    id: str

    @property
    def lesson(self) -> Path:
        """The folder of the lesson: source, practice file, pictures and built notebook."""
        return self.root / "notebooks" / self.id

    @property
    def solution(self) -> Path:
        """The folder of the lab's source."""
        return self.root / "solutions" / self.id

    @property
    def release(self) -> Path:
        """The folder a learner gets."""
        return self.root / "labs" / self.id

    @property
    def graders(self) -> Path:
        """The folder of visible and hidden checks and planted answers."""
        return self.root / "graders" / self.id

    @property
    def recordings(self) -> Path:
        """The folder of what models said to this week's lesson."""
        return self.root / "data" / "recordings" / self.id

    @property
    def gold(self) -> Path:
        """The folder of committed data made for this week."""
        return self.root / "data" / "gold" / self.id


def digest(paths: list[Path], root: Path) -> str:
    """Return a hash of the named files' paths and contents, the same on every platform."""
    total = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{path.relative_to(root).as_posix()}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return total.hexdigest()
