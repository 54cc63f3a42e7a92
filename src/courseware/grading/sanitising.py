"""Makes what a learner's code showed, and what a learner wrote, safe for whoever opens it.

Stock nbgrader's feedback and formgrader put HTML, Markdown, scripts and an output's metadata into their pages as they
find them. So this happens where the autograded notebook is written: tables, text and pictures stay; what runs code,
loads from elsewhere or leaves its place on the page goes. What is dropped is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bleach.css_sanitizer import CSSSanitizer
from bleach.sanitizer import Cleaner

_MOST_HTML = 200_000  # characters; a page of that much takes seconds to clean
_MOST_DEPTH = 100
_MOST_MARKDOWN = 40_000  # characters; a renderer's time grows with the square of some texts' length
_MOST_STYLE = 500
_SIZES = ("width", "height")
_PICTURES = ("image/png", "image/jpeg")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TAGS = _words(
    "a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6"
    " hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr tt"
    " u ul var"
)
# No `class`: the page's own style sheet has classes that lay one thing over another. No `id`: the page links to its.
_ATTRIBUTES = {
    "*": {"align", "aria-label", "dir", "lang", "style", "title", "valign"},
    "details": {"open"},
    "img": {"alt", "width", "height"},
    "ol": {"start"},
    "table": {"border"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_EMPTY = _words("br hr img col wbr")
_STYLES = _words(
    "background-color border border-bottom border-collapse border-color border-left border-right border-spacing"
    " border-style border-top border-width color font font-family font-size font-style font-variant font-weight"
    " line-height max-width min-width padding padding-bottom padding-left padding-right padding-top text-align"
    " text-decoration text-indent vertical-align white-space width"
)
_STYLE_LOADS = re.compile(r"url|@|\\|/\*|\(.*\(", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(r"https?://|mailto:|#")
_PICTURE_DATA = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=]+")


def safe_outputs(outputs: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a cell's outputs, in nbformat's shape, without what could act on a page."""
    return [_safe_output(output) for output in outputs]


def safe_html(text: str) -> str:
    """Return HTML of tables, text and embedded pictures, each element closed; everything else is left out."""
    if len(text) > _MOST_HTML or _depth(text) > _MOST_DEPTH:
        return ""
    return str(_CLEANER.clean(_without(_without(text, "style"), "script")))


def safe_markdown(text: str) -> str:
    """Return Markdown that no renderer makes anything of but text, and links to web pages.

    A space goes behind what opens a tag, a picture, or a link to elsewhere; it is then read as text.
    """
    if len(text) > _MOST_MARKDOWN:
        text = f"{text[:_MOST_MARKDOWN]}\n\n(What follows is left out here: the text has {len(text):,} characters.)"
    for opens in (r"<(?=[A-Za-z/!?])", r"!(?=\[)", r"\](?=\((?!\s*(?:https?://|#)))", r"\](?=:(?!\s*https?://))"):
        text = re.sub(opens, lambda found: f"{found[0]} ", text)
    return text


def _safe_output(output: Mapping[str, Any]) -> dict[str, Any]:
    if "data" not in output:
        return dict(output)
    data = dict(_safe_data(output["data"]))
    if isinstance(words := output["data"].get("text/markdown"), str):
        data["text/plain"] = words  # unrendered: its plain form says only of what class it is
    if not data:
        names = ", ".join(sorted(output["data"])) or "nothing"
        data = {"text/plain": f"[not shown here: {names}]"}
    metadata = {mime: sizes for mime in _PICTURES if mime in data and (sizes := _sizes(output, mime))}
    return {**output, "data": data, "metadata": metadata}


def _safe_data(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for mime, content in data.items():
        if not isinstance(content, str):
            continue
        if mime in ("text/plain", "text/latex") or (mime in _PICTURES and _BASE64.fullmatch(content)):
            yield mime, content
        elif mime == "text/html" and (html := safe_html(content)).strip():
            yield mime, html


def _sizes(output: Mapping[str, Any], mime: str) -> dict[str, float]:
    """A picture's width and height. Stock writes them into its tag without quotes."""
    told = output["metadata"].get(mime)
    found = told if isinstance(told, Mapping) else {}
    return {name: found[name] for name in _SIZES if type(found.get(name)) in (int, float)}


def _without(text: str, tag: str) -> str:
    """Leave out such elements with what is in them: the cleaner would show it as text."""
    low, kept, at = text.lower(), [], 0
    while (begin := low.find(f"<{tag}", at)) >= 0 and (end := low.find(f"</{tag}>", begin)) >= 0:
        kept.append(text[at:begin])
        at = end + len(tag) + 3
    return "".join([*kept, text[at:]])


def _depth(text: str) -> int:
    """How deep elements are nested, crossed ones counted as open: a cleaner's time grows with the square of it."""
    open_tags: list[str] = []
    deepest = 0
    for found in re.finditer(r"<(/?)([A-Za-z][A-Za-z0-9]*)", text):
        tag = found[2].lower()
        if not found[1] and tag not in _EMPTY:
            open_tags.append(tag)
        elif found[1] and open_tags and open_tags[-1] == tag:
            open_tags.pop()
        deepest = max(deepest, len(open_tags))
    return deepest


def _allowed(tag: str, name: str, value: str) -> bool:
    if name == "href":
        return tag == "a" and _LINK.match(value) is not None
    if name == "src":
        return tag == "img" and _PICTURE_DATA.fullmatch(value) is not None
    if name == "class":
        return value == "dataframe"
    if name == "style" and (len(value) > _MOST_STYLE or _STYLE_LOADS.search(value)):
        return False
    return name in _ATTRIBUTES["*"] or name in _ATTRIBUTES.get(tag, ())


_CLEANER = Cleaner(
    tags=_TAGS, attributes=_allowed, protocols={"http", "https", "mailto", "data"}, strip=True, strip_comments=True,
    css_sanitizer=CSSSanitizer(allowed_css_properties=_STYLES),
)  # fmt: skip
