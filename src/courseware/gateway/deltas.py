"""From a whole reply to a stream of deltas, and back."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from courseware.gateway.exchange import (
    Call,
    CallStart,
    CallText,
    ChatReply,
    Completion,
    Delta,
    LiveReply,
    Stop,
    Text,
    TextDelta,
    TokenLogprob,
    Total,
    Usage,
    Words,
)

# A word with the space before it: about the size of the pieces that providers send.
_PIECE = re.compile(r"\s*\S+|\s+$")
_JSON_PIECE = 16


def deltas_of(reply: ChatReply) -> Iterator[Delta]:
    """Yield a reply in pieces; `collect` makes the same reply of them."""
    for run in runs(reply):
        if isinstance(run, Words):
            yield from (TextDelta(text, run.choice) for text in run.texts)
        else:
            yield run


def runs(reply: ChatReply) -> Iterator[Delta | Words]:
    """Yield the same with plain words in a row as one."""
    yield from reply.runs() if reply.runs else runs_of(reply.completions)
    yield Total(reply.usage)


def runs_of(completions: Sequence[Completion]) -> Iterator[Delta | Words]:
    """Yield all but the total."""
    for choice, completion in enumerate(completions):
        for plain, deltas in itertools.groupby(_parts(completion, choice), _is_plain):
            if plain:
                yield Words(tuple(delta.text for delta in deltas if isinstance(delta, TextDelta)), choice)
            else:
                yield from deltas
        yield Stop(completion.stop, completion.stop_sequence, choice)


def _is_plain(delta: Delta) -> bool:
    return isinstance(delta, TextDelta) and delta == TextDelta(delta.text, delta.choice)


def _parts(completion: Completion, choice: int) -> Iterator[Delta]:
    calls, logprobs = 0, completion.logprobs
    before: Text | Call | None = None
    for part in completion.parts:
        if isinstance(part, Text):
            # Words after citations begin a text of their own anyway.
            starts = isinstance(before, Text) and not before.citations
            yield from _words(part, choice, logprobs, starts)
            logprobs = ()
        else:
            yield CallStart(part.name, calls, choice)
            text = json.dumps(part.arguments, ensure_ascii=False)
            for start in range(0, len(text), _JSON_PIECE):
                yield CallText(text[start : start + _JSON_PIECE], calls, choice)
            calls += 1
        before = part


def _words(part: Text, choice: int, logprobs: tuple[TokenLogprob, ...], starts: bool) -> Iterator[Delta]:
    pieces: list[tuple[str, tuple[TokenLogprob, ...]]]
    if not logprobs:
        pieces = [(piece, ()) for piece in _PIECE.findall(part.text)]
    elif "".join(token.token for token in logprobs) == part.text:
        pieces = [(token.token, (token,)) for token in logprobs]
    else:  # a token may be a part of a character
        pieces = [(part.text, logprobs)]
    for piece, tokens in pieces:
        yield TextDelta(piece, choice, tokens, starts=starts)
        starts = False
    if part.citations:
        yield TextDelta("", choice, citations=part.citations)


@dataclass
class _Growing:
    """One answer while its deltas come in: texts and calls in order."""

    parts: list[Text | tuple[str, list[str]]] = field(default_factory=list)
    logprobs: list[TokenLogprob] = field(default_factory=list)
    stop: Stop = field(default_factory=lambda: Stop("end"))

    def text(self, delta: TextDelta) -> None:
        self.logprobs += delta.logprobs
        last = self.parts[-1] if self.parts else None
        begins = delta.starts or (isinstance(last, Text) and last.citations and delta.text)
        if isinstance(last, Text) and not begins:
            self.parts[-1] = Text(last.text + delta.text, last.citations + delta.citations)
        elif delta.text:
            self.parts.append(Text(delta.text, delta.citations))

    def finished(self) -> Completion:
        parts = [part if isinstance(part, Text) else self._call(*part) for part in self.parts]
        kept = tuple(part for part in parts if part is not None)
        return Completion(kept, self.stop.reason, self.stop.sequence, tuple(self.logprobs))

    def _call(self, name: str, pieces: list[str]) -> Call | None:
        try:
            return Call(name, json.loads("".join(pieces) or "{}"))
        except ValueError:
            if self.stop.reason == "length":
                return None
            raise


class Collector:
    """Takes deltas one at a time and knows the reply they amount to so far."""

    def __init__(self) -> None:
        self._choices: dict[int, _Growing] = {}
        self.usage = Usage(0, 0)

    def feed(self, delta: Delta) -> None:
        """Add one delta."""
        if isinstance(delta, Total):
            self.usage = delta.usage
            return
        growing = self._choices.setdefault(delta.choice, _Growing())
        if isinstance(delta, TextDelta):
            growing.text(delta)
        elif isinstance(delta, CallStart):
            growing.parts.append((delta.name, []))
        elif isinstance(delta, CallText):
            call = [part for part in growing.parts if not isinstance(part, Text)][delta.index]
            call[1].append(delta.json)
        else:
            growing.stop = delta

    def completions(self) -> tuple[Completion, ...]:
        """The answers so far. Raises ValueError where a call's arguments are not yet whole.

        A call that the limit on the answer's length cut off is left out: half its JSON is of use to nobody.
        """
        return tuple(self._choices[choice].finished() for choice in sorted(self._choices))


async def collect(live: LiveReply) -> ChatReply:
    """Wait for all of a live reply."""
    collector = Collector()
    async for delta in live.deltas:
        collector.feed(delta)
    return ChatReply(live.model, collector.completions(), collector.usage, live.origin)


async def stream(deltas: Iterable[Delta]) -> AsyncIterator[Delta]:
    """The same deltas, as something to wait for."""
    for delta in deltas:
        yield delta
