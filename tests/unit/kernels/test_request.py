"""What a supervisor is told arrives as it was said."""

from __future__ import annotations

from courseware.kernels.limits import Limits, size_text
from courseware.kernels.protocol import Message
from courseware.kernels.request import KernelRequest


def test_a_request_survives_the_way_through_a_message() -> None:
    request = KernelRequest(Limits(wall_s=1.5, processes=3), {"A": "ä"}, {"a": b"", "d/b": b"\0\xff", "c": b"x"}, 8000)
    assert KernelRequest.of(Message(*request.message())) == request


def test_sizes_read_as_a_person_says_them() -> None:
    assert [size_text(size) for size in (3 << 30, 128 << 20, 1 << 19)] == ["3.0 GiB", "128.0 MiB", "0.5 MiB"]
