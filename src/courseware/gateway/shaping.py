"""What a request's limits do to a scripted answer: stop sequences, length, the number of answers, and token counts."""

from __future__ import annotations

from dataclasses import replace

from courseware.gateway.counting import count_completion, count_request, cut
from courseware.gateway.exchange import Call, ChatReply, ChatRequest, Completion, Origin, Text, Usage


def shape(request: ChatRequest, completion: Completion, origin: Origin) -> ChatReply:
    """Return the reply that a model which says `completion` gives to this request."""
    one = _limited(_stopped(completion, request.stop), request.max_tokens)
    usage = Usage(count_request(request), count_completion(one) * request.n)
    return ChatReply(f"{origin.tier}/{origin.id}", (one,) * request.n, usage, origin)


def _stopped(completion: Completion, stops: tuple[str, ...]) -> Completion:
    parts: list[Text | Call] = []
    for part in completion.parts:
        found = [] if isinstance(part, Call) else [(part.text.find(stop), stop) for stop in stops if stop]
        found = [place for place in found if place[0] >= 0]
        if found and isinstance(part, Text):
            place, sequence = min(found)
            return Completion((*parts, replace(part, text=part.text[:place])), "stop_sequence", sequence)
        parts.append(part)
    return completion


def _limited(completion: Completion, limit: int | None) -> Completion:
    """Cut the words at the limit. A call that does not fit whole is left out: half its JSON is of use to nobody."""
    if limit is None or count_completion(completion) <= limit:
        return completion
    parts: list[Text | Call] = []
    for part in completion.parts:
        tokens = count_completion(Completion((part,)))
        if tokens > limit:
            if isinstance(part, Text):
                parts.append(Text(cut(part.text, limit)))
            break
        parts.append(part)
        limit -= tokens
    return Completion(tuple(parts), "length")
