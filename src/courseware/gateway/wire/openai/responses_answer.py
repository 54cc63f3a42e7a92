"""Writing a Responses answer whole, and the pieces that a stream of it shares."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

from courseware.gateway.exchange import ChatReply, ChatRequest, Completion, StopReason, Text, TokenLogprob, Usage
from courseware.gateway.wire.endpoint import Head, Json

Status = Literal["in_progress", "completed", "incomplete"]


def render(request: ChatRequest, reply: ChatReply, head: Head) -> Json:
    """A `response` object."""
    completion = reply.completions[0]
    status = status_of(completion.stop)
    return {
        **response_json(request, head, reply.model, status),
        "output": _output(completion, head, status),
        "usage": usage_json(reply.usage),
    }


def status_of(stop: StopReason) -> Status:
    """An answer that ran into its limit is incomplete."""
    return "incomplete" if stop == "length" else "completed"


def response_json(request: ChatRequest, head: Head, model: str, status: Status) -> Json:
    """A response without output: its state, and what it repeats of its request."""
    return {
        "id": head.id("resp_"),
        "object": "response",
        "created_at": head.created,
        "completed_at": head.created if status == "completed" else None,
        "status": status,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "model": model,
        "output": [],
        "usage": None,
        "background": False,
        "conversation": None,
        "max_tool_calls": None,
        "service_tier": "default",
        "truncation": "disabled",
        "user": None,
        **request.extras["echo"],
    }


def message_item(head: Head, place: int, status: Status, content: Sequence[Json] = ()) -> Json:
    """The assistant's words, as the `place`-th item of the output."""
    return {
        "id": head.id("msg_", place),
        "type": "message",
        "role": "assistant",
        "status": status,
        "content": list(content),
    }


def text_part(text: str, logprobs: Sequence[TokenLogprob] = ()) -> Json:
    """Words of a message."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": logprobs_json(logprobs)}


def call_item(head: Head, number: int, name: str, arguments: str, status: Status) -> Json:
    """The `number`-th call of the answer."""
    return {
        "id": head.id("fc_", number),
        "type": "function_call",
        "status": status,
        "call_id": head.id("call_", 0, number),
        "name": name,
        "arguments": arguments,
    }


def logprobs_json(tokens: Sequence[TokenLogprob]) -> list[Json]:
    """Tokens with their probabilities, and the likeliest in their place."""

    def one(text: str, logprob: float) -> Json:
        return {"token": text, "logprob": logprob, "bytes": list(text.encode())}

    return [{**one(t.token, t.logprob), "top_logprobs": [one(*other) for other in t.top]} for t in tokens]


def usage_json(usage: Usage) -> Json:
    """Token counts in the words of Responses."""
    return {
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": usage.cache_written},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.input + usage.output,
    }


def _output(completion: Completion, head: Head, status: Status) -> list[Json]:
    """Words in a row are one message; an answer without anything is an empty message."""
    items: list[Json] = []
    logprobs, words, calls = completion.logprobs, "", 0
    for part in (*completion.parts, None):
        if isinstance(part, Text):
            words += part.text
            continue
        if words or (part is None and not items):
            items.append(message_item(head, len(items), "completed", [text_part(words, logprobs)]))
            words, logprobs = "", ()
        if part is not None:
            arguments = json.dumps(part.arguments, ensure_ascii=False)
            items.append(call_item(head, calls, part.name, arguments, "completed"))
            calls += 1
    items[-1]["status"] = status
    return items
