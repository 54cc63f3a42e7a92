"""Rules about links: what they name is there. Nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from courseware.build.lint.files import given_files
from courseware.build.lint.markdown import anchors, headings, line_of, prose_of
from courseware.build.lint.problem import Problem
from courseware.build.lint.texts import is_page
from courseware.build.lint.tree import Tree

_LINK = re.compile(r"\]\(\s*<?(?P<target>[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s+\"[^\"]*\")?\s*\)")
_DEFINED = re.compile(r"^ {0,3}\[[^\]^]+\]:\s*<?(?P<target>[^\s>]+)", re.MULTILINE)
_HTML = re.compile(r"<(?:a|img|source)\b[^>]*?\b(?:href|src)=[\"'](?P<target>[^\"']*)[\"']")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")
_LOCAL = re.compile(r"http://(?:localhost|127\.0\.0\.1)\b")


@dataclass(frozen=True)
class Link:
    """One link: where it stands, what it names, the folder it starts from, and the anchors of its own page."""

    file: str
    line: int
    target: str
    folder: Path
    beside: frozenset[str]
    own: frozenset[str]

    def problem(self, message: str) -> Problem:
        """A problem at this link."""
        return Problem(self.file, self.line, message)


def links_lead_to_files(tree: Tree) -> Iterator[Problem]:
    """A relative link or picture names a file of the repository, or one a lab's release holds."""
    for link in _links(tree):
        name = unquote(link.target.partition("#")[0])
        if name and not _SCHEME.match(link.target) and name not in link.beside:
            path = (link.folder / name).resolve()
            if not (path.exists() and path.is_relative_to(tree.root.resolve())):
                yield link.problem(f"links to {name!r}, which does not exist; correct or remove the link")


def links_lead_to_headings(tree: Tree) -> Iterator[Problem]:
    """An anchor names a heading of the page it is in."""
    for link in _links(tree):
        name, _, anchor = link.target.partition("#")
        if not anchor or _SCHEME.match(link.target):
            continue
        page = (link.folder / unquote(name)).resolve()
        known = link.own if not name else _anchors_of(page) if page.suffix == ".md" and page.is_file() else {anchor}
        if unquote(anchor) not in known:
            yield link.problem(f"links to {link.target!r}, a heading that does not exist; correct the anchor")


def links_are_https(tree: Tree) -> Iterator[Problem]:
    """A link that leaves the repository is https, or this machine's own address."""
    for link in _links(tree):
        if _SCHEME.match(link.target) and not (link.target.startswith("https://") or _LOCAL.match(link.target)):
            yield link.problem(f"links to {link.target!r}; use https://, or a relative path")


def _links(tree: Tree) -> Iterator[Link]:
    for name, text in tree.texts.items():
        if is_page(name):
            own = frozenset(_anchors_in(text))
            for offset, target in _targets(text):
                yield Link(name, offset + 1, target, (tree.root / name).parent, frozenset(), own)
    for part in tree.parts:
        folder = part.place.lesson if part.kind == "lesson" else part.place.release
        beside = frozenset() if part.kind == "lesson" else given_files(part)
        own = frozenset(_anchors_in("\n\n".join(cell.text for cell in part.of_kind("markdown"))))
        for cell in part.of_kind("markdown"):
            for offset, target in _targets(cell.text):
                line = part.problem(cell, "", offset).line
                yield Link(part.file, int(line), target, folder, beside, own)


def _targets(text: str) -> Iterator[tuple[int, str]]:
    """The targets in a markdown text, with the lines before each."""
    prose = prose_of(text)
    for pattern in (_LINK, _DEFINED, _HTML):
        for found in pattern.finditer(prose):
            yield line_of(prose, found.start("target")), found["target"]


def _anchors_of(page: Path) -> set[str]:
    return _anchors_in(page.read_text(encoding="utf-8"))


def _anchors_in(text: str) -> set[str]:
    """GitHub's anchors, and Jupyter's, which keep capitals and signs."""
    return anchors(text) | {heading.replace(" ", "-") for heading in headings(text)}
