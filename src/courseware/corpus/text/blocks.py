"""Documents as blocks: written from a page of patterns, laid out as text with every mark in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from courseware.corpus.errors import PatternError
from courseware.corpus.text.draw import Draw
from courseware.corpus.text.pattern import Context, wording
from courseware.corpus.text.spanned import Mark, Spanned, SpannedText

Kind = Literal["heading", "paragraph", "item", "numbered", "quote", "table", "code", "hidden"]
_DIRECTIVE = re.compile(r"(@-?\d|%\d+)([a-z]?) ")
_RULE = re.compile(r"[| -]*---[| -]*")
_EMPHASIS = re.compile(r"\*+")
_STARTS: tuple[tuple[str, Kind], ...] = (
    ("- ", "item"), ("1. ", "numbered"), ("> ", "quote"), ("| ", "table"), ("    ", "code"),
)  # fmt: skip
_PLAIN: tuple[str, Kind] = ("", "paragraph")
_NOTHING = Spanned("")


@dataclass(frozen=True)
class Block:
    """A piece of a document. A table has `rows` of cells, the first of them its head; all others have `body`."""

    kind: Kind
    body: Spanned = _NOTHING
    level: int = 1
    rows: tuple[tuple[Spanned, ...], ...] = ()


def compose(page: str, context: Context, draw: Draw, version: int = 1) -> tuple[Block, ...]:
    """Blocks from a page of patterns.

    A page is Markdown with one sentence a line: lines that follow each other join into one paragraph, an empty line
    or a list ends it, each line is the span of the facts in it. `@2 ` in front of a line keeps it from version 2 on,
    `@-2 ` up to version 2, `%40 ` in 40 of 100 documents; lines that begin `%40a ` stand or fall together.
    """
    blocks: list[Block] = []
    is_open = False
    groups: dict[str, bool] = {}
    for line in page.strip("\n").splitlines():
        kept = _kept(line, draw, version, groups)
        if kept is None or _RULE.fullmatch(kept):
            continue
        if not kept.strip():
            is_open = False
            continue
        blocks, is_open = _take(blocks, kept, is_open, context, draw)
    return tuple(blocks)


def insert(page: str, name: str, lines: Sequence[str]) -> str:
    """The page with these lines where it says `{name}`; a directive in front of it stands before each of them."""
    made = []
    for line in page.splitlines():
        if line.endswith("{" + name + "}") and _DIRECTIVE.fullmatch(before := line.removesuffix("{" + name + "}")):
            made += [before + each for each in lines]
        elif line == "{" + name + "}":
            made += lines
        else:
            made.append(line)
    return "\n".join(made)


def _kept(line: str, draw: Draw, version: int, groups: dict[str, bool]) -> str | None:
    while directive := _DIRECTIVE.match(line):
        sign, number, group = directive[1][0], int(directive[1][1:]), directive[2]
        if sign == "%":
            stays = groups.get(group, draw.chance(number / 100)) if group else draw.chance(number / 100)
            groups[group] = stays
        else:
            stays = version <= -number if number < 0 else version >= number
        if not stays:
            return None
        line = line[directive.end() :]
    return line


def _take(blocks: list[Block], line: str, is_open: bool, context: Context, draw: Draw) -> tuple[list[Block], bool]:
    if line.startswith("#"):
        level = len(line) - len(line.lstrip("#"))
        return [*blocks, Block("heading", wording(line[level:].strip(), context, draw), level)], False
    sign, kind = next((start for start in _STARTS if line.startswith(start[0])), _PLAIN)
    if kind == "table":
        row = tuple(wording(cell.strip(), context, draw) for cell in split_cells(line))
        if is_open and blocks[-1].kind == "table":
            return [*blocks[:-1], Block("table", rows=(*blocks[-1].rows, row))], True
        return [*blocks, Block("table", rows=(row,))], True
    body = wording(line.removeprefix(sign), context, draw)
    if not body.text.strip():
        return blocks, is_open
    if kind == "paragraph" and is_open and blocks[-1].kind in ("paragraph", "quote"):
        return [*blocks[:-1], _joined(blocks[-1], body)], True
    if kind == "code" and is_open and blocks[-1].kind == "code":
        return [*blocks[:-1], _joined(blocks[-1], body, "\n")], True
    return [*blocks, Block(kind, body)], True


def split_cells(line: str) -> list[str]:
    """The cells of a table row of a page; bars inside brackets are choices."""
    cells, depth, cell = [], 0, ""
    for sign in line.strip().removeprefix("|").removesuffix("|"):
        depth += (sign in "[{") - (sign in "]}")
        if sign == "|" and depth == 0:
            cells.append(cell)
            cell = ""
        else:
            cell += sign
    if depth:
        raise PatternError(f"a bracket is not closed in the table row {line!r}; close it")
    return [*cells, cell]


def _joined(block: Block, more: Spanned, by: str = " ") -> Block:
    text = SpannedText()
    text.add(block.body)
    text.add(by)
    text.add(more)
    return Block(block.kind, text.done(), block.level)


def without_emphasis(block: Block) -> Block:
    """The block without Markdown's asterisks, for formats that do not know them."""
    rows = tuple(tuple(_unstarred(cell) for cell in row) for row in block.rows)
    return Block(block.kind, _unstarred(block.body), block.level, rows)


