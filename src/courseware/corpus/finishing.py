"""From a draft to a finished document: its text, its gold spans, the bytes of its file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from courseware.corpus.document import Document, Draft, Span
from courseware.corpus.renderers.html import render_html
from courseware.corpus.renderers.mail import render_eml
from courseware.corpus.renderers.slack import render_day
from courseware.corpus.text.blocks import Laid, lay_out, without_emphasis

if TYPE_CHECKING:
    from courseware.corpus.renderers.pdf import Printed


def finish(draft: Draft, company: str) -> Document:
    """Render the draft in its format and say where its facts stand."""
    if draft.format == "md":
        laid = lay_out(draft.blocks, "markdown")
        return Document(draft, f"{draft.stem}.md", laid.text, _spans(draft, laid), laid.text.encode())
    if draft.format != "slack":
        draft = replace(draft, blocks=tuple(without_emphasis(block) for block in draft.blocks))
    laid = lay_out(draft.blocks, "plain")
    if draft.format == "pdf":
        from courseware.corpus.renderers.pdf import render_pdf  # its library takes a tenth of a second to import

        printed = render_pdf(draft, laid, company, "split_table" in draft.traits)
        return Document(
            draft, f"{draft.stem}.pdf", laid.text, _spans(draft, laid, printed), printed.data, printed.pages
        )
    path = f"{draft.stem}.{'json' if draft.format == 'slack' else draft.format}"
    return Document(draft, path, laid.text, _spans(draft, laid), _render(draft, laid, company))


def _render(draft: Draft, laid: Laid, company: str) -> bytes:
    if draft.format == "html":
        return render_html(draft, company)
    if draft.format == "docx":
        from courseware.corpus.renderers.docx import render_docx  # as above

        return render_docx(draft, company)
    return render_day(draft) if draft.format == "slack" else render_eml(draft, laid.text)


def _spans(draft: Draft, laid: Laid, printed: Printed | None = None) -> tuple[Span, ...]:
    tables = [part for part in laid.segments if draft.blocks[part.block].kind == "table"]
    return tuple(
        Span(
            draft.id, mark.start, mark.end, mark.fact_id, laid.text[mark.start : mark.end], mark.value_start,
            mark.value_end, any(part.start <= mark.start < part.end for part in tables),
            printed.page_of(mark.value_start) if printed else None,
        )
        for mark in laid.marks
    )  # fmt: skip
