"""HTML pages as a small content system writes them: navigation in front, footer behind, the page between."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby

from courseware.corpus.document import Draft
from courseware.corpus.text.blocks import Block

_TAGS = {"paragraph": "p", "quote": "blockquote", "code": "pre"}
_LISTS = {"item": "ul", "numbered": "ol"}


def render_html(draft: Draft, company: str) -> bytes:
    """The document as one HTML file in UTF-8."""
    lines = [
        "<!DOCTYPE html>", '<html lang="en">', "<head>", '<meta charset="utf-8">',
        f"<title>{escape(draft.title)} | {escape(company)}</title>", f'<meta name="date" content="{draft.date}">',
        "</head>", "<body>", f'<nav><a href="/">{escape(company)}</a> <a href="/{draft.family}/">Overview</a></nav>',
        "<main>", *_body(draft.blocks), "</main>",
        f"<footer>{escape(company)} · {draft.date.year}</footer>", "</body>", "</html>",
    ]  # fmt: skip
    return ("\n".join(lines) + "\n").encode()


def _body(blocks: tuple[Block, ...]) -> Iterator[str]:
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        if kind in _LISTS:
            yield f"<{_LISTS[kind]}>"
            yield from (f"<li>{escape(block.body.text)}</li>" for block in group)
            yield f"</{_LISTS[kind]}>"
        else:
            for block in group:
                yield from _single(block)


def _single(block: Block) -> Iterator[str]:
    if block.kind == "heading":
        yield f"<h{block.level}>{escape(block.body.text)}</h{block.level}>"
    elif block.kind == "hidden":
        yield f'<div style="display:none">{escape(block.body.text)}</div>'
    elif block.kind == "table":
        yield "<table>"
        for number, row in enumerate(block.rows):
            tag = "td" if number else "th"
            yield "<tr>" + "".join(f"<{tag}>{escape(cell.text)}</{tag}>" for cell in row) + "</tr>"
        yield "</table>"
    else:
        tag = _TAGS[block.kind]
        yield f"<{tag}>{escape(block.body.text)}</{tag}>"
