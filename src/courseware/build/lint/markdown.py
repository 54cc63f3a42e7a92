"""What of a markdown text is prose: code, mathematics and comments blanked out, every line still at its place."""

from __future__ import annotations

import re

_FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(^(?P=fence)[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_NOT_PROSE = (
    _FENCE,
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"<(?P<tag>pre|code)\b.*?</(?P=tag)>", re.DOTALL),
    re.compile(r"(?<!`)(?P<ticks>`+)(?!`)(.+?)(?<!`)(?P=ticks)(?!`)", re.DOTALL),
    re.compile(r"\$\$.+?\$\$", re.DOTALL),
    re.compile(r"(?<![\\$\w])\$(?![\s$])[^$\n]+?(?<![\s\\])\$(?!\d)"),
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_TARGET = re.compile(r"(?<=\])\([^()\s]*(\s+\"[^\"]*\")?\)")
_CARD = re.compile(r"^> \*\*Skill\*\*.*$", re.MULTILINE)
_WORD = re.compile(r"[^\W_][\w'’.,:/-]*")
_HEADING = re.compile(r"^#{1,6}[ \t]+(?P<text>.+?)[ \t]*#*$", re.MULTILINE)
_SOLUTION = re.compile(r"^### BEGIN SOLUTION$.*?^### END SOLUTION$", re.MULTILINE | re.DOTALL)


def prose_of(text: str) -> str:
    """Return `text` with everything but prose as blanks, as many lines as before."""
    for pattern in _NOT_PROSE:
        text = pattern.sub(_blank, text)
    return text


def word_count(text: str) -> int:
    """Count the words a learner reads: without code blocks, link targets, tags, model answers and card lines.

    A span of code counts as one word.
    """
    for pattern in (_SOLUTION, _FENCE, _CARD):
        text = pattern.sub(_blank, text)
    text = re.sub(r"`[^`\n]+`", "code", text)
    return len(_WORD.findall(prose_of(_TARGET.sub("", _TAG.sub(" ", text)))))


def without_tags(prose: str) -> str:
    """Return prose with HTML tags blanked out."""
    return _TAG.sub(_blank, prose)


def headings(text: str) -> list[str]:
    """Return the headings' texts, in order."""
    return [found["text"] for found in _HEADING.finditer(_FENCE.sub(_blank, text))]


def anchors(text: str) -> set[str]:
    """Return the anchors a reader can link to: each heading's as GitHub makes it, and those given by hand."""
    seen: dict[str, int] = {}
    found = set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text)) | set(
        re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE)
    )
    for heading in headings(text):
        slug = re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", heading).lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if slug in seen else slug)
        seen[slug] = seen.get(slug, 0) + 1
    return found


def line_of(text: str, position: int) -> int:
    """Return how many lines lie before `position`."""
    return text.count("\n", 0, position)


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found.group())
