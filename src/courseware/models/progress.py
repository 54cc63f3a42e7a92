"""What a pull tells the person waiting: a bar on a terminal, plain lines elsewhere, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO

Advance = Callable[[int], None]


class Progress(Protocol):
    """Where a pull reports to."""

    def say(self, line: str) -> None:
        """One line about what happens next."""

    def bar(self, label: str, total: int | None, done: int) -> AbstractContextManager[Advance]:
        """Open a transfer of `total` bytes (None: unknown), `done` of them here; call it with each gain."""


class Silent:
    """Reports nothing."""

    def say(self, line: str) -> None:
        pass

    @contextmanager
    def bar(self, label: str, total: int | None, done: int) -> Iterator[Advance]:  # noqa: ARG002
        yield _ignore


class Lines:
    """Plain lines: the start, every tenth of a transfer whose size is known, the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def say(self, line: str) -> None:
        print(line, file=self._stream, flush=True)

    @contextmanager
    def bar(self, label: str, total: int | None, done: int) -> Iterator[Advance]:
        have = done
        said = 10 * done // total if total else 0

        def advance(gained: int) -> None:
            nonlocal have, said
            have += gained
            tenth = 10 * have // total if total else 0
            if tenth > said:
                said = tenth
                self.say(f"{label}: {min(tenth * 10, 100)} % of {megabytes(total)}")

        start = f", going on from {megabytes(done)}" if done else ""
        self.say(f"{label}: {megabytes(total)}{start}")
        yield advance


class Bars(Lines):
    """A tqdm bar for each transfer."""

    @contextmanager
    def bar(self, label: str, total: int | None, done: int) -> Iterator[Advance]:
        from tqdm import tqdm  # type: ignore[import-untyped]

        with tqdm(desc=label, total=total, initial=done, unit="B", unit_scale=True, file=self._stream) as bar:

            def advance(gained: int) -> None:
                bar.update(gained)

            yield advance


def _ignore(gained: int) -> None:
    pass


def progress_for(stream: TextIO | None = None) -> Progress:
    """Bars when `stream` (standard error by default) is a terminal, lines otherwise."""
    chosen = stream or sys.stderr
    return Bars(chosen) if chosen.isatty() else Lines(chosen)


def megabytes(size: int | None) -> str:
    """A size for people, in MB of 10^6 bytes."""
    return "size unknown" if size is None else f"{size / 1e6:.1f} MB"
