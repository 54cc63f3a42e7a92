"""Writing a generateContent answer, whole and as server-sent events."""

from __future__ import annotations

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import (
    Call,
    ChatReply,
    ChatRequest,
    Completion,
    Delta,
    Stop,
    StopReason,
    TextDelta,
    TokenLogprob,
    Total,
    Usage,
)
from courseware.gateway.wire import events
from courseware.gateway.wire.endpoint import Head, Json, WholeCalls
from courseware.gateway.wire.gemini.shape import error_body

_EMPTY: Json = {"text": ""}


def render(request: ChatRequest, reply: ChatReply, head: Head) -> Json:
    """A GenerateContentResponse."""
    candidates = [_whole(completion, index, head) for index, completion in enumerate(reply.completions)]
    return _response(candidates, head, reply.usage)


def _whole(completion: Completion, choice: int, head: Head) -> Json:
    parts, calls = [], 0
    for part in completion.parts:
        if isinstance(part, Call):
            parts.append(_call(part, choice, calls, head))
            calls += 1
        else:
            parts.append({"text": part.text})
    return _candidate(choice, parts, completion.stop, completion.logprobs)


def _call(call: Call, choice: int, index: int, head: Head) -> Json:
    return {"functionCall": {"id": head.id("", choice, index), "name": call.name, "args": dict(call.arguments)}}


def _candidate(
    choice: int, parts: list[Json], stop: StopReason | None = None, logprobs: tuple[TokenLogprob, ...] = ()
) -> Json:
    """A candidate always has a part: the SDK's chats forget a turn with an answer that has none."""
    candidate: Json = {"content": {"parts": parts or [_EMPTY], "role": "model"}, "index": choice}
    if stop:
        candidate["finishReason"] = "MAX_TOKENS" if stop == "length" else "STOP"
    if logprobs:
        candidate["avgLogprobs"] = sum(token.logprob for token in logprobs) / len(logprobs)
        candidate["logprobsResult"] = _logprobs(logprobs)
    return candidate


def _logprobs(tokens: tuple[TokenLogprob, ...]) -> Json:
    def one(token: str, logprob: float) -> Json:
        return {"token": token, "logProbability": logprob}

    return {
        "logProbabilitySum": sum(token.logprob for token in tokens),
        "chosenCandidates": [one(token.token, token.logprob) for token in tokens],
        "topCandidates": [{"candidates": [one(*other) for other in token.top]} for token in tokens],
    }


def _response(candidates: list[Json], head: Head, usage: Usage | None = None) -> Json:
    counted = {"usageMetadata": _usage(usage)} if usage else {}
    return {"candidates": candidates, **counted, "modelVersion": head.model, "responseId": head.id("")}


def _usage(usage: Usage) -> Json:
    cached = {"cachedContentTokenCount": usage.cached} if usage.cached else {}
    return {
        "promptTokenCount": usage.input,
        "candidatesTokenCount": usage.output,
        "totalTokenCount": usage.input + usage.output,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": usage.input}],
        **cached,
    }


class ChatEncoder:
    """Writes GenerateContentResponse events: words as they come, a call whole, ends and usage in the last event."""

    def __init__(self, request: ChatRequest, head: Head) -> None:
        self._head = head
        self._calls = [WholeCalls() for _ in range(request.n)]
        self._stops: dict[int, StopReason] = {}

    def open(self) -> bytes:
        """Nothing comes before the words."""
        return b""

    def feed(self, delta: Delta) -> bytes:
        """One event for words, with the calls before them; one at the end for all the rest."""
        if isinstance(delta, TextDelta):
            return self._text(delta) if delta.text or delta.logprobs else b""
        if isinstance(delta, Stop):
            self._stops[delta.choice] = delta.reason
            return b""
        if isinstance(delta, Total):
            last = [_candidate(choice, self._taken(choice), stop) for choice, stop in sorted(self._stops.items())]
            return events.data(_response(last, self._head, delta.usage))
        self._calls[delta.choice].feed(delta)
        return b""

    def error(self, error: ApiError) -> bytes:
        """An event with an error object, which the SDK raises as an APIError."""
        return events.data(error_body(error, ""))

    def _text(self, delta: TextDelta) -> bytes:
        parts = [*self._taken(delta.choice), {"text": delta.text}]
        return events.data(_response([_candidate(delta.choice, parts, None, delta.logprobs)], self._head))

    def _taken(self, choice: int) -> list[Json]:
        return [_call(call, choice, index, self._head) for index, call in self._calls[choice].take().items()]
