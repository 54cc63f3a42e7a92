"""What ordinary parsers read from our files: used to prove that gold spans are really in them."""

from __future__ import annotations

import io
import json
import re
from email import message_from_bytes
from email.policy import default
from html import unescape

from courseware.corpus.document import Document

_TAG = re.compile(r"<[^>]+>")


def extracted_pages(document: Document) -> list[str]:
    """The file's text, page by page for a PDF and in one piece otherwise. PDF needs the extra `frameworks`."""
    kind, data = document.draft.format, document.data
    if kind == "pdf":
        from pypdf import PdfReader

        return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]
    if kind == "docx":
        import docx

        word = docx.Document(io.BytesIO(data))
        cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
        return ["\n".join([*(paragraph.text for paragraph in word.paragraphs), *cells])]
    if kind == "html":
        return [unescape(_TAG.sub(" ", data.decode()))]
    if kind == "eml":
        return [message_from_bytes(data, policy=default).get_content()]
    if kind == "slack":
        return ["\n".join(row["text"] for row in json.loads(data))]
    return [data.decode()]


def squeezed(text: str) -> str:
    """The text without white space and without the signs that begin items: parsers differ in both."""
    return re.sub(r"[\s•]+", "", text)
