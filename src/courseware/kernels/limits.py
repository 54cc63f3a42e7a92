"""How much a submission may use, and what it used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True)
class Limits:
    """The most that one submission may use; whoever passes one of them is stopped, and nobody else notices."""

    wall_s: float = 300  # of the whole submission
    cpu_s: int = 240  # of the whole process tree
    memory_bytes: int = 3 * GIB  # of the whole process tree; what it shares with the template does not count
    processes: int = 64
    file_bytes: int = 64 * MIB
    scratch_bytes: int = 256 * MIB  # the kernel's own folder
    output_bytes: int = 1 * MIB  # of one cell; what is beyond is dropped, and the output says so


@dataclass(frozen=True)
class Usage:
    """What one submission used. `peak_bytes` is looked at four times a second and counts only what is its own."""

    cpu_s: float
    peak_bytes: int


@dataclass(frozen=True)
class CellRun:
    """What one cell gave: nbformat 4 outputs, and how it ended."""

    outputs: list[dict[str, Any]]
    status: Literal["ok", "error", "too slow"]


def size_text(size: int) -> str:
    """Return bytes as a person reads them, as in "3.0 GiB"."""
    return f"{size / GIB:.1f} GiB" if size >= GIB else f"{size / MIB:.1f} MiB"
