"""Text that notes, while it is written, where each fact stands: a gold span is never searched for afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Mark:
    """Where a fact stands in a text: its value, and the sentence or cell that carries it. Ends are exclusive."""

    fact_id: str
    start: int
    end: int
    value_start: int
    value_end: int

    def moved(self, by: int) -> Mark:
        """The mark after `by` characters were put in front."""
        return Mark(self.fact_id, self.start + by, self.end + by, self.value_start + by, self.value_end + by)


@dataclass(frozen=True)
class Spanned:
    """A finished piece of text and its marks."""

    text: str
    marks: tuple[Mark, ...] = ()


class SpannedText:
    """Appends pieces of text and notes the facts among them."""

    def __init__(self) -> None:
        self._text = ""
        self._marks: list[Mark] = []

    def __len__(self) -> int:
        return len(self._text)

    @property
    def text(self) -> str:
        """What was written so far."""
        return self._text

    def add(self, piece: str | Spanned) -> None:
        """Append a piece; marks it brings move with it."""
        if isinstance(piece, Spanned):
            self._marks += [mark.moved(len(self._text)) for mark in piece.marks]
            piece = piece.text
        self._text += piece

    def fact(self, fact_id: str, value: str) -> None:
        """Append a fact's value and note it; `unit` widens its span to the sentence around it."""
        start = len(self._text)
        self._text += value
        self._marks.append(Mark(fact_id, start, len(self._text), start, len(self._text)))

    @contextmanager
    def unit(self) -> Iterator[None]:
        """What is written inside is one sentence or cell: the span of every fact in it."""
        start, first = len(self._text), len(self._marks)
        yield
        end = len(self._text)
        self._marks[first:] = [replace(mark, start=start, end=end) for mark in self._marks[first:]]

    def done(self) -> Spanned:
        """The text and its marks."""
        return Spanned(self._text, tuple(self._marks))
