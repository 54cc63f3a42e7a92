"""What a rule reports, and the two complaints every kind of rule makes.

A rule is a function from a course to the places where it is broken.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from courseware.manifest.positions import KeyPath


class Broken(NamedTuple):
    """A rule broken at a key; `text` follows the key's name in the report."""

    path: KeyPath
    text: str


def repeated(kind: str, key: str, names: Iterable[object]) -> Iterator[Broken]:
    """Entries of [[kind]] whose `key` an earlier entry already has."""
    seen: set[object] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield Broken((kind, index, key), f"is used twice: {name}; each {kind} needs its own")
        seen.add(name)


def unknown(at: KeyPath, names: Iterable[str], known: Iterable[str]) -> Iterator[Broken]:
    """Items of the list at `at` that are not among `known`."""
    choices = list(known)
    for position, name in enumerate(names):
        if name not in choices:
            yield Broken((*at, position), f"is {name}, which does not exist; use one of {', '.join(choices)}")
