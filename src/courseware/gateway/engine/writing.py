"""From what llama.cpp writes to the deltas of an answer, live where it is words, at its end where it is a call."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from courseware.gateway.deltas import deltas_of
from courseware.gateway.engine.llama import Ended, Piece
from courseware.gateway.engine.tools import Plan
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import (
    Call,
    CallStart,
    CallText,
    ChatReply,
    Completion,
    Delta,
    Origin,
    Stop,
    StopReason,
    Text,
    TextDelta,
    TokenLogprob,
    Total,
    Usage,
)

Events = AsyncGenerator[Piece | Ended, None]


async def words(events: Events, choice: int, alternatives: int | None) -> AsyncGenerator[Delta | Ended, None]:
    """Deltas as they come, `alternatives` beside each token; then `Stop` and what the server said at the end."""
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Piece):
                yield TextDelta(event.text, choice, tuple(_cut(token, alternatives) for token in event.logprobs))
                continue
            reason: StopReason = "stop_sequence" if event.sequence is not None else "length" if event.full else "end"
            yield Stop(reason, event.sequence, choice)
            yield event


def _cut(token: TokenLogprob, alternatives: int | None) -> TokenLogprob:
    return replace(token, top=token.top[: alternatives or 0])


async def calls(events: Events, choice: int, plan: Plan, stop: Sequence[str]) -> AsyncGenerator[Delta | Ended, None]:
    """The same for an answer held to a plan: nothing until it is whole, as half of it could still become a call."""
    written: list[str] = []
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Piece):
                written.append(event.text)
                continue
            for delta in _whole(_completion("".join(written), event, plan, stop)):
                yield replace(delta, choice=choice)
            yield event


def _whole(completion: Completion) -> Iterator[TextDelta | CallStart | CallText | Stop]:
    for delta in deltas_of(ChatReply("", (completion,), Usage(0, 0), Origin("local", "", ""))):
        if not isinstance(delta, Total):
            yield delta


def _completion(written: str, ended: Ended, plan: Plan, stop: Sequence[str]) -> Completion:
    reading = plan.read(written)
    if not reading.whole:
        if not ended.full:
            raise ApiError(
                "server", "the local model broke off before its answer was whole; send the request again",
                code="local_model_broke_off",
            )  # fmt: skip
        return Completion(reading.parts, "length")
    if any(isinstance(part, Call) for part in reading.parts):
        return Completion(reading.parts, "tool_calls")
    return _stopped("".join(part.text for part in reading.parts if isinstance(part, Text)), stop)


def _stopped(text: str, stop: Sequence[str]) -> Completion:
    """The answer in words as if the model had stopped at the first of the stop sequences in it."""
    found = [(text.index(sequence), sequence) for sequence in stop if sequence and sequence in text]
    if not found:
        return Completion((Text(text),) if text else ())
    end, sequence = min(found)
    return Completion((Text(text[:end]),) if end else (), "stop_sequence", sequence)
