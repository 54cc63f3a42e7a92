"""Writing a Responses answer as server-sent events, each with its number."""

from __future__ import annotations

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import CallStart, CallText, ChatRequest, Delta, Stop, TextDelta, TokenLogprob, Total
from courseware.gateway.wire import events
from courseware.gateway.wire.endpoint import Head, Json
from courseware.gateway.wire.openai.responses_answer import (
    Status,
    call_item,
    logprobs_json,
    message_item,
    response_json,
    status_of,
    text_part,
    usage_json,
)
from courseware.gateway.wire.openai.shape import error_body


class ResponsesEncoder:
    """Writes response.created, the output's items one after the other, and response.completed or .incomplete."""

    def __init__(self, request: ChatRequest, head: Head) -> None:
        self._request, self._head = request, head
        self._numbers = 0
        self._output: list[Json] = []
        self._words = ""
        self._logprobs: list[TokenLogprob] = []
        self._call: CallStart | None = None
        self._item: Json | None = None
        self._status: Status = "completed"

    def open(self) -> bytes:
        """The response as it begins, twice."""
        begun = response_json(self._request, self._head, self._head.model, "in_progress")
        return self._event("response.created", response=begun) + self._event("response.in_progress", response=begun)

    def feed(self, delta: Delta) -> bytes:
        """Events for a delta; the end is written when the tokens are known."""
        if isinstance(delta, TextDelta):
            return self._text(delta) if delta.text else b""
        if isinstance(delta, CallStart):
            return self._close("completed") + self._start_call(delta)
        if isinstance(delta, CallText):
            return self._arguments(delta.json)
        if isinstance(delta, Stop):
            self._status = status_of(delta.reason)
            start = b"" if self._output or self._item else self._start_text()
            return start + self._close(self._status)
        return self._end(delta)

    def error(self, error: ApiError) -> bytes:
        """An error event: flat, as the reference has it, and nested, as the API sends it and the SDK raises it."""
        nested = error_body(error, "")["error"]
        flat = {name: nested[name] for name in ("code", "message", "param")}
        return self._event("error", **flat, error=nested)

    def _start_text(self) -> bytes:
        self._item, self._words, self._logprobs = message_item(self._head, len(self._output), "in_progress"), "", []
        added = self._event("response.output_item.added", **self._place, item=self._item)
        return added + self._event("response.content_part.added", **self._part_place, part=text_part(""))

    def _text(self, delta: TextDelta) -> bytes:
        start = b""
        if self._item is None or self._call is not None:
            start = self._close("completed") + self._start_text()
        self._words += delta.text
        self._logprobs += delta.logprobs
        tokens = logprobs_json(delta.logprobs)
        said = self._event("response.output_text.delta", **self._part_place, delta=delta.text, logprobs=tokens)
        return start + said

    def _start_call(self, call: CallStart) -> bytes:
        self._call, self._words = call, ""
        self._item = call_item(self._head, call.index, call.name, "", "in_progress")
        return self._event("response.output_item.added", **self._place, item=self._item)

    def _arguments(self, text: str) -> bytes:
        self._words += text
        return self._event("response.function_call_arguments.delta", **self._item_place, delta=text)

    def _close(self, status: Status) -> bytes:
        """End the item that is being written, if there is one."""
        if self._item is None:
            return b""
        done = self._close_call(status) if self._call else self._close_text(status)
        done += self._event("response.output_item.done", **self._place, item=self._item)
        self._output.append(self._item)
        self._item = self._call = None
        return done

    def _close_text(self, status: Status) -> bytes:
        part = text_part(self._words, self._logprobs)
        done = self._event("response.output_text.done", **self._part_place, text=self._words, logprobs=part["logprobs"])
        done += self._event("response.content_part.done", **self._part_place, part=part)
        self._item = message_item(self._head, len(self._output), status, [part])
        return done

    def _close_call(self, status: Status) -> bytes:
        assert self._call is not None
        written = b"" if self._words else self._arguments("{}")
        name = self._call.name
        done = self._event(
            "response.function_call_arguments.done", **self._item_place, name=name, arguments=self._words
        )
        self._item = call_item(self._head, self._call.index, name, self._words, status)
        return written + done

    def _end(self, total: Total) -> bytes:
        whole = response_json(self._request, self._head, self._head.model, self._status)
        whole |= {"output": self._output, "usage": usage_json(total.usage)}
        return self._event(f"response.{self._status}", response=whole)

    @property
    def _place(self) -> Json:
        return {"output_index": len(self._output)}

    @property
    def _item_place(self) -> Json:
        return {"item_id": self._item["id"] if self._item else "", **self._place}

    @property
    def _part_place(self) -> Json:
        return {**self._item_place, "content_index": 0}

    def _event(self, kind: str, /, **value: object) -> bytes:
        numbered = {"type": kind, "sequence_number": self._numbers, **value}
        self._numbers += 1
        return events.event(kind, numbered)
