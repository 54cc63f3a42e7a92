"""The machine a measurement ran on, as `course bench` prints it beside the figures."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Return cores, kind of processor and version of Python."""
    return {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()}


def busy_machine() -> dict[str, Any]:
    """Return the same with the processor's name, memory in GB, system, and how busy it is: the load of one minute."""
    import psutil

    memory_gb = round(psutil.virtual_memory().total / 1e9, 1)
    told = {"name": _processor(), "memory_gb": memory_gb, "system": f"{platform.system()} {platform.release()}"}
    return {**machine(), **told, "load": round(psutil.getloadavg()[0], 2)}


def _processor() -> str:
    """The processor's name where Linux tells it."""
    described = Path("/proc/cpuinfo")
    lines = described.read_text(encoding="utf-8").splitlines() if described.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
