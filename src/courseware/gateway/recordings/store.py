"""All recordings by key. A look-up is two dictionary reads, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from courseware.gateway.exchange import ChatReply, ChatRequest
from courseware.gateway.keys import Identity, canonical, fold, identify, normalised_key
from courseware.gateway.recordings.recording import Recording

# Below this part of words in common, naming a recording would mislead more than help.
_LIKELY = 0.3


@dataclass(frozen=True)
class Found:
    """A recording that answers, and on which tier."""

    recording: Recording
    tier: Literal["exact", "normalised"]

    @property
    def reply(self) -> ChatReply:
        """What it says."""
        return self.recording.reply(self.tier)


@dataclass
class Recordings:
    """Recordings ready for look-up."""

    _exact: dict[str, list[Recording]] = field(default_factory=lambda: defaultdict(list))
    _normalised: dict[str, list[Recording]] = field(default_factory=lambda: defaultdict(list))
    _words: list[tuple[frozenset[str], Recording]] = field(default_factory=list)

    @classmethod
    def of(cls, recordings: Iterable[Recording]) -> Recordings:
        """Return these recordings, indexed."""
        store = cls()
        for recording in recordings:
            store.add(recording)
        return store

    def __len__(self) -> int:
        return len(self._words)

    def add(self, recording: Recording) -> None:
        """Index one more."""
        self._exact[recording.exact].append(recording)
        self._normalised[recording.normalised].append(recording)
        self._words.append((_words(recording.request), recording))

    def find(self, request: ChatRequest, identity: Identity | None = None) -> Found | None:
        """Return the recording of this request: to the letter, else but for case and white space.

        `identity` is the request's, where it is known already.
        """
        identity = identity or identify(request)
        for recording in self._exact.get(identity.exact, ()):
            if recording.fits(request):
                return Found(recording, "exact")
        for recording in self._normalised.get(normalised_key(identity.counts), ()):
            if recording.fits(request):
                return Found(recording, "normalised")
        return None

    def nearest(self, request: ChatRequest, count: int = 3) -> list[tuple[Recording, str]]:
        """Return the likeliest recordings that were meant, each with what differs."""
        wanted = canonical(request)
        said = _words(wanted)
        scored = [(_likeness(said, words), recording) for words, recording in self._words]
        likely = sorted((pair for pair in scored if pair[0] >= _LIKELY), key=lambda pair: (-pair[0], pair[1].id))
        return [(recording, difference(wanted, recording.request)) for _, recording in likely[:count]]


def difference(wanted: dict[str, Any], recorded: dict[str, Any]) -> str:
    """Name the parts of two canonical requests that differ."""
    one, other = _apart(wanted), _apart(recorded)
    names = [name for name in dict.fromkeys((*one, *other)) if one.get(name) != other.get(name)]
    return ", ".join(names) or "the limit on its length"


def _apart(counts: dict[str, Any]) -> dict[str, Any]:
    """The same with the system's turns apart from the conversation."""
    system = [turn for turn in counts["messages"] if turn[0] == "system"]
    return {"system": system, **counts, "messages": [turn for turn in counts["messages"] if turn[0] != "system"]}


def _words(counts: dict[str, Any]) -> frozenset[str]:
    """The words of the last thing that was said to the model."""
    said = [str(turn[1]) for turn in counts["messages"] if turn[0] in ("user", "result")]
    return frozenset(fold(said[-1]).split()) if said else frozenset()


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard's index: the part of all words that both have."""
    return len(one & other) / (len(one | other) or 1)
