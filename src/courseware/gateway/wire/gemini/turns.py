"""From Gemini's contents to turns: words, function calls, and their results, which may come without ids."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import Message, Part, Result, Text
from courseware.gateway.wire.gemini.shape import (
    REFUSED_PARTS,
    REFUSED_RESPONSES,
    ContentBody,
    FunctionResponse,
    PartBody,
    refuse,
)
from courseware.gateway.wire.reading import PendingCalls

_SPEAKERS: dict[str | None, Literal["user", "assistant"]] = {
    None: "user",
    "user": "user",
    # What older clients write above a function's results.
    "function": "user",
    "tool": "user",
    "model": "assistant",
}


def messages_of(contents: list[ContentBody]) -> tuple[Message, ...]:
    """Every call of a model's turn is answered in the user's turn after it, as the provider demands.

    The model's contents in a row are one turn: the SDK's chats keep every piece of a stream as a content of its own.
    """
    messages: list[Message] = []
    calls = PendingCalls()
    for index, content in enumerate(contents):
        where = f"contents.{index}"
        speaker = _speaker(content, where)
        goes_on = speaker == "assistant" and bool(messages) and messages[-1].speaker == "assistant"
        if not goes_on and not any(part.function_response for part in content.parts):
            _require_answered(calls, where)
        parts = list(_parts(content, speaker, calls, where))
        earlier = messages.pop().parts if goes_on else ()
        messages.append(Message(speaker, _joined([*earlier, *parts])))
    _require_answered(calls, "contents")
    return tuple(messages)


def _speaker(content: ContentBody, where: str) -> Literal["user", "assistant"]:
    if content.role not in _SPEAKERS:
        said = f"{where}.role is {content.role!r:.80}; write user or model"
        raise ApiError("invalid_request", said, param=f"{where}.role")
    return _SPEAKERS[content.role]


def _require_answered(calls: PendingCalls, where: str) -> None:
    if calls.waiting:
        names = ", ".join(call.name for call in calls.waiting)
        said = (
            f"function calls without a response: {names}; send one functionResponse part for each in the next content"
        )
        raise ApiError("invalid_request", said, param=where)


def _parts(content: ContentBody, speaker: str, calls: PendingCalls, where: str) -> Iterator[Part]:
    for index, part in enumerate(content.parts):
        place = f"{where}.parts.{index}"
        refuse(part, REFUSED_PARTS, place)
        _require_one(part, place)
        if part.function_call is not None and speaker == "assistant":
            yield calls.call(part.function_call.name, part.function_call.args or {}, part.function_call.id)
        elif part.function_response is not None and speaker == "user":
            yield _result(part.function_response, calls, f"{place}.functionResponse")
        elif part.text is None:
            said = f"{place} does not fit role {content.role}: function calls are the model's, responses the user's"
            raise ApiError("invalid_request", said, param=place)
        # A model's thoughts are not for it to read again; the provider leaves them out too.
        elif not part.thought:
            yield Text(part.text)


def _require_one(part: PartBody, place: str) -> None:
    given = [name for name in ("text", "function_call", "function_response") if getattr(part, name) is not None]
    if len(given) != 1:
        said = f"{place} holds {' and '.join(given) or 'nothing'}; send text, functionCall or functionResponse"
        raise ApiError("invalid_request", said, param=place)


def _result(response: FunctionResponse, calls: PendingCalls, place: str) -> Result:
    refuse(response, REFUSED_RESPONSES, place)
    call_id = calls.answered(response.id, response.name, place)
    return Result(call_id, _result_text(response), set(response.response) == {"error"})


def _result_text(response: FunctionResponse) -> str:
    """What a tool's message holds elsewhere: `output`, `result` or `error` if it is all there is, else the object."""
    value = response.response
    alone = next(iter(value)) if len(value) == 1 else None
    inner = value[alone] if alone in ("output", "result", "error") else value
    return inner if isinstance(inner, str) else json.dumps(inner, ensure_ascii=False)


def _joined(parts: list[Part]) -> tuple[Part, ...]:
    """Words that follow each other are one text, as they are in one message elsewhere; empty ones beside others go."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, Text) and isinstance(last, Text):
            joined[-1] = Text(last.text + part.text)
        else:
            joined.append(part)
    kept = tuple(part for part in joined if part != Text(""))
    return kept or (Text(""),)
