"""The course's corpora: a company made from a seed, with gold spans and questions, and texts from real packages.

`make_corpus("small", seed)` gives documents and gold spans in memory in under a second; `write_folder` puts them on
disk; `public_sets` and `hidden_set` ask about them. What a company is like, and how its people write, is in
`company/*.toml`.
"""

from __future__ import annotations

from courseware.corpus.corpus import Corpus, make_corpus
from courseware.corpus.document import Document, Span
from courseware.corpus.editions import EDITIONS, Edition
from courseware.corpus.errors import (
    BrokenCorpus,
    CorpusError,
    FolderRefused,
    SourceMissing,
    UnknownEdition,
    VectorsUnusable,
)
from courseware.corpus.folder import default_folder, write_folder
from courseware.corpus.gates import check
from courseware.corpus.questions.question import Question, RetrievalQuery
from courseware.corpus.questions.sets import hidden_set, public_sets
from courseware.corpus.real import RealDocument, factbook_sections, stdlib_docstrings
from courseware.corpus.vectors import document_vectors
from courseware.corpus.world.facts import Fact
from courseware.corpus.world.world import World, make_world

__all__ = [
    "EDITIONS",
    "BrokenCorpus",
    "Corpus",
    "CorpusError",
    "Document",
    "Edition",
    "Fact",
    "FolderRefused",
    "Question",
    "RealDocument",
    "RetrievalQuery",
    "SourceMissing",
    "Span",
    "UnknownEdition",
    "VectorsUnusable",
    "World",
    "check",
    "default_folder",
    "document_vectors",
    "factbook_sections",
    "hidden_set",
    "make_corpus",
    "make_world",
    "public_sets",
    "stdlib_docstrings",
    "write_folder",
]
