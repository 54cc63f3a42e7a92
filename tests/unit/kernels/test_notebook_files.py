"""What goes into a kernel's folder with a notebook, and what comes back from one that a stranger filled."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from courseware.kernels.errors import TemplateFailed
from courseware.kernels.notebook_files import bring_back, data_files

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kernels' folders are Linux's")


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """The folder that the notebook stands in."""
    folder = tmp_path / "beside"
    folder.mkdir()
    return folder


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    """The kernel's folder."""
    folder = tmp_path / "inside"
    folder.mkdir()
    return folder


@pytest.fixture
def opened(inside: Path) -> Iterator[int]:
    """The kernel's folder, as the supervisor hands it over."""
    descriptor = os.open(inside, os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


def test_data_goes_in_without_notebooks_hidden_files_and_links(beside: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_bytes(b"secret")
    for name in ("a.csv", "deep/b.csv", "lab.ipynb", ".ipynb_checkpoints/lab.txt", ".hidden"):
        (beside / name).parent.mkdir(exist_ok=True)
        (beside / name).write_bytes(name.encode())
    (beside / "link").symlink_to(tmp_path / "secret.txt")
    (beside / "folder").symlink_to(tmp_path)
    assert data_files(beside, 100) == {"a.csv": b"a.csv", "deep/b.csv": b"deep/b.csv"}


def test_more_data_than_the_disk_holds_is_refused(beside: Path) -> None:
    (beside / "large.bin").write_bytes(bytes(101))
    with pytest.raises(TemplateFailed, match=r"more than a kernel's disk holds"):
        data_files(beside, 100)


def test_what_a_notebook_made_comes_back(beside: Path, inside: Path, opened: int) -> None:
    (inside / "out").mkdir()
    (inside / "out" / "table.csv").write_bytes(b"1,2")
    bring_back(opened, beside, 100)
    assert (beside / "out" / "table.csv").read_bytes() == b"1,2"


@pytest.mark.parametrize("name", ["lab.ipynb", "timestamp.txt", ".bashrc", "__pycache__/json.pyc", "taken.txt"])
def test_some_names_never_come_back(beside: Path, inside: Path, opened: int, name: str) -> None:
    (beside / "taken.txt").write_bytes(b"mine")
    (inside / name).parent.mkdir(exist_ok=True)
    (inside / name).write_bytes(b"forged")
    bring_back(opened, beside, 100)
    assert data_files(beside, 100) == {"taken.txt": b"mine"}
    assert not (beside / name).exists() or (beside / name).read_bytes() == b"mine"


def test_a_link_in_the_kernels_folder_brings_nothing(beside: Path, inside: Path, opened: int, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (inside / "link.txt").symlink_to(tmp_path / "secret.txt")
    (inside / "folder").symlink_to(tmp_path)
    bring_back(opened, beside, 100)
    assert list(beside.iterdir()) == []


def test_a_link_beside_the_notebook_is_not_written_through(
    beside: Path, inside: Path, opened: int, tmp_path: Path
) -> None:
    (beside / "out").symlink_to(tmp_path)
    (beside / "dangling.txt").symlink_to(tmp_path / "new.txt")
    (inside / "out").mkdir()
    for name in ("out/planted.txt", "dangling.txt"):
        (inside / name).write_bytes(b"planted")
    bring_back(opened, beside, 100)
    assert {path.name for path in tmp_path.iterdir()} == {"beside", "inside"}


def test_no_more_comes_back_than_the_disk_held(beside: Path, inside: Path, opened: int) -> None:
    for name in ("a", "b"):
        with (inside / name).open("wb") as sparse:
            sparse.truncate(1000)
    bring_back(opened, beside, 100)
    assert sum(file.stat().st_size for file in beside.iterdir()) == 100


def test_a_folder_made_to_break_its_reader_does_not(beside: Path, inside: Path, opened: int) -> None:
    (inside / os.fsdecode(b"no\xfftext")).write_bytes(b"x")
    (inside / "fine.txt").write_bytes(b"x")
    place = os.open(inside, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("deep", dir_fd=place)
        below = os.open("deep", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
    os.close(place)
    bring_back(opened, beside, 100)
    assert [path.name for path in beside.iterdir()] == ["fine.txt"]
    subprocess.run(["rm", "-rf", inside], check=True)  # shutil recurses
