"""A kernel taken over by the learner's code: whatever it sends, its owner survives, in bounded time and memory."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest

from courseware.kernels import Kernel, KernelDied, Limits

Fork = Callable[..., Kernel]
Run = Callable[..., str]

# Finds the end of the owner's channel and speaks on it in place of the kernel's own code.
TAKE_OVER = """
import gc, json, struct, sys, os, socket, time
from courseware.kernels.serving import _Kernel
end = next(thing for thing in gc.get_objects() if isinstance(thing, _Kernel))._channel._end
end.settimeout(None)
def frame(header, payload=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("!II", len(text), len(payload)) + text + payload
def own_nonce():
    f = sys._getframe()
    while f is not None:
        if isinstance(f.f_locals.get("nonce"), str): return f.f_locals["nonce"]
        f = f.f_back
"""

FORGED = {
    "garbage": "end.sendall(b'garbage' * 100); time.sleep(9)",
    "huge header": "end.sendall(struct.pack('!II', 2**32 - 1, 0)); time.sleep(9)",
    "huge payload": "end.sendall(struct.pack('!II', 2, 2**32 - 1) + b'{}'); time.sleep(9)",
    "header that is no JSON": "end.sendall(frame(b'nope')); time.sleep(9)",
    "header that is a list": "end.sendall(frame([])); time.sleep(9)",
    "deep header": "end.sendall(frame(b'[' * 100_000)); time.sleep(9)",
    "digits without end": "end.sendall(frame(b'{\"nonce\": ' + b'9' * 10**5 + b'}')); time.sleep(9)",
    "no nonce": "end.sendall(frame({'status': 'ok'}, b'[]')); time.sleep(9)",
    "another nonce": "end.sendall(frame({'status': 'ok', 'nonce': 'a'}, b'[]')); time.sleep(9)",
    "nonce of another type": "end.sendall(frame({'status': 'ok', 'nonce': [1]}, b'[]')); time.sleep(9)",
    "no status": "end.sendall(frame({'nonce': own_nonce()}, b'[]')); time.sleep(9)",
    "status of another type": "end.sendall(frame({'nonce': own_nonce(), 'status': []}, b'[]')); time.sleep(9)",
    "outputs that are none": "end.sendall(frame({'nonce': own_nonce(), 'status': 'ok'}, b'{}')); time.sleep(9)",
    "outputs deep": "end.sendall(frame({'nonce': own_nonce(), 'status': 'ok'}, b'[' * 10**5)); time.sleep(9)",
    "outputs unknown": "end.sendall(frame({'nonce': own_nonce(), 'status': 'ok'}, b'[{\"output_type\": \"x\"}]'))",
    "outputs too large": "end.sendall(frame({'nonce': own_nonce(), 'status': 'ok'}, b' ' * 10**7))",
}


@pytest.mark.parametrize("forgery", FORGED)
def test_what_is_no_reply_ends_the_kernel(fork: Fork, run: Run, forgery: str) -> None:
    kernel = fork()
    run(kernel, TAKE_OVER)
    with pytest.raises(KernelDied, match="sent what is no reply"):
        kernel.run(FORGED[forgery], 5)


def test_an_answer_to_nothing_ends_the_kernel(kernel: Kernel, run: Run) -> None:
    run(kernel, TAKE_OVER)
    later = "import threading\nthreading.Timer(0.1, lambda: end.sendall(frame({'nonce': 'x'}))).start()"
    run(kernel, later)
    run_until_forged = "import time; time.sleep(0.3)"
    with pytest.raises(KernelDied, match="sent what is no reply"):
        kernel.run(run_until_forged, 5)


def test_a_reply_that_stops_half_way_ends_the_kernel(fork: Fork, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("courseware.kernels.kernel.GRACE_S", 0.5)
    kernel = fork()
    run(kernel, TAKE_OVER)
    with pytest.raises(KernelDied, match=r"passed its time limit of 0\.1 s and did not stop"):
        kernel.run("import signal\nsignal.pthread_sigmask(0, {2})\nend.sendall(bytes(7))\ntime.sleep(60)", 0.1)


def test_a_forged_reply_to_a_check_is_a_strangers_reply(kernel: Kernel, run: Run) -> None:
    run(kernel, TAKE_OVER + "\ndef forge(): end.sendall(frame({'nonce': own_nonce()}, b'whatever')); os._exit(0)")
    request: dict[str, Any] = {"op": "call", "owner": None, "name": "forge", "args": [], "kwargs": {}}
    request |= {"seconds": 5, "want_args": False, "max_items": 1, "max_bytes": 1000}
    assert kernel.exchange(json.dumps(request).encode()) == b"whatever"


def test_a_kernel_that_does_not_read_is_not_waited_for(fork: Fork, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("courseware.kernels.kernel._CONTROL_S", 0.5)
    kernel = fork()
    run(kernel, "import asyncio, time\nasyncio.get_running_loop().call_later(0.1, lambda: time.sleep(99))")
    time.sleep(0.3)
    with pytest.raises(KernelDied, match="does not read what it is asked"):
        kernel.exchange(b"x" * 10_000_000)


def test_lying_outputs_are_capped(fork: Fork, run: Run) -> None:
    kernel = fork(limits=Limits(output_bytes=1000))
    run(kernel, TAKE_OVER)
    assert struct.calcsize("!II") == 8
    lie = "end.sendall(frame({'nonce': own_nonce(), 'status': 'ok'}, json.dumps([]).encode())); time.sleep(9)"
    assert kernel.run(lie, 5).outputs == []
    with pytest.raises(KernelDied):
        kernel.run("1", 1)
