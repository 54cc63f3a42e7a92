"""Real corpora, read from packages that are installed anyway; nothing of theirs is stored here."""

from __future__ import annotations

from courseware.corpus.real.docstrings import STDLIB, stdlib_docstrings
from courseware.corpus.real.document import RealCorpus, RealDocument
from courseware.corpus.real.factbook import FACTBOOK, factbook_sections

REAL = (FACTBOOK, STDLIB)

__all__ = ["FACTBOOK", "REAL", "STDLIB", "RealCorpus", "RealDocument", "factbook_sections", "stdlib_docstrings"]
