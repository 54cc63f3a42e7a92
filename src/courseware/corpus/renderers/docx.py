"""Word files.

python-docx writes them; they are packed again without clock and compression, to be the same bytes each time.
"""

from __future__ import annotations

import functools
import io
import zipfile
from datetime import datetime

import docx
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE

from courseware.corpus.document import Draft
from courseware.corpus.text.blocks import Block

_TABLE_STYLES = ("Normal Table", "Table Grid")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_STYLES = {"item": "List Bullet", "numbered": "List Number", "quote": "Intense Quote"}


def render_docx(draft: Draft, company: str) -> bytes:
    """The document as a .docx file."""
    word = docx.Document(io.BytesIO(_template()))
    properties = word.core_properties
    properties.title, properties.author = draft.title, draft.author or company
    properties.last_modified_by = properties.author
    properties.created = properties.modified = datetime(draft.date.year, draft.date.month, draft.date.day, 9)
    word.sections[0].header.paragraphs[0].text = company
    for block in draft.blocks:
        _add(word, block)
    buffer = io.BytesIO()
    word.save(buffer)
    return packed_again(buffer.getvalue())


@functools.lru_cache(maxsize=1)
def _template() -> bytes:
    """python-docx's own template without its hundred table styles: 0.8 MB a file become 50 KB."""
    word = docx.Document()
    for style in list(word.styles):
        if style.type == WD_STYLE_TYPE.TABLE and style.name not in _TABLE_STYLES:
            style.delete()
    for name, relation in list(word.part.rels.items()):
        if relation.reltype.endswith("/stylesWithEffects"):
            del word.part.rels[name]
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def _add(word: WordDocument, block: Block) -> None:
    if block.kind == "heading":
        word.add_heading(block.body.text, min(block.level, 9))
    elif block.kind == "table":
        table = word.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
        for row in block.rows:
            for cell, text in zip(table.add_row().cells, row, strict=False):
                cell.text = text.text
    else:
        word.add_paragraph(block.body.text, style=_STYLES.get(block.kind))


def packed_again(data: bytes) -> bytes:
    """The same archive with a fixed date on every part, its parts in order and not compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in sorted(old.namelist()):
            new.writestr(zipfile.ZipInfo(name, _EPOCH), old.read(name))
    return out.getvalue()
