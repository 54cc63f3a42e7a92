"""Messages that no servant and no student writes: a CodecError, never a crash."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from courseware.checks import LearnerError, LocalChannel, Student, codec
from courseware.checks.errors import CodecError, TooLarge


@dataclass
class FakeChannel:
    """Replies what it is told to."""

    reply: bytes

    def exchange(self, request: bytes, seconds: float) -> bytes:
        return self.reply


FORGED = {
    "nothing": b"",
    "not JSON": b"{",
    "a list": b"[]",
    "a number": b"5",
    "no value": b"{}",
    "an unknown tag": b'{"value":{"~":"pickle","v":""}}',
    "a reference that is text": b'{"value":{"~":"ref","v":"1"}}',
    "a reference of three": b'{"value":{"~":"ref","v":[1,"a","b"]}}',
    "a reference of no number": b'{"value":{"~":"ref","v":["x","y"]}}',
    "a reference of infinity": b'{"value":{"~":"ref","v":[{"~":"float","v":"inf"},"y"]}}',
    "a recipe": b'{"value":{"~":"recipe","v":["iterator",{"items":[]}]}}',
    "an error of nothing": b'{"error":{}}',
    "an error that is text": b'{"error":"ValueError"}',
    "an error that is a list": b'{"error":[]}',
    "no kinds": b'{"error":{"kinds":[],"message":"","frames":[]}}',
    "kinds that are a number": b'{"error":{"kinds":5,"message":"","frames":[]}}',
    "a kind that is a number": b'{"error":{"kinds":[5],"message":"","frames":[]}}',
    "a message that is a list": b'{"error":{"kinds":["E"],"message":[],"frames":[]}}',
    "frames of one": b'{"error":{"kinds":["E"],"message":"","frames":[["f"]]}}',
    "frames that are a dict": b'{"error":{"kinds":["E"],"message":"","frames":{"a":1}}}',
    "a line that is no number": b'{"error":{"kinds":["E"],"message":"","frames":[["f","x","s"]]}}',
    "a line at infinity": b'{"error":{"kinds":["E"],"message":"","frames":[["f",{"~":"float","v":"inf"},"s"]]}}',
    "a line that is no line": b'{"error":{"kinds":["E"],"message":"","frames":[["f",null,"s"]]}}',
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_reply_is_a_codec_error(name: str) -> None:
    student = Student(FakeChannel(FORGED[name]))
    for ask in (lambda: student.call("f"), lambda: student.get("x"), lambda: student.observe("f")):
        with pytest.raises(CodecError):
            ask()


@pytest.mark.parametrize("left_out", ["value", "args", "out", "err"])
def test_observation_without_a_part_is_a_codec_error(left_out: str) -> None:
    reply = {"value": 1, "args": [], "out": "", "err": ""}
    del reply[left_out]
    with pytest.raises(CodecError, match=left_out):
        Student(FakeChannel(json.dumps(reply).encode())).observe("f")


@pytest.mark.parametrize(("part", "wrong"), [("args", 5), ("out", 5), ("err", [1])])
def test_observation_with_a_wrong_part_is_a_codec_error(part: str, wrong: Any) -> None:
    reply = {"value": 1, "args": [], "out": "", "err": ""} | {part: wrong}
    with pytest.raises(CodecError, match=part):
        Student(FakeChannel(json.dumps(reply).encode())).observe("f")


def test_huge_reply_is_not_read() -> None:
    with pytest.raises(TooLarge):
        Student(FakeChannel(b" " * (2 * codec.MAX_BYTES + 1))).call("f")


def test_huge_error_is_clipped() -> None:
    frames = [["f" * 10_000, 1, "s" * 10_000]] * 1_000
    reply = {"error": {"kinds": ["E" * 10_000] * 1_000, "message": "m" * 10**6, "frames": frames}}
    with pytest.raises(LearnerError) as caught:
        Student(FakeChannel(json.dumps(reply).encode())).call("f")
    error = caught.value
    assert len(repr((error.kinds, error.message, error.frames))) < 100_000
    assert len(error.frames) == 5


# Requests that no check writes


@pytest.mark.parametrize("request_", [b"", b"{", b'{"op":{"~":"pickle","v":1}}'])
def test_malformed_request_is_a_codec_error(request_: bytes) -> None:
    with pytest.raises(CodecError):
        LocalChannel({}).exchange(request_, 10)