def _unstarred(body: Spanned) -> Spanned:
    cuts = [match.span() for match in _EMPHASIS.finditer(body.text)]

    def moved(at: int) -> int:
        return at - sum(min(at, end) - start for start, end in cuts if start < at)

    marks = tuple(
        Mark(m.fact_id, moved(m.start), moved(m.end), moved(m.value_start), moved(m.value_end)) for m in body.marks
    )
    return Spanned(_EMPHASIS.sub("", body.text), marks)


Style = Literal["markdown", "plain"]


@dataclass(frozen=True)
class Segment:
    """Where a block, or one row of a table, stands in the text of its document."""

    block: int
    row: int
    start: int
    end: int


@dataclass(frozen=True)
class Laid:
    """A document's text, its marks, and where each block of it went."""

    text: str
    marks: tuple[Mark, ...]
    segments: tuple[Segment, ...]


def lay_out(blocks: tuple[Block, ...], style: Style) -> Laid:
    """The blocks as one text: Markdown, or plain lines as a parser would give them back."""
    text = SpannedText()
    segments: list[Segment] = []
    for number, block in enumerate(blocks):
        if number:
            tight = block.kind == blocks[number - 1].kind and block.kind in ("item", "numbered", "quote")
            text.add("\n" if tight else "\n\n")
        for row, pieces in enumerate(_rows(block, style, _place(blocks, number))):
            if row:
                text.add("\n")
            start = len(text)
            for piece in pieces:
                text.add(piece)
            segments.append(Segment(number, row, start, len(text)))
    text.add("\n")
    done = text.done()
    return Laid(done.text, done.marks, tuple(segments))


def _place(blocks: tuple[Block, ...], number: int) -> int:
    """Which item of its list this block is, from 1."""
    first = number
    while first and blocks[first - 1].kind == blocks[number].kind:
        first -= 1
    return number - first + 1


def _rows(block: Block, style: Style, place: int) -> Iterator[tuple[str | Spanned, ...]]:
    if block.kind == "table":
        yield from _table_rows(block, style)
    elif style == "plain":
        yield ({"item": "- ", "numbered": f"{place}. "}.get(block.kind, ""), block.body)
    elif block.kind == "code":
        yield ("```\n", block.body, "\n```")
    elif block.kind == "hidden":
        yield ("<!-- ", block.body, " -->")
    else:
        signs = {"heading": "#" * block.level + " ", "item": "- ", "numbered": f"{place}. ", "quote": "> "}
        yield (signs.get(block.kind, ""), block.body)


def _table_rows(block: Block, style: Style) -> Iterator[tuple[str | Spanned, ...]]:
    between, edge = (" | ", "| ") if style == "markdown" else ("  ", "")
    for number, row in enumerate(block.rows):
        pieces: list[str | Spanned] = [edge]
        for cell in row:
            pieces += [cell, between]
        rule = "\n|" + " --- |" * len(row) if style == "markdown" and number == 0 else ""
        yield (*pieces[:-1], " |" if edge else "", rule)
