"""Writing answers of POST /api/chat and /api/generate, whole and as lines of JSON."""

from __future__ import annotations

import orjson

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import (
    Call,
    ChatReply,
    ChatRequest,
    Delta,
    Stop,
    StopReason,
    TextDelta,
    TokenLogprob,
    Total,
    Usage,
)
from courseware.gateway.wire.endpoint import Head, Json, WholeCalls
from courseware.gateway.wire.ollama.shape import error_body, rfc3339


def render_chat(request: ChatRequest, reply: ChatReply, head: Head) -> Json:
    """The whole answer of /api/chat."""
    completion = reply.completions[0]
    said = _message(completion.text, dict(enumerate(completion.calls)), head)
    return {**_start(head), **said, **_logprobs(completion.logprobs), **_end(completion.stop, reply.usage)}


def render_generate(request: ChatRequest, reply: ChatReply, head: Head) -> Json:
    """The whole answer of /api/generate."""
    completion = reply.completions[0]
    said = {"response": completion.text}
    return {**_start(head), **said, **_logprobs(completion.logprobs), **_end(completion.stop, reply.usage)}


def _start(head: Head) -> Json:
    return {"model": head.model, "created_at": rfc3339(head.created)}


def _message(text: str, calls: dict[int, Call], head: Head) -> Json:
    message: Json = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [
            {
                "id": head.id("call_", index),
                "function": {"index": index, "name": call.name, "arguments": dict(call.arguments)},
            }
            for index, call in calls.items()
        ]
    return {"message": message}


def _logprobs(tokens: tuple[TokenLogprob, ...]) -> Json:
    def one(token: str, logprob: float) -> Json:
        return {"token": token, "logprob": logprob, "bytes": list(token.encode())}

    if not tokens:
        return {}
    return {"logprobs": [{**one(t.token, t.logprob), "top_logprobs": [one(*top) for top in t.top]} for t in tokens]}


def _end(stop: StopReason, usage: Usage) -> Json:
    """The last line's own fields. Durations, in nanoseconds, are 0: nothing was loaded, and nobody held a watch."""
    return {
        "done": True,
        "done_reason": "length" if stop == "length" else "stop",
        "total_duration": 0,
        "load_duration": 0,
        "prompt_eval_count": usage.input,
        "prompt_eval_cached_count": usage.cached,
        "prompt_eval_duration": 0,
        "eval_count": usage.output,
        "eval_duration": 0,
    }


class ChatEncoder:
    """Writes one line of JSON for each piece of words, one for the calls, and a last one with `done: true`."""

    def __init__(self, _request: ChatRequest, head: Head) -> None:
        self._head, self._calls = head, WholeCalls()
        self._stop: StopReason = "end"

    def open(self) -> bytes:
        """Nothing comes before the words."""
        return b""

    def feed(self, delta: Delta) -> bytes:
        """A line for words, with the calls before them; one for the calls at the end, and one for the end."""
        if isinstance(delta, TextDelta):
            if not delta.text and not delta.logprobs:
                return b""
            words = {**self._said(delta.text), **_logprobs(delta.logprobs)}
            return self._waiting_calls() + self._line({**words, "done": False})
        if isinstance(delta, Stop):
            self._stop = delta.reason
            return self._waiting_calls()
        if isinstance(delta, Total):
            return self._line({**self._said(""), **_end(self._stop, delta.usage)})
        self._calls.feed(delta)
        return b""

    def error(self, error: ApiError) -> bytes:
        """A line with an error, which the client raises as a ResponseError."""
        return orjson.dumps(error_body(error, "")) + b"\n"

    def _said(self, text: str) -> Json:
        return _message(text, {}, self._head)

    def _waiting_calls(self) -> bytes:
        calls = self._calls.take()
        return self._line({**_message("", calls, self._head), "done": False}) if calls else b""

    def _line(self, fields: Json) -> bytes:
        return orjson.dumps({**_start(self._head), **fields}) + b"\n"


class GenerateEncoder(ChatEncoder):
    """The same for /api/generate, whose words stand in `response`."""

    def _said(self, text: str) -> Json:
        return {"response": text}
