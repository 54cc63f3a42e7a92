"""A document of the company: what it says, what it is, and where its facts stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from courseware.corpus.text.blocks import Block
from courseware.corpus.world.facts import Audience

Format = Literal["md", "html", "pdf", "docx", "slack", "eml"]


@dataclass(frozen=True)
class Message:
    """A message in a channel: who wrote it in which minute of the day, and what.

    `key` is its number in its channel and day; `thread` is the key of the message whose thread it answers in.
    """

    author: str
    minute: int
    block: Block
    key: int
    thread: int | None = None
    reactions: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Draft:
    """A document as its writer leaves it: blocks, no bytes yet.

    `stem` is its path without the ending.
    """

    id: str
    family: str
    title: str
    date: date
    department: str
    blocks: tuple[Block, ...]
    stem: str
    format: Format = "md"
    audience: Audience = "staff"
    version: str = ""
    office: str = ""
    author: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    messages: tuple[Message, ...] = ()
    traits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Span:
    """A gold span: `text` stands in the document's text from `start` to `end` (exclusive) and carries the fact.

    `value_start` and `value_end` bound the fact's value within it; they too count in the document's text.
    `in_table` says that it is a table's cell. `page` is the page of a PDF on which the value stands, from 1; None
    in formats without pages.
    """

    doc_id: str
    start: int
    end: int
    fact_id: str
    text: str
    value_start: int
    value_end: int
    in_table: bool = False
    page: int | None = None


@dataclass(frozen=True)
class Document:
    """A finished document. `text` is what its spans count in; `data` are the bytes of its file.

    For Markdown the two are the same. For the other formats `text` is the plain text that was rendered; each of
    its spans stands in the file, white space and line breaks aside. `pages` is 0 in formats without pages.
    """

    draft: Draft
    path: str
    text: str
    spans: tuple[Span, ...]
    data: bytes
    pages: int = 0

    @property
    def id(self) -> str:
        """The name spans and questions use."""
        return self.draft.id
