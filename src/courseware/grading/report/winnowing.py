"""Fingerprints of a sequence of tokens by winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003).

Of every `WINDOW` neighbouring hashes of `GRAM` tokens each, one is kept. So any run of `GUARANTEED` tokens that two
sequences share has a fingerprint in both, and no run below `GRAM` tokens ever has one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator, Sequence

# Names and values are gone: below a dozen tokens, lines that everybody writes look alike.
GRAM = 12
WINDOW = 5
GUARANTEED = WINDOW + GRAM - 1


def grams(tokens: Sequence[str]) -> list[int]:
    """A hash for each run of GRAM tokens, the same in every process."""
    return [_hash(tokens[at : at + GRAM]) for at in range(len(tokens) - GRAM + 1)]


def winnowed(hashes: Sequence[int], without: Container[int] = ()) -> set[int]:
    """The fingerprints of `hashes`. What is `without` is cut out first, so that the guarantee holds for the rest."""
    return {chosen for stretch in _stretches(hashes, without) for chosen in _chosen(stretch)}


def _chosen(hashes: Sequence[int]) -> Iterator[int]:
    """The smallest of every window; of a stretch below one window, its smallest."""
    for at in range(max(len(hashes) - WINDOW + 1, 1)):
        yield min(hashes[at : at + WINDOW])


def _stretches(hashes: Sequence[int], without: Container[int]) -> Iterator[list[int]]:
    stretch: list[int] = []
    for one in hashes:
        if one not in without:
            stretch.append(one)
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _hash(tokens: Sequence[str]) -> int:
    text = "\0".join(tokens).encode("utf-8", "backslashreplace")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
