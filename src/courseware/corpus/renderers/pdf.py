"""PDF files whose every line we place ourselves, so that the page of each character is known and not guessed.

reportlab draws; nothing in the file depends on the clock or the machine (`invariant`), and streams are left
uncompressed, because what a compressor makes of them differs between builds of zlib.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from courseware.corpus.document import Draft
from courseware.corpus.text.blocks import Block, Laid

_WIDTH, _HEIGHT = A4
_LEFT, _TOP, _BOTTOM = 62.0, _HEIGHT - 72.0, 78.0
_FONT, _BOLD, _SIZE, _LEADING = "Helvetica", "Helvetica-Bold", 10.0, 14.0
_GAP = 7.0


@dataclass(frozen=True)
class PlacedLine:
    """A run of characters on a page: `start` and `end` count in the document's text, points from the lower left."""

    page: int
    x: float
    y: float
    font: str
    size: float
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Printed:
    """A finished PDF: its bytes, and where each of its lines stands."""

    data: bytes
    lines: tuple[PlacedLine, ...]
    pages: int

    def page_of(self, position: int) -> int:
        """The page, from 1, on which this character of the document's text stands."""
        return next(line.page for line in self.lines if line.start <= position < max(line.end, line.start + 1))


class _Cursor:
    def __init__(self) -> None:
        self.page, self.y = 1, _TOP

    def down(self, points: float) -> None:
        self.y -= points
        if self.y < _BOTTOM:
            self.page, self.y = self.page + 1, _TOP


def render_pdf(draft: Draft, laid: Laid, footer: str, split_table: bool = False) -> Printed:
    """Print the document. `laid` is its plain text; with `split_table` its first table begins near a page's end."""
    lines = tuple(_place(draft.blocks, laid, split_table))
    pages = max(line.page for line in lines)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=0)
    canvas.setTitle(draft.title)
    canvas.setAuthor(draft.author or footer)
    for page in range(1, pages + 1):
        for line in lines:
            if line.page == page:
                canvas.setFont(line.font, line.size)
                canvas.drawString(line.x, line.y, line.text)
        canvas.setFont(_FONT, 7.5)
        canvas.drawString(_LEFT, 40.0, f"{footer}   Page {page} of {pages}")
        canvas.showPage()
    canvas.save()
    return Printed(buffer.getvalue(), lines, pages)


def _place(blocks: tuple[Block, ...], laid: Laid, split_table: bool) -> Iterator[PlacedLine]:
    cursor = _Cursor()
    waiting = split_table
    for segment in laid.segments:
        block = blocks[segment.block]
        text = laid.text[segment.start : segment.end]
        if segment.row == 0:
            cursor.down(_GAP)
            if block.kind == "table" and waiting:
                waiting = False
                # The head and one row stay on this page, the rest goes over.
                cursor.y = min(cursor.y, _BOTTOM + 2.4 * _LEADING)
        if block.kind == "table":
            yield from _cells(block, segment.row, segment.start, cursor)
        else:
            yield from _wrapped(block, text, segment.start, cursor)


def _wrapped(block: Block, text: str, start: int, cursor: _Cursor) -> Iterator[PlacedLine]:
    font = _BOLD if block.kind == "heading" else _FONT
    size = {1: 16.0, 2: 12.5}.get(block.level, 11.0) if block.kind == "heading" else _SIZE
    indent = 14.0 if block.kind in ("item", "numbered", "quote", "code") else 0.0
    if block.kind == "heading":
        cursor.down(size * 0.8)
    for first, last in _breaks(text, font, size, _WIDTH - 2 * _LEFT - indent):
        cursor.down(_LEADING if size <= _SIZE else size * 1.4)
        yield PlacedLine(
            cursor.page, _LEFT + indent, cursor.y, font, size, text[first:last], start + first, start + last + 1
        )


def _breaks(text: str, font: str, size: float, width: float) -> Iterator[tuple[int, int]]:
    """Where lines begin and end so that each fits the width; the blank at an end belongs to neither."""
    begin = 0
    end = 0
    while end < len(text):
        following = text.find(" ", end + 1)
        following = len(text) if following < 0 else following
        if stringWidth(text[begin:following], font, size) > width and end > begin:
            yield begin, end
            begin = end + 1
        end = following
    yield begin, len(text)


def _cells(block: Block, row: int, start: int, cursor: _Cursor) -> Iterator[PlacedLine]:
    """A row of a table on one line; a cell that is too long shrinks until it fits its column."""
    cursor.down(_LEADING + 2)
    columns = len(block.rows[0])
    share = (_WIDTH - 2 * _LEFT) / columns
    font = _FONT if row else _BOLD
    for number, cell in enumerate(block.rows[row]):
        size = _SIZE
        while size > 5 and stringWidth(cell.text, font, size) > share - 4:
            size -= 0.5
        yield PlacedLine(
            cursor.page, _LEFT + number * share, cursor.y, font, size, cell.text, start, start + len(cell.text) + 2
        )
        start += len(cell.text) + 2
