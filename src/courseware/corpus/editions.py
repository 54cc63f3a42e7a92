"""How many documents of each family an edition has, and how large a company stands behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from courseware.corpus.errors import UnknownEdition
from courseware.corpus.world.world import Sizes


@dataclass(frozen=True)
class Edition:
    """A size of corpus. `counts` are documents by family."""

    name: str
    purpose: str
    sizes: Sizes
    counts: Mapping[str, int]

    @property
    def documents(self) -> int:
        """How many documents there are in all."""
        return sum(self.counts.values())


FAMILIES = (
    "policy", "handbook", "support", "incident", "design", "regional",
    "invoice", "posting", "contract", "minutes", "slack", "mail",
)  # fmt: skip


def _counts(*numbers: int) -> Mapping[str, int]:
    return MappingProxyType(dict(zip(FAMILIES, numbers, strict=True)))


_GOLDEN = Sizes(2, 4, 3, 2, 3, 2, 1, 1, 12, 6, 1, 1, 1)
_SMALL = Sizes(5, 16, 3, 6, 10, 12, 12, 11, 60, 30, 4, 4, 6)
_LARGE = Sizes(8, 16, 7, 12, 14, 30, 60, 600, 2400, 1200, 700, 160, 200)
EDITIONS: Mapping[str, Edition] = MappingProxyType({
    "golden": Edition("golden", "kept in the repository, compared byte for byte", _GOLDEN,
                      _counts(3, 1, 1, 1, 0, 2, 1, 0, 1, 0, 1, 1)),
    "small": Edition("small", "tests, class seeds and first steps", _SMALL,
                     _counts(36, 25, 7, 11, 3, 8, 4, 6, 4, 2, 7, 7)),
    "standard": Edition("standard", "lessons and labs", Sizes(),
                        _counts(180, 120, 100, 90, 60, 60, 60, 60, 40, 40, 240, 150)),
    "large": Edition("large", "cost and latency", _LARGE,
                     _counts(180, 130, 240, 600, 160, 64, 700, 200, 160, 416, 1300, 850)),
})  # fmt: skip


def edition(name: str) -> Edition:
    """The edition of this name. Raises UnknownEdition."""
    if name not in EDITIONS:
        raise UnknownEdition(name, tuple(EDITIONS))
    return EDITIONS[name]
