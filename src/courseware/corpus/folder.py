"""A corpus as a folder: where it goes, what is in it, how it is replaced in one move.

company.json      name, edition, seed, the day all questions are asked on, counts
documents.jsonl   a line for each document: id, path, sha256, title, family, department, date, version, audience ...
texts.jsonl       id and text of each document; spans count in these texts
spans.jsonl       the gold spans
facts.jsonl       every fact
questions/        the public sets
files/            the documents themselves; chat is one export, files/slack/export.zip
tables/           orders, tickets and products as CSV and SQLite
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from courseware.cache import cache_folder
from courseware.corpus.corpus import Corpus
from courseware.corpus.difficulties import count_difficulties
from courseware.corpus.document import Document
from courseware.corpus.errors import FolderRefused
from courseware.corpus.questions.sets import public_sets
from courseware.corpus.renderers.slack import render_export
from courseware.corpus.renderers.tables import make_tables, render_csv, render_sqlite
from courseware.corpus.world.world import AS_OF

MARKER = "company.json"


def default_folder(edition: str, seed: int | str) -> Path:
    """Where a corpus goes if nobody says: $COURSE_DATA, else the user's cache."""
    return cache_folder("COURSE_DATA", "data") / f"company-{edition}-{seed}"


def write_folder(corpus: Corpus, folder: Path) -> int:
    """Write the corpus into `folder`, which is new, empty or an earlier corpus; returns the bytes written.

    An earlier corpus is replaced as a whole once the new one is complete. Raises FolderRefused.
    """
    _check(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".corpus-", dir=folder.parent) as scratch:
            made = Path(scratch) / "made"
            size = sum(_write(made / path, data) for path, data in contents(corpus))
            if folder.exists():
                folder.rename(Path(scratch) / "old")
            made.rename(folder)
    except OSError as error:
        raise FolderRefused(
            f"cannot write {folder}: {error.strerror or error}; name another folder with --to"
        ) from error
    return size


def _check(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise FolderRefused(f"{folder} is a file; name a folder with --to")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise FolderRefused(f"{folder} holds other things and is left alone; name an empty folder with --to")


def _write(path: Path, data: bytes) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return len(data)


def contents(corpus: Corpus) -> Iterator[tuple[str, bytes]]:
    """Every file of the folder: its path and its bytes."""
    yield MARKER, _json(_about(corpus))
    yield "documents.jsonl", _lines(record(document) for document in corpus.documents)
    yield "texts.jsonl", _lines({"id": document.id, "text": document.text} for document in corpus.documents)
    yield "spans.jsonl", _lines(asdict(span) for document in corpus.documents for span in document.spans)
    yield "facts.jsonl", _lines(asdict(fact) for fact in corpus.world.facts.values())
    for name, questions in public_sets(corpus).items():
        yield f"questions/{name}.jsonl", _lines(asdict(question) for question in questions)
    yield from _files(corpus)
    tables = make_tables(corpus.world)
    yield from ((f"tables/{table.name}.csv", render_csv(table)) for table in tables)
    yield "tables/shop.sqlite", render_sqlite(tables)


def _files(corpus: Corpus) -> Iterator[tuple[str, bytes]]:
    days = []
    for document in corpus.documents:
        if document.draft.format == "slack":
            days.append((document.draft, document.data))
        else:
            yield f"files/{document.path}", document.data
    if days:
        yield "files/slack/export.zip", render_export(corpus.world, days)


def record(document: Document) -> dict[str, Any]:
    """What is known of a document beside its text. A path with `#` names a file within an archive."""
    draft = document.draft
    return {
        "id": draft.id, "path": document.path, "sha256": hashlib.sha256(document.data).hexdigest(),
        "format": draft.format, "family": draft.family, "title": draft.title, "date": draft.date,
        "department": draft.department, "office": draft.office, "author": draft.author, "version": draft.version,
        "audience": draft.audience, "pages": document.pages, "characters": len(document.text),
    }  # fmt: skip


def _about(corpus: Corpus) -> dict[str, Any]:
    drafts = [document.draft for document in corpus.documents]
    return {
        "company": corpus.world.company, "edition": corpus.edition.name, "seed": corpus.world.seed, "as_of": AS_OF,
        "documents": len(drafts), "difficulties": count_difficulties(drafts), "licence": "CC BY 4.0",
        "made_by": "course data build",
    }  # fmt: skip


def _json(value: object) -> bytes:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _lines(rows: Iterable[object]) -> bytes:
    return b"".join(orjson.dumps(row, default=_plain, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else str(value)
