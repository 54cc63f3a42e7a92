"""Carries connections from the one port that a kernel may reach to the same port of the host.

The listening socket was made in the kernel's network; it is served from the supervisor, which is in the host's. Both
ends may be slow or rude: what waits to be sent is bounded, and so is the number of connections.
"""

from __future__ import annotations

import select
import socket
from contextlib import suppress

_MOST_CONNECTIONS = 64
_CHUNK, _MOST_PENDING = 1 << 16, 1 << 18
HOST = "127.0.0.1"


class Relay:
    """Serves one listening socket, driven by the poll object of whoever has it."""

    def __init__(self, poll: select.poll, listener: socket.socket, port: int) -> None:
        self._poll, self._listener, self._port = poll, listener, port
        self._sides: dict[int, _Side] = {}
        listener.setblocking(False)
        poll.register(listener, select.POLLIN)

    def serve(self, descriptor: int, events: int) -> None:
        """Do what an event asks for, where it is about a socket of this relay."""
        if descriptor == self._listener.fileno():
            self._accept()
        elif descriptor in self._sides:
            self._move(self._sides[descriptor], events)

    def _accept(self) -> None:
        with suppress(OSError):
            inner, _ = self._listener.accept()
            if len(self._sides) >= 2 * _MOST_CONNECTIONS:
                inner.close()
                return
            outer = socket.socket()
            for end in (inner, outer):
                end.setblocking(False)
            outer.connect_ex((HOST, self._port))
            pair = _Side(inner), _Side(outer)
            for side, other in (pair, pair[::-1]):
                side.other = other
                self._sides[side.end.fileno()] = side
                self._watch(side)

    def _move(self, side: _Side, events: int) -> None:
        try:
            if events & (select.POLLERR | select.POLLNVAL):
                raise OSError("the connection broke")
            if events & select.POLLOUT:
                side.send()
            if events & (select.POLLIN | select.POLLHUP):
                side.receive()
            side.other.end_when_sent(side.ended)
            side.end_when_sent(side.other.ended)
        except OSError:
            return self._drop(side)
        if side.done and side.other.done:
            return self._drop(side)
        for one in (side, side.other):
            self._watch(one)
        return None

    def _watch(self, side: _Side) -> None:
        wanted = side.wanted()
        if wanted:
            self._poll.register(side.end, wanted)
        else:
            with suppress(KeyError):
                self._poll.unregister(side.end)

    def _drop(self, side: _Side) -> None:
        for one in (side, side.other):
            self._sides.pop(one.end.fileno(), None)
            with suppress(KeyError):
                self._poll.unregister(one.end)
            one.end.close()


class _Side:
    """One end of a connection: what waits to be sent on it, whether its reading and its writing are over."""

    other: _Side

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.pending = bytearray()
        self.ended = self.done = False

    def wanted(self) -> int:
        """The events to wait for."""
        room = not self.ended and len(self.other.pending) < _MOST_PENDING
        return (select.POLLIN if room else 0) | (select.POLLOUT if self.pending else 0)

    def receive(self) -> None:
        """Take what came for the other side."""
        try:
            data = self.end.recv(_CHUNK)
        except BlockingIOError:
            return
        self.ended = not data
        self.other.pending += data

    def send(self) -> None:
        """Send what waits."""
        with suppress(BlockingIOError):
            sent = self.end.send(self.pending)
            del self.pending[:sent]

    def end_when_sent(self, nothing_more: bool) -> None:
        """Pass on the end of the other side's data once everything before it was sent."""
        if nothing_more and not self.pending and not self.done:
            self.done = True
            self.end.shutdown(socket.SHUT_WR)
