"""Writing a Messages answer as server-sent events."""

from __future__ import annotations

from typing import Literal

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import CallStart, CallText, ChatRequest, Delta, Stop, TextDelta, Total, Usage
from courseware.gateway.wire import events
from courseware.gateway.wire.anthropic.messages_answer import (
    STOPS,
    call_id,
    citation_json,
    documents_of,
    message_json,
    spent_json,
)
from courseware.gateway.wire.anthropic.shape import error_body
from courseware.gateway.wire.endpoint import Head, Json


class MessagesEncoder:
    """Writes message_start, blocks one after the other, message_delta with reason and usage, message_stop.

    The first event says the input's tokens if they are known before the answer.
    """

    def __init__(self, request: ChatRequest, head: Head) -> None:
        self._head, self._documents = head, documents_of(request)
        self._usage: Usage = head.usage or Usage(0, 0)
        self._blocks = 0
        self._open: Literal["text", "cited text", "call", ""] = ""
        self._stop = Stop("end")

    def open(self) -> bytes:
        """The message without content."""
        return _event("message_start", message=message_json(self._head, self._head.model, self._usage))

    def feed(self, delta: Delta) -> bytes:
        """Events for a delta; the end is written when the tokens are known."""
        if isinstance(delta, TextDelta):
            return self._text(delta)
        if isinstance(delta, CallStart):
            use = {"type": "tool_use", "id": call_id(self._head, delta.index), "name": delta.name, "input": {}}
            return self._close() + self._start("call", use)
        if isinstance(delta, CallText):
            return self._delta({"type": "input_json_delta", "partial_json": delta.json})
        if isinstance(delta, Stop):
            self._stop = delta
            return self._close()
        return self._end(delta)

    def error(self, error: ApiError) -> bytes:
        """An error event, which the SDK raises."""
        return events.event("error", error_body(error, ""))

    def _text(self, delta: TextDelta) -> bytes:
        written = b""
        if self._begins_block(delta):
            written = self._close() + self._start("text", {"type": "text", "text": ""})
        if delta.text:
            written += self._delta({"type": "text_delta", "text": delta.text})
        for citation in delta.citations:
            said = {"type": "citations_delta", "citation": citation_json(citation, self._documents)}
            written += self._delta(said)
            self._open = "cited text"
        return written

    def _begins_block(self, delta: TextDelta) -> bool:
        """Words after citations are a text of their own; more citations are not."""
        if not delta.text and not delta.citations:
            return False
        return self._open in ("", "call") or delta.starts or (self._open == "cited text" and delta.text != "")

    def _start(self, kind: Literal["text", "call"], block: Json) -> bytes:
        self._open = kind
        return _event("content_block_start", index=self._blocks, content_block=block)

    def _delta(self, delta: Json) -> bytes:
        return _event("content_block_delta", index=self._blocks, delta=delta)

    def _close(self) -> bytes:
        if not self._open:
            return b""
        self._open = ""
        self._blocks += 1
        return _event("content_block_stop", index=self._blocks - 1)

    def _end(self, total: Total) -> bytes:
        reason = {"stop_reason": STOPS[self._stop.reason], "stop_sequence": self._stop.sequence}
        return _event("message_delta", delta=reason, usage=spent_json(total.usage)) + _event("message_stop")


def _event(kind: str, /, **value: object) -> bytes:
    return events.event(kind, {"type": kind, **value})
