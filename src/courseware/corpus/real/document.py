"""What loaders of real corpora give back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class RealDocument:
    """A text with its origin. `metadata` are plain strings to filter by."""

    id: str
    title: str
    text: str
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class RealCorpus:
    """Where a corpus comes from and what one may do with it. `documents` was counted on Python 3.11."""

    name: str
    origin: str
    licence: str
    purpose: str
    documents: int
    is_installed: Callable[[], bool]
