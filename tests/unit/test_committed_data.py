"""Every committed data file is the one its row in data/README.md names."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

SCRIPTS = {".py", ".md"}


def rows(root: Path) -> dict[str, str]:
    text = (root / "data" / "README.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", text, re.MULTILINE))


def test_each_committed_file_has_a_row_with_its_hash(root: Path) -> None:
    recordings = root / "data" / "recordings"  # each says itself where it comes from, and lint verifies its keys
    files = [path for path in (root / "data").rglob("*") if path.is_file() and path.suffix not in SCRIPTS]
    golden = [root / "data" / "gold" / f"company_{seed}" for seed in (1, 2)]  # built again and compared, every byte
    files = [path for path in files if not {recordings, *golden} & set(path.parents)]
    hashes = {
        path.relative_to(root / "data").as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }
    assert hashes
    assert rows(root) == hashes
