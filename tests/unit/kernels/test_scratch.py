"""Files of a kernel's folder are written and read below it and nowhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from courseware.kernels.scratch import read_file, write_files

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels for grading need Linux")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    """An open folder with secrets beside it."""
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (tmp_path / "own").mkdir()
    descriptor = os.open(tmp_path / "own", os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def test_files_and_their_folders_are_made(folder: int, tmp_path: Path) -> None:
    write_files(folder, {"a.txt": b"a", "deep/er/b.txt": b"b", "deep/c.txt": b"c"})
    found = sorted(str(path.relative_to(tmp_path / "own")) for path in (tmp_path / "own").rglob("*.txt"))
    assert found == ["a.txt", "deep/c.txt", "deep/er/b.txt"]
    assert read_file(folder, "deep/er/b.txt", 10) == b"b"


def test_only_the_beginning_of_a_large_file_is_read(folder: int) -> None:
    write_files(folder, {"large": b"abc" * 1000})
    assert read_file(folder, "large", 4) == b"abca"
    assert read_file(folder, "large", 0) == b""


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd", "", ".", "a/../../secret.txt", "x\0y", "missing"])
def test_a_name_that_leads_elsewhere_reads_nothing(folder: int, name: str) -> None:
    assert read_file(folder, name, 10) is None


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "a/../../x", ""])
def test_a_name_that_leads_elsewhere_is_not_written(folder: int, name: str) -> None:
    with pytest.raises(ValueError, match="no name of a file"):
        write_files(folder, {name: b""})


def test_links_and_what_is_no_file_read_as_nothing(folder: int, tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "real.txt").write_bytes(b"real")
    (own / "link").symlink_to("../secret.txt")
    (own / "near").symlink_to("real.txt")
    (own / "up").symlink_to("..")
    (own / "folder").mkdir()
    os.mkfifo(own / "pipe")
    for name in ("link", "near", "up/secret.txt", "folder", "pipe"):
        assert read_file(folder, name, 10) is None, name
