"""What a supervisor is told about its one kernel, and what it gives that kernel."""

from __future__ import annotations

import dataclasses
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from courseware.kernels.limits import Limits
from courseware.kernels.protocol import Message


@dataclass(frozen=True)
class KernelRequest:
    """One kernel: its limits, its whole environment, its files by name, and the port of the host it may reach.

    `jupyter` is for kernels that speak Jupyter's protocol: "connection", what a connection file says about keys, and
    "arguments", as for ipykernel's launcher.
    """

    limits: Limits
    environment: Mapping[str, str]
    files: Mapping[str, bytes]
    port: int | None
    jupyter: Mapping[str, Any] | None = None

    def message(self) -> tuple[dict[str, Any], bytes]:
        """Return what to send: the files' contents follow each other in the payload."""
        header = {
            "limits": dataclasses.asdict(self.limits),
            "environment": dict(self.environment),
            "files": [[name, len(content)] for name, content in self.files.items()],
            "port": self.port,
            "jupyter": self.jupyter,
        }
        return header, b"".join(self.files.values())

    @classmethod
    def of(cls, message: Message) -> KernelRequest:
        """Read what `message` made; it comes from the owner, who is trusted."""
        files, start = {}, 0
        for name, size in message.header["files"]:
            files[name] = message.payload[start : start + size]
            start += size
        limits = Limits(**message.header["limits"])
        header = message.header
        return cls(limits, header["environment"], files, header["port"], header["jupyter"])


@dataclass(frozen=True)
class KernelEnds:
    """The descriptors of a kernel: its end of the owner's channel, and files that take what is printed, by stream."""

    channel: socket.socket
    printed: Mapping[int, int]

    def numbers(self) -> list[int]:
        """Return all of them."""
        return [self.channel.fileno(), *self.printed.values()]

    def close(self) -> None:
        """Close them here; the kernel has them."""
        self.channel.close()
        for file in self.printed.values():
            os.close(file)


def relative_parts(name: str) -> Sequence[str]:
    """Return the parts of a file's name in the kernel's folder. Raises ValueError for one that leads out of it."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
        raise ValueError(f"{name!r} is no name of a file inside the kernel's folder")
    return path.parts
