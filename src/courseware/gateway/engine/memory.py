"""How much memory there is, how much a model takes, and which of a role's weights that allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from courseware.models.registry import Model

_MB = 1 << 20
# Resident memory of the process, with a context of 8192 tokens where it has one. Measured on Linux with xllamacpp
# 2026.10.11549 and sentence-transformers 6.2.
_MEASURED_MB = {
    "smollm2-135m-instruct-q4_1": 333,
    "qwen2.5-coder-0.5b-instruct-q4_k_m": 694,
    "qwen2.5-coder-1.5b-instruct-q4_k_m": 1996,
    "all-minilm-l6-v2": 588,
}
_MARGIN_MB = 400  # a notebook's kernel goes on growing beside the engine
_CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
        "/sys/fs/cgroup/memory/memory.stat",
    ),
)


@dataclass(frozen=True)
class Choice:
    """The first weights that can be used, or none, and why each better one cannot."""

    name: str | None
    missing: tuple[str, ...] = ()
    too_big: tuple[str, ...] = ()


def bytes_needed(model: Model) -> int:
    """Memory to have free before the model is loaded, margin included; for unknown weights by their size."""
    measured = _MEASURED_MB.get(model.name)
    own = measured * _MB if measured else 2 * (model.bytes or 0) + 200 * _MB
    return own + _MARGIN_MB * _MB


def choose(
    weights: Sequence[str],
    *,
    present: Callable[[str], bool],
    loaded: Iterable[str],
    needed: Callable[[str], int],
    free: int,
) -> Choice:
    """Take the first of `weights` that is `present` and either loaded or small enough for `free` bytes."""
    missing, too_big, running = [], [], set(loaded)
    for name in weights:
        if not present(name):
            missing.append(name)
        elif name not in running and needed(name) > free:
            too_big.append(name)
        else:
            return Choice(name, tuple(missing), tuple(too_big))
    return Choice(None, tuple(missing), tuple(too_big))


def free_bytes() -> int:
    """Memory that can be had without swapping: the machine's, or this container's where that is less."""
    free = [int(psutil.virtual_memory().available)]
    free += [left for files in _CGROUPS if (left := _left_in_container(*map(Path, files))) is not None]
    return max(0, min(free))


def _left_in_container(limit: Path, usage: Path, stat: Path) -> int | None:
    try:
        most, used = int(limit.read_text()), int(usage.read_text())  # "max" is no number and no limit
        counted = dict(line.split() for line in stat.read_text().splitlines())
    except (OSError, ValueError):
        return None
    return most - used + int(counted.get("inactive_file", 0))  # the page cache gives way
