"""Messages over a socket pair: a small JSON object and raw bytes behind it.

On the wire: the two lengths as unsigned 32-bit numbers in network order, the object, the bytes. Nothing of a message
is believed before its size was looked at, and reading or writing one never takes longer than its caller allows: the
other end may be a process that the learner's code has taken over.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_LENGTHS = struct.Struct("!II")
MOST_HEADER = 1 << 20
MOST_PAYLOAD = 1 << 30
_CHUNK = 1 << 20


class ChannelClosed(Exception):
    """The other end is gone."""


class MalformedMessage(Exception):
    """What came is no message, or is larger than it may be."""


@dataclass(frozen=True)
class Message:
    """One message. `header` is an object of JSON; what is in it is for the receiver to check."""

    header: dict[str, Any]
    payload: bytes = b""


class Channel:
    """One end of a socket pair."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def fileno(self) -> int:
        """The descriptor to wait on until a message begins."""
        return self._end.fileno()

    def send(self, header: Mapping[str, Any], payload: bytes = b"", *, seconds: float | None = None) -> None:
        """Write one message.

        Raises:
            ChannelClosed: the other end is gone.
            TimeoutError: it did not take the message within `seconds`.
        """
        text = json.dumps(header).encode()
        self._end.settimeout(seconds)
        try:
            self._end.sendall(_LENGTHS.pack(len(text), len(payload)) + text + payload)
        except TimeoutError:
            raise
        except OSError as broken:
            raise ChannelClosed(str(broken)) from None

    def receive(self, *, most: int = MOST_PAYLOAD, seconds: float | None = None) -> Message:
        """Read one message whose payload has at most `most` bytes.

        Raises:
            ChannelClosed: the other end is gone.
            MalformedMessage: what came is no message. The channel is of no use afterwards.
            TimeoutError: no whole message came within `seconds`.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        header_bytes, payload_bytes = _LENGTHS.unpack(self._read(_LENGTHS.size, deadline))
        if header_bytes > MOST_HEADER or payload_bytes > most:
            raise MalformedMessage(f"a message of {header_bytes} + {payload_bytes} bytes")
        header = _object(self._read(header_bytes, deadline))
        return Message(header, self._read(payload_bytes, deadline))

    def waiting(self) -> bool:
        """Whether something has come already. Raises ChannelClosed where nothing has and nothing will."""
        self._end.settimeout(0)
        try:
            if self._end.recv(1, socket.MSG_PEEK):
                return True
        except BlockingIOError:
            return False
        except OSError as broken:
            raise ChannelClosed(str(broken)) from None
        raise ChannelClosed("the other end is gone")

    def wait(self, seconds: float) -> None:
        """Wait until there is something to read, the end included. Raises TimeoutError."""
        ready = select.poll()
        ready.register(self._end, select.POLLIN)
        if not ready.poll(max(0.0, seconds) * 1000):
            raise TimeoutError

    def send_ends(self, ends: Sequence[socket.socket]) -> None:
        """Hand over sockets, and nothing else."""
        self.send_descriptors([end.fileno() for end in ends])

    def receive_ends(self, count: int, *, seconds: float | None = None) -> list[socket.socket]:
        """Take over `count` sockets. Raises ChannelClosed, TimeoutError."""
        return [socket.socket(fileno=descriptor) for descriptor in self.receive_descriptors(count, seconds=seconds)]

    def send_descriptors(self, descriptors: Sequence[int]) -> None:
        """Hand over descriptors of any kind, and nothing else."""
        self._end.settimeout(None)
        try:
            socket.send_fds(self._end, [b"e"], descriptors)
        except OSError as broken:
            raise ChannelClosed(str(broken)) from None

    def receive_descriptors(self, count: int, *, seconds: float | None = None) -> list[int]:
        """Take over `count` descriptors of any kind. Raises ChannelClosed, TimeoutError."""
        self._end.settimeout(seconds)
        try:
            _, descriptors, _, _ = socket.recv_fds(self._end, 1, count)
        except TimeoutError:
            raise
        except OSError as broken:
            raise ChannelClosed(str(broken)) from None
        if len(descriptors) != count:
            raise ChannelClosed("the other end is gone")
        return list(descriptors)

    def close(self) -> None:
        """Close this end; the other one notices."""
        self._end.close()

    def _read(self, size: int, deadline: float | None) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            self._end.settimeout(None if deadline is None else max(1e-3, deadline - time.monotonic()))
            try:
                part = self._end.recv(min(_CHUNK, size - len(parts)))
            except TimeoutError:
                raise
            except OSError as broken:
                raise ChannelClosed(str(broken)) from None
            if not part:
                raise ChannelClosed("the other end is gone")
            parts += part
            if deadline is not None and time.monotonic() > deadline and len(parts) < size:
                raise TimeoutError("a message came too slowly")
        return bytes(parts)


def channel_pair() -> tuple[Channel, socket.socket]:
    """Return a channel, and the other end to be handed to another process."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    return Channel(ours), theirs


def _object(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise MalformedMessage(f"a message's header is no JSON: {type(wrong).__name__}") from None
    if not isinstance(header, dict):
        raise MalformedMessage(f"a message's header is a {type(header).__name__}")
    return header
