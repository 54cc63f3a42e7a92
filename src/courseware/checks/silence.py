"""Takes in what the learner's code prints, on every channel, while a check runs it.

Stock nbgrader scores a check cell 0 for one character on stderr, and output made during a hidden check could carry
its input away. Libraries written in C write to descriptor 2 past `sys.stderr`, so the descriptors are turned too.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

_KEPT = 10_000  # characters of each stream kept for the learner to read


@dataclass
class Printed:
    """What was written to standard output and standard error; filled when the block ends."""

    out: str = ""
    err: str = ""


@contextlib.contextmanager
def silenced() -> Iterator[Printed]:
    """Keep all output of the block out of the notebook and hand it over as text."""
    printed = Printed()
    out, err = io.StringIO(), io.StringIO()
    with (
        _descriptors() as low,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        _no_display(),
    ):
        yield printed
    printed.out = (out.getvalue() + low[1])[:_KEPT]
    printed.err = (err.getvalue() + low[2])[:_KEPT]


@contextlib.contextmanager
def _descriptors() -> Iterator[dict[int, str]]:
    """Turn descriptors 1 and 2 into files for the block; what they took in is in the result afterwards."""
    written = {1: "", 2: ""}
    with contextlib.ExitStack() as stack:
        for number in written:
            stack.enter_context(_descriptor(number, written))
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


@contextlib.contextmanager
def _no_display() -> Iterator[None]:
    """Swallow rich output (`display`, figures) of the block when it runs inside IPython."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        yield
        return
    from IPython.utils.capture import capture_output

    with capture_output(stdout=False, stderr=False, display=True):
        yield
