"""Messages on a channel arrive whole, or their reader learns why not, in the time it has."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from courseware.kernels.protocol import Channel, ChannelClosed, MalformedMessage, channel_pair

Pair = tuple[Channel, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A channel, and the other end as a plain socket."""
    channel, other = channel_pair()
    yield channel, other
    channel.close()
    other.close()


def test_messages_arrive_in_order_with_their_bytes(pair: Pair) -> None:
    channel, other = pair
    peer = Channel(other)
    for number in range(3):
        peer.send({"n": number}, b"x" * number)
    assert [channel.receive().header["n"] for _ in range(3)] == [0, 1, 2]


def test_a_large_message_passes_while_both_sides_work(pair: Pair) -> None:
    channel, other = pair
    threading.Thread(target=Channel(other).send, args=({}, b"x" * 5_000_000)).start()
    assert len(channel.receive(seconds=10).payload) == 5_000_000


WRONG = {
    "payload beyond what is asked for": struct.pack("!II", 2, 11) + b"{}",
    "header beyond all use": struct.pack("!II", 2**31, 0),
    "no JSON": struct.pack("!II", 3, 0) + b"nop",
    "no text": struct.pack("!II", 2, 0) + b"\xff\xfe",
    "no object": struct.pack("!II", 2, 0) + b"[]",
    "deep": struct.pack("!II", 100_000, 0) + b"[" * 100_000,
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_message_is_refused(pair: Pair, name: str) -> None:
    channel, other = pair
    other.sendall(WRONG[name])
    with pytest.raises(MalformedMessage):
        channel.receive(most=10, seconds=5)


@pytest.mark.parametrize("begun", [b"", b"\0\0", struct.pack("!II", 2, 5) + b"{}ab"])
def test_a_message_that_does_not_come_or_stops_is_not_waited_for(pair: Pair, begun: bytes) -> None:
    channel, other = pair
    other.sendall(begun)
    with pytest.raises(TimeoutError):
        channel.receive(seconds=0.05)


@pytest.mark.parametrize("begun", [b"", b"\0\0", struct.pack("!II", 2, 5) + b"{}ab"])
def test_an_end_that_closes_is_noticed(pair: Pair, begun: bytes) -> None:
    channel, other = pair
    other.sendall(begun)
    other.close()
    with pytest.raises(ChannelClosed):
        channel.receive(seconds=5)


def test_an_end_that_does_not_read_is_not_waited_for(pair: Pair) -> None:
    channel, _ = pair
    with pytest.raises(TimeoutError):
        channel.send({}, b"x" * 10_000_000, seconds=0.05)


def test_a_channel_knows_whether_something_waits(pair: Pair) -> None:
    channel, other = pair
    assert not channel.waiting()
    other.sendall(b"x")
    assert channel.waiting()


def test_descriptors_travel(pair: Pair) -> None:
    channel, other = pair
    one, two = socket.socketpair()
    with one, two:
        Channel(other).send_ends([one])
        (received,) = channel.receive_ends(1, seconds=5)
        with received:
            received.sendall(b"through")
            assert two.recv(10) == b"through"
