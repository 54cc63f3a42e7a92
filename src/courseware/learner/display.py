"""The HTML and text a notebook shows. Everything a learner or an author wrote is escaped here, once.

Colours of text and background are the page's own, so contrast is the theme's; the coloured edge only repeats what
words already say. Nothing here needs JavaScript, a style sheet or a request.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from courseware.learner.notebook import active_shell
from courseware.learner.practice import LETTERS

Tone = Literal["plain", "right", "wrong"]

# Each has a contrast of at least 3:1 on white and on the dark themes' near-black.
_EDGES = {"plain": "#3b82c4", "right": "#2e8b57", "wrong": "#c2571a"}
_CARD = (
    "border:1px solid var(--jp-border-color2,#8888);border-left:4px solid {edge};border-radius:4px;"
    "padding:.5em .9em;margin:.3em 0;max-width:46em;line-height:1.5"
)
_CODE_BACKGROUND = "background:var(--jp-layout-color2,rgba(127,127,127,.15))"
_FENCE = re.compile(r"```[^\n`]*\n(.*?)\n?[ \t]*```", re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Piece:
    """One thing to show, for a browser and for a terminal."""

    html: str
    text: str


def show(piece: Piece) -> None:
    """Show it: in a notebook as a display, elsewhere on standard output."""
    if active_shell() is None:
        print(piece.text)
        return
    from IPython.display import display

    display({"text/plain": piece.text, "text/html": piece.html}, raw=True)


def escape(text: str) -> str:
    """`text` with nothing left that HTML would read as markup."""
    return html.escape(text.encode("utf-8", "backslashreplace").decode("utf-8"), quote=True)


def prose(text: str) -> str:
    """Escaped text in which ```` ``` ```` fences and back-ticked spans are code and line breaks stay."""
    parts = _FENCE.split(text.strip("\n"))
    shown = [code_block(part) if index % 2 else _paragraph(part) for index, part in enumerate(parts)]
    return "".join(shown)


def line(text: str) -> str:
    """Escaped text for one line, with back-ticked spans as code."""
    return _SPAN.sub(lambda span: f'<code style="{_CODE_BACKGROUND}">{span.group(1)}</code>', escape(text))


def code_block(text: str) -> str:
    """Escaped code, as written."""
    return (
        f'<pre tabindex="0" style="{_CODE_BACKGROUND};padding:.5em;overflow-x:auto;margin:.3em 0">'
        f"<code>{escape(text)}</code></pre>"
    )


def card(label: str, body: str, tone: Tone = "plain") -> str:
    """A box that screen readers announce as `label`; `body` is HTML."""
    style = _CARD.format(edge=_EDGES[tone])
    return f'<div role="group" aria-label="{escape(label)}" style="{style}">{body}</div>'


def details(summary: str, body: str, *, is_open: bool = False) -> str:
    """A part that opens with a click or the space bar; `body` is HTML."""
    opened = " open" if is_open else ""
    return (
        f'<details{opened} style="margin:.2em 0"><summary style="cursor:pointer">{line(summary)}</summary>'
        f'<div style="margin:.2em 0 .4em 1.1em">{body}</div></details>'
    )


def lettered(options: Iterable[str]) -> str:
    """Options as a list with letters."""
    return listed(f"{letter}. {line(option)}" for letter, option in zip(LETTERS, options, strict=False))


def listed(items: Iterable[str]) -> str:
    """Ready HTML as a list without marks: a notebook's own style would turn a list's letters into numbers."""
    rows = "".join(f"<li>{item}</li>" for item in items)
    return f'<ul style="list-style:none;margin:.3em 0;padding-left:1em">{rows}</ul>'


def lettered_text(options: Iterable[str]) -> str:
    """The same for a terminal."""
    return "\n".join(f"  {letter}. {option}" for letter, option in zip(LETTERS, options, strict=False))


def joined(pieces: Iterable[Piece]) -> Piece:
    """Several pieces as one display."""
    shown = list(pieces)
    return Piece("\n".join(piece.html for piece in shown), "\n\n".join(piece.text for piece in shown))


def _paragraph(text: str) -> str:
    if not text.strip():
        return ""
    return f'<div style="white-space:pre-wrap">{line(text.strip(chr(10)))}</div>'
