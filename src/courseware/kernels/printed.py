"""Where printed text goes: Python's streams into the outputs at once, descriptors 1 and 2 into files in memory."""

from __future__ import annotations

import fcntl
import io
import os
from collections.abc import Mapping

from courseware.kernels.collected import STREAMS, Collected


class PrintedText(io.TextIOBase):
    """Python's standard output or standard error, whose text goes among the outputs."""

    encoding, errors = "utf-8", "backslashreplace"

    def __init__(self, collected: Collected, number: int) -> None:
        self._collected, self._number = collected, number
        self.name = f"<{STREAMS[number]}>"

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._collected.stream(STREAMS[self._number], text)
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        """The descriptor that a program started from a cell inherits."""
        return self._number

    def close(self) -> None:
        """Stay open: the next cell prints, too."""


def new_output_files() -> dict[int, int]:
    """Return memory files for descriptors 1 and 2; a sandboxed process may make none itself."""
    files = {}
    for number, name in STREAMS.items():
        files[number] = os.memfd_create(name, os.MFD_CLOEXEC)
        fcntl.fcntl(files[number], fcntl.F_SETFL, os.O_APPEND)  # after a truncation the next byte is the first
    return files


def redirect_descriptors(files: Mapping[int, int]) -> None:
    """Turn descriptors into those files."""
    for number, file in files.items():
        os.dup2(file, number)
