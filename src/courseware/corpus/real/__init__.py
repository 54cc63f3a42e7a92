"""Real corpora, read from packages that are installed anyway; nothing of theirs is stored here."""

from __future__ import annotations

from courseware.corpus.real.docstrings import STDLIB, stdlib_docstrings
from courseware.corpus.real.factbook import FACTBOOK, factbook_sections
from courseware.corpus.real.passage import Passage, RealCorpus

REAL = (FACTBOOK, STDLIB)

__all__ = ["FACTBOOK", "REAL", "STDLIB", "Passage", "RealCorpus", "factbook_sections", "stdlib_docstrings"]
