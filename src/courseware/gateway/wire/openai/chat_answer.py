"""Writing a Chat Completions answer, whole and as server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache

import orjson

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import (
    CallStart,
    CallText,
    ChatReply,
    ChatRequest,
    Completion,
    Delta,
    Stop,
    TextDelta,
    TokenLogprob,
    Total,
    Usage,
    Words,
)
from courseware.gateway.wire import events
from courseware.gateway.wire.endpoint import Head, Json
from courseware.gateway.wire.openai.shape import error_body

_START: Json = {"role": "assistant", "content": "", "refusal": None}
_STOPS = {"end": "stop", "stop_sequence": "stop", "length": "length", "tool_calls": "tool_calls"}


def render(request: ChatRequest, reply: ChatReply, head: Head) -> Json:
    """A `chat.completion` object."""
    return {
        "id": head.id("chatcmpl-"),
        "object": "chat.completion",
        "created": head.created,
        "model": reply.model,
        "choices": [_choice_json(c, index, head) for index, c in enumerate(reply.completions)],
        "usage": usage_json(reply.usage),
        "service_tier": "default",
        "system_fingerprint": None,
    }


def _choice_json(completion: Completion, index: int, head: Head) -> Json:
    message: Json = {"role": "assistant", "content": completion.text or None, "refusal": None, "annotations": []}
    if completion.calls:
        message["tool_calls"] = [
            _call_json(call.name, json.dumps(call.arguments, ensure_ascii=False), head.id("call_", index, number))
            for number, call in enumerate(completion.calls)
        ]
    elif message["content"] is None:
        message["content"] = ""
    logprobs = {"content": [_logprob(t) for t in completion.logprobs], "refusal": None} if completion.logprobs else None
    return {"index": index, "message": message, "logprobs": logprobs, "finish_reason": _STOPS[completion.stop]}


def _call_json(name: str, arguments: str, call_id: str) -> Json:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def _logprob(token: TokenLogprob) -> Json:
    def one(text: str, logprob: float) -> Json:
        return {"token": text, "logprob": logprob, "bytes": list(text.encode())}

    return {**one(token.token, token.logprob), "top_logprobs": [one(*other) for other in token.top]}


def usage_json(usage: Usage) -> Json:
    """Token counts in Chat Completions' words."""
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


class ChatEncoder:
    """Writes `chat.completion.chunk` events and ends with [DONE]."""

    def __init__(self, request: ChatRequest, head: Head) -> None:
        self._n, self._head, self._include_usage = request.n, head, bool(request.extras.get("include_usage"))
        base = {
            "id": head.id("chatcmpl-"),
            "object": "chat.completion.chunk",
            "created": head.created,
            "model": head.model,
            "service_tier": "default",
            "system_fingerprint": None,
        }
        # All chunks of an answer begin and end alike.
        self._begin = b"data: " + orjson.dumps(base)[:-1] + b',"choices":['
        self._end = (b'],"usage":null}' if self._include_usage else b"]}") + b"\n\n"

    def open(self) -> bytes:
        """The assistant's role, once for each answer."""
        return b"".join(self._chunk(choice, _START) for choice in range(self._n))

    def feed(self, delta: Delta) -> bytes:
        """One event for a delta; usage only if it was asked for."""
        if isinstance(delta, TextDelta):
            if not delta.text:
                return b""
            if delta.logprobs:
                return self._with_logprobs(delta)
            return self._chunk(delta.choice, {"content": delta.text})
        if isinstance(delta, CallStart):
            call = _call_json(delta.name, "", self._head.id("call_", delta.choice, delta.index))
            return self._chunk(delta.choice, {"tool_calls": [{"index": delta.index, **call}]})
        if isinstance(delta, CallText):
            piece = {"index": delta.index, "function": {"arguments": delta.json}}
            return self._chunk(delta.choice, {"tool_calls": [piece]})
        if isinstance(delta, Stop):
            return self._chunk(delta.choice, {}, _STOPS[delta.reason])
        return self._used(delta.usage) + b"data: [DONE]\n\n"

    def whole(self, runs: Iterable[Delta | Words]) -> bytes:
        """All events in one go: every chunk begins alike, and [DONE] follows the last."""
        after = [b"", *(_choice_after(choice, _START) + self._end for choice in range(self._n))]
        for run in runs:
            if isinstance(run, Words):
                after += _words_after(run, self._end)
            elif isinstance(run, Total):
                after[-1] += self.feed(run)
            elif piece := self.feed(run):
                after.append(piece.removeprefix(self._begin))
        return self._begin.join(after)

    def error(self, error: ApiError) -> bytes:
        """An event with an error object, which the SDK raises as an APIError."""
        return events.data(error_body(error, ""))

    def _used(self, usage: Usage) -> bytes:
        if not self._include_usage:
            return b""
        return self._begin + b'],"usage":' + orjson.dumps(usage_json(usage)) + b"}\n\n"

    def _with_logprobs(self, delta: TextDelta) -> bytes:
        logprobs = {"content": [_logprob(token) for token in delta.logprobs], "refusal": None}
        return self._chunk(delta.choice, {"content": delta.text}, logprobs=logprobs)

    def _chunk(self, choice: int, delta: Json, finish: str | None = None, logprobs: Json | None = None) -> bytes:
        return self._begin + _choice_after(choice, delta, finish, logprobs) + self._end


def _choice_after(choice: int, delta: Json, finish: str | None = None, logprobs: Json | None = None) -> bytes:
    return orjson.dumps({"index": choice, "delta": delta, "logprobs": logprobs, "finish_reason": finish})


@lru_cache(maxsize=1_000)
def _words_after(words: Words, end: bytes) -> tuple[bytes, ...]:
    """What follows the beginning of each word's chunk; kept, since it is the same in every answer."""
    return tuple(_choice_after(words.choice, {"content": text}) + end for text in words.texts)
