"""A corpus in memory: the company, its documents, and where every fact stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from courseware.corpus.difficulties import plant
from courseware.corpus.document import Document, Span
from courseware.corpus.editions import Edition, edition
from courseware.corpus.finishing import finish
from courseware.corpus.world.world import World, make_world
from courseware.corpus.writing import write_all

Step = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Corpus:
    """A company and its documents. The same edition and seed give the same bytes; two objects are never equal."""

    edition: Edition
    world: World
    documents: tuple[Document, ...]

    @cached_property
    def spans_of(self) -> dict[str, tuple[Span, ...]]:
        """The gold spans of each fact, by the fact's id."""
        found: dict[str, list[Span]] = defaultdict(list)
        for document in self.documents:
            for span in document.spans:
                found[span.fact_id].append(span)
        return {fact: tuple(spans) for fact, spans in found.items()}

    @cached_property
    def by_id(self) -> dict[str, Document]:
        """The documents by id."""
        return {document.id: document for document in self.documents}


def make_corpus(name: str = "small", seed: int | str = 1, step: Step | None = None) -> Corpus:
    """Write and render the edition `name` of the company of this seed; `step` hears of (done, all) documents."""
    chosen = edition(name)
    world = make_world(seed, chosen.sizes)
    drafts = plant(write_all(world, chosen), world.draw.at("plant"))
    documents = []
    for number, draft in enumerate(drafts, 1):
        documents.append(finish(draft, world.company))
        if step is not None:
            step(number, len(drafts))
    return Corpus(chosen, world, tuple(documents))
