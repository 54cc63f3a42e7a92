"""A conversation as turns of plain text, the only thing a local model reads.

Documents, calls and results become text here. Nothing is summarised or left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from courseware.gateway.engine.tools import Plan
from courseware.gateway.exchange import Call, ChatRequest, Document, Message, Part, Result, Text

Turn = dict[str, str]
Written = Callable[[Sequence[Text | Call]], str]


def turns_of(
    request: ChatRequest, instructions: str = "", plan: Plan | None = None, *, held: bool = False
) -> list[Turn]:
    """Return the turns for the model's own template.

    `instructions` join the system text. With a `plan` the model's earlier words are told in that form, and its hint
    stands after results that end the conversation. Words of the model at the end are the beginning of its answer,
    unless that is `held` to a form.
    """
    head, rest = _split(request.messages)
    system = "\n\n".join(text for text in (*map(_text, head), instructions) if text)
    names = _names_of_calls(request.messages)
    turns = [{"role": "system", "content": system}] if system else []
    for message in rest:
        turns.append({"role": message.speaker, "content": _content(message, names, plan.written if plan else _plain)})
    if plan and plan.hint and rest and any(isinstance(part, Result) for part in rest[-1].parts):
        turns[-1]["content"] += f"\n{plan.hint}"
    if held and turns and turns[-1]["role"] == "assistant":
        turns.append({"role": "user", "content": "Go on."})
    return turns


def _split(messages: Sequence[Message]) -> tuple[Sequence[Message], Sequence[Message]]:
    """The system messages that open the conversation, and the rest."""
    first = next((n for n, message in enumerate(messages) if message.speaker != "system"), len(messages))
    return messages[:first], messages[first:]


def _names_of_calls(messages: Sequence[Message]) -> Mapping[str, str]:
    return {part.id: part.name for message in messages for part in message.parts if isinstance(part, Call)}


def _text(message: Message) -> str:
    return _content(message, {}, _plain)


def _content(message: Message, names: Mapping[str, str], written: Written) -> str:
    if message.speaker == "assistant":
        return written([part for part in message.parts if isinstance(part, Text | Call)])
    return "\n".join(text for part in message.parts if (text := _part(part, names)))


def _plain(parts: Sequence[Text | Call]) -> str:
    text = "".join(part.text for part in parts if isinstance(part, Text))
    return "\n".join([text] * bool(text) + [_call(part) for part in parts if isinstance(part, Call)])


def _call(call: Call) -> str:
    return json.dumps({"name": call.name, "arguments": call.arguments}, ensure_ascii=False)


def _part(part: Part, names: Mapping[str, str]) -> str:
    if isinstance(part, Text):
        return part.text
    if isinstance(part, Call):
        return _call(part)
    if isinstance(part, Document):
        title = f" title={json.dumps(part.title, ensure_ascii=False)}" if part.title else ""
        return f"<document{title}>\n{part.text}\n</document>"
    name = names.get(part.call_id, "the tool")
    return f"{'Error from' if part.is_error else 'Result of'} {name}: {part.text}"
