"""The files beside a notebook: copied into its kernel's folder, and what the notebook wrote copied back.

The kernel's folder belongs to the learner's code. It is read only after every process in there has ended, and through
its descriptor, where a link leads nowhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from courseware.kernels.errors import TemplateFailed
from courseware.kernels.limits import size_text
from courseware.kernels.scratch import read_file

_NOTEBOOK = ".ipynb"  # a submission, and in an instructor's folder the hidden tests
_GRADERS_OWN = "timestamp.txt"  # nbgrader reads there when it was handed in
_DEEPEST = 16  # folders in folders; who makes thousands wants to break what walks through them


def data_files(folder: Path, most: int) -> dict[str, bytes]:
    """Return the regular files below `folder` by relative name, without notebooks and what is hidden.

    A link is left out: a submission may bring one that leads to a file of the grader's. Raises TemplateFailed where
    there are more than `most` bytes.
    """
    files: dict[str, bytes] = {}
    room = most
    for file in _regular(folder):
        room -= file.stat().st_size
        if room < 0:
            raise TemplateFailed(
                f"the files beside the notebook in {folder} are more than a kernel's disk holds, {size_text(most)}. "
                "Show large ones to all kernels by c.WarmProvisioner.readable, or raise its limit scratch_bytes"
            )
        files[str(file.relative_to(folder))] = file.read_bytes()
    return files


def bring_back(kernel_folder: int, folder: Path, most: int) -> None:
    """Copy the files that the notebook made below `kernel_folder` to `folder`, `most` bytes of them; replace none."""
    for name in _made(kernel_folder):
        target = folder / name
        if target.is_symlink() or target.exists() or not _may_be_made(folder, target):
            continue
        content = read_file(kernel_folder, name, most)
        if content is None:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        most -= len(content)
        if most <= 0:
            return


def _regular(folder: Path) -> Iterator[Path]:
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if _is_data(name))
        for name in sorted(names):
            file = Path(above, name)
            if _is_data(name) and file.is_file() and not file.is_symlink():
                yield file


def _made(kernel_folder: int) -> list[str]:
    names: list[str] = []
    for above, folders, files, _ in os.fwalk(".", dir_fd=kernel_folder, follow_symlinks=False):
        place = PurePosixPath(above)
        deep = len(place.parts) >= _DEEPEST
        folders[:] = [] if deep else sorted(name for name in folders if _is_data(name))
        names += [str(place / name) for name in sorted(files) if _is_data(name) and name != _GRADERS_OWN]
    return names


def _is_data(name: str) -> bool:
    """Not so a name that is no text: the learner's code can write any bytes."""
    return name.isprintable() and not name.startswith(".") and name != "__pycache__" and not name.endswith(_NOTEBOOK)


def _may_be_made(folder: Path, target: Path) -> bool:
    """Whether no link on the way leads out of `folder`, and no file stands in the way."""
    inside = target.parent.resolve().is_relative_to(folder.resolve())
    return inside and all(above.is_dir() or not above.exists() for above in target.parents)
