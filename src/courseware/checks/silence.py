"""Takes in what the learner's code prints, on every channel, while a check runs it.

Stock nbgrader scores a check cell 0 for one character on stderr, and output made during a hidden check could carry
its input away. Libraries written in C write to descriptor 2 past `sys.stderr`, so the descriptors are turned too; a
logging handler keeps the stream it was made with, so the streams are turned as objects, not by name alone. A thread
that prints after the call has ended, and code that closes descriptors it did not open, are beyond reach.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_KEPT = 10_000  # characters of each stream kept for the learner to read


@dataclass
class Printed:
    """What was written to standard output and standard error; filled when the block ends."""

    out: str = ""
    err: str = ""


@contextlib.contextmanager
def silenced() -> Iterator[Printed]:
    """Keep all output of the block out of the notebook and hand it over as text; close the figures it opened."""
    printed = Printed()
    out, err = _Kept(1), _Kept(2)
    with (
        _descriptors() as low,
        _written_to(sys.stdout, out),
        _written_to(sys.stderr, err),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        _no_display(),
        _no_figures(),
    ):
        yield printed
    printed.out = (out.text + low[1])[:_KEPT]
    printed.err = (err.text + low[2])[:_KEPT]


class _Kept(io.TextIOBase):
    """Takes text and keeps its beginning, however much a loop prints; stays open whoever closes it."""

    encoding = "utf-8"

    def __init__(self, number: int) -> None:
        self._number = number
        self.text = ""

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if len(self.text) < _KEPT:
            self.text += str.__str__(text)[: _KEPT - len(self.text)]
        return str.__len__(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        """The descriptor that a subprocess is given when it inherits this stream."""
        return self._number

    def close(self) -> None:
        pass


@contextlib.contextmanager
def _written_to(stream: Any, kept: _Kept) -> Iterator[None]:
    """Have what is written to `stream` by those who hold it end up in `kept`."""
    attributes = getattr(stream, "__dict__", None)
    if attributes is None:  # None under pythonw, or an object of C alone
        yield
        return
    missing = object()
    before = attributes.get("write", missing)
    attributes["write"] = kept.write
    try:
        yield
    finally:
        if before is missing:
            attributes.pop("write", None)
        else:
            attributes["write"] = before


@contextlib.contextmanager
def _descriptors() -> Iterator[dict[int, str]]:
    """Turn descriptors 1 and 2 into files for the block; what they took in is in the result afterwards."""
    written = {1: "", 2: ""}
    with contextlib.ExitStack() as stack:
        _flush()
        for number in written:
            stack.enter_context(_descriptor(number, written))
        stack.callback(_flush)
        yield written


@contextlib.contextmanager
def _descriptor(number: int, written: dict[int, str]) -> Iterator[None]:
    try:
        saved = os.dup(number)
    except OSError:  # closed, as under some service managers: nothing can be written to it
        yield
        return
    with tempfile.TemporaryFile() as sink:
        os.dup2(sink.fileno(), number)
        try:
            yield
        finally:
            os.dup2(saved, number)
            os.close(saved)
            sink.seek(0)
            written[number] = sink.read(_KEPT).decode("utf-8", "replace")


def _flush() -> None:
    """Hand on what Python itself holds back of descriptors 1 and 2, so that it goes where it was meant to."""
    for stream in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # absent, broken, closed
            stream.flush()  # type: ignore[union-attr]


@contextlib.contextmanager
def _no_display() -> Iterator[None]:
    """Swallow rich output (`display`, shown figures) of the block when it runs inside IPython."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        yield
        return
    from IPython.utils.capture import capture_output

    with capture_output(stdout=False, stderr=False, display=True):
        yield


@contextlib.contextmanager
def _no_figures() -> Iterator[None]:
    """Close the figures that the block opens: a notebook shows the open ones when its cell ends."""
    before = _figures()
    try:
        yield
    finally:
        for number in _figures() - before:
            sys.modules["matplotlib.pyplot"].close(number)


def _figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set() if pyplot is None else set(pyplot.get_fignums())
