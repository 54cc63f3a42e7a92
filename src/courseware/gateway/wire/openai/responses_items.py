"""Reading the items of a Responses request: turns, function calls and what the functions gave back."""

from __future__ import annotations

from collections.abc import Sequence

from courseware.gateway.errors import ApiError, unsupported
from courseware.gateway.exchange import Call, Message, Result, Speaker, Text
from courseware.gateway.wire.openai.responses_body import CallItem, Item, MessageItem, OutputItem, Part
from courseware.gateway.wire.reading import Other, arguments_of


def messages_of(items: str | Sequence[Item]) -> tuple[Message, ...]:
    """Return the turns; an assistant's calls join its words, as they do in Chat Completions."""
    if isinstance(items, str):
        return (Message("user", (Text(items),)),) if items else ()
    turns: list[Message] = []
    for index, item in enumerate(items):
        where = f"input.{index}"
        if isinstance(item, MessageItem):
            turns.append(_turn(item, where))
        elif isinstance(item, CallItem):
            call = Call(item.name, arguments_of(item.arguments, f"{where}.arguments"), item.call_id)
            said = turns.pop().parts if turns and turns[-1].speaker == "assistant" else ()
            turns.append(Message("assistant", (*(part for part in said if part != Text("")), call)))
        elif isinstance(item, OutputItem):
            turns.append(Message("user", (Result(item.call_id, _words(item.output, f"{where}.output", "input_text")),)))
        elif isinstance(item, Other):
            raise unsupported(f"input items of type {item.type[:40]}", _instead(item.type), where)
    return tuple(turns)


def require_paired(messages: Sequence[Message]) -> None:
    """Raise `ApiError` unless every call in the whole conversation is answered, once and after it was made."""
    waiting: list[str] = []
    for part in (part for message in messages for part in message.parts):
        if isinstance(part, Call):
            if part.id in waiting:
                raise _unpaired(f"call_id {part.id} is used by two calls at once; keep the ids you were given")
            waiting.append(part.id)
        elif isinstance(part, Result):
            if part.call_id not in waiting:
                said = f"No tool call found for function call output with call_id {part.call_id}"
                raise _unpaired(f"{said}; send the function_call item before it, or its previous_response_id")
            waiting.remove(part.call_id)
    if waiting:
        said = f"No tool output found for function call {', '.join(waiting)}"
        raise _unpaired(f"{said}; send a function_call_output item for each call_id")


def _unpaired(said: str) -> ApiError:
    return ApiError("invalid_request", said, param="input")


def _instead(kind: str) -> str:
    return "send the item itself" if kind == "item_reference" else "send messages, function calls and their outputs"


def _turn(item: MessageItem, where: str) -> Message:
    speaker: Speaker = "system" if item.role == "developer" else item.role
    takes = "output_text" if item.role == "assistant" else "input_text"
    return Message(speaker, (Text(_words(item.content, f"{where}.content", takes)),))


def _words(content: str | Sequence[Part], where: str, takes: str) -> str:
    if isinstance(content, str):
        return content
    texts = []
    for index, part in enumerate(content):
        at = f"{where}.{index}"
        if isinstance(part, Other):
            raise unsupported(f"content of type {part.type[:40]}", "send text", at)
        if part.type != takes:
            said = f"{at}.type is {part.type!r}; what is said to the model is 'input_text', what it said 'output_text'"
            raise ApiError("invalid_request", said, param=f"{at}.type", code="invalid_value")
        texts.append(part.text)
    return "".join(texts)
