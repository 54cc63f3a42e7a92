"""Text that a plot can draw: white space made visible, and escapes in place of what the font lacks."""

from __future__ import annotations

from functools import cache
from typing import Any

_VISIBLE = {" ": "␣", "\n": "↵", "\t": "⇥"}


def printable(text: str) -> str:
    """`text` as an axis label: a space inside or around a token shows, and so does a character without a glyph."""
    return "".join(_VISIBLE.get(character) or _drawn(character) for character in str(text))


def _drawn(character: str) -> str:
    if character.isprintable() and _font().get_char_index(ord(character)):
        return character
    return character.encode("unicode_escape").decode("ascii")


@cache
def _font() -> Any:
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    return FT2Font(findfont("DejaVu Sans"))
