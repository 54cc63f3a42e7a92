"""Tool calling by constrained decoding: what the model is told, what it may write, and how that is read back.

The server's own tool calling is not used: with this course's models it finds no call at all. The model writes one
JSON object instead, which is a call or, under a name of its own, the answer in words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from courseware.gateway.engine.examples import example_of, followed, kind_of
from courseware.gateway.engine.schema import Enforceable
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import Call, ChatRequest, Text, Tool

_WORDS = (
    ("Good morning!", "Good morning! How can I help?"),
    ("Thank you, bye.", "You're welcome, goodbye!"),
    ("Write a sentence about the sea.", "The sea never tells the same story twice."),
)
_MOST_CALLS = 8
_LONGEST_ESCAPE = 12  # characters of \uXXXX\uXXXX


@dataclass(frozen=True)
class Style:
    """What is told beside the tools themselves, to be measured: see `data/gold/gateway_tool_calls/figures.json`.

    `examples`: a few exchanges made of the first tool. `hint`: after results, that this may be the time to answer.
    `several`: more than one call in an answer.
    """

    examples: bool = True
    hint: bool = True
    several: bool = False


@dataclass(frozen=True)
class Reading:
    """The parts of an answer, and whether the model came to its end."""

    parts: tuple[Text | Call, ...]
    whole: bool


@dataclass(frozen=True)
class Plan:
    """How one request's calls are asked for.

    `instructions` go before the conversation, `hint` after results at its end. `answer` is the name of the answer in
    words, "" where a call is due.
    """

    instructions: str
    schema: Mapping[str, Any]
    answer: str
    hint: str = ""
    structured: bool = False

    def read(self, written: str) -> Reading:
        """What the model means. Where it was cut short: the words so far, and never a broken call."""
        try:
            said = _loaded(written)
        except ValueError:
            text = self._words_so_far(written)
            return Reading((Text(text),) if text else (), whole=False)
        return Reading(tuple(self._part(each) for each in said.get("calls", [said])), whole=True)

    def written(self, parts: Sequence[Text | Call]) -> str:
        """The other way round, for earlier turns: what the model would have had to write."""
        calls = [{"name": part.name, "arguments": part.arguments} for part in parts if isinstance(part, Call)]
        text = "".join(part.text for part in parts if isinstance(part, Text))
        if not calls and self.answer and not self.structured:
            calls, text = [{"name": self.answer, "arguments": {"text": text}}], ""
        return "\n".join([text] * bool(text) + [json.dumps(call, ensure_ascii=False) for call in calls])

    def _part(self, said: Mapping[str, Any]) -> Text | Call:
        name, arguments = said["name"], said["arguments"]
        if name != self.answer:
            return Call(name, arguments)
        return Text(json.dumps(arguments, ensure_ascii=False) if self.structured else arguments["text"])

    def _words_so_far(self, written: str) -> str:
        start = f'{{"name": {json.dumps(self.answer)}, "arguments": {{"text": "'
        if self.structured or not self.answer or not written.startswith(start):
            return written
        rest = written[len(start) :]
        for end in range(len(rest), max(-1, len(rest) - _LONGEST_ESCAPE), -1):
            try:
                words = str(json.loads(f'"{rest[:end]}"'))
                words.encode()  # half of an emoji can be read and never be sent
            except ValueError:
                continue
            return words
        return ""


def _loaded(written: str) -> Any:
    """The JSON value, with question marks for halves of characters, which could never be sent."""
    said = json.loads(written)
    return json.loads(json.dumps(said, ensure_ascii=False).encode("utf-8", "replace"))


def plan_for(request: ChatRequest, style: Style = Style()) -> Plan:
    """Plan the answer to a request that offers tools. Raises ApiError for a tool that cannot be enforced."""
    tools = _offered(request)
    structured = request.format.kind != "text"
    answer = "" if request.choice.mode in ("required", "named") else _free_name(tools)
    several = style.several and request.choice.parallel and request.choice.mode != "named"
    schema = _schema(request, tools, answer, several)
    form = request.format.schema or {"type": "object"} if structured else None
    hint = f"If this answers the user, reply with {answer} now." if answer and style.hint else ""
    return Plan(_instructions(tools, answer, form, style, several), schema, answer, hint, structured)


def _offered(request: ChatRequest) -> tuple[Tool, ...]:
    if request.choice.mode != "named":
        return request.tools
    named = tuple(tool for tool in request.tools if tool.name == request.choice.name)
    if not named:
        known = ", ".join(tool.name for tool in request.tools)
        message = f"tool_choice names {request.choice.name!r}, which is not among the tools: {known}"
        raise ApiError("invalid_request", message, param="tool_choice")
    return named


def _free_name(tools: Sequence[Tool]) -> str:
    taken = {tool.name for tool in tools}
    return next(name for name in ("final_answer", "reply_to_user", "final_answer_in_words") if name not in taken)


def _schema(request: ChatRequest, tools: Sequence[Tool], answer: str, several: bool) -> dict[str, Any]:
    parts = Enforceable()
    calls = [_named(tool.name, parts.add(_arguments(tool), f"tool {tool.name}", lax=not tool.strict)) for tool in tools]
    options = list(calls)
    if several:
        many = {"type": "array", "items": {"anyOf": calls}, "minItems": 2, "maxItems": _MOST_CALLS}
        options.append(_closed({"calls": many}))
    if answer:
        text: Mapping[str, Any] = _closed({"text": {"type": "string"}})
        if request.format.kind != "text":
            text = parts.add(request.format.schema or {"type": "object"}, "the response format")
        options.append(_named(answer, text))
    return parts.whole({"anyOf": options})


def _arguments(tool: Tool) -> Mapping[str, Any]:
    """The schema of the arguments, which is an object's even where it does not say so."""
    return {"properties": {}, **tool.schema, "type": "object"}


def _named(name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return _closed({"name": {"const": name}, "arguments": arguments})


def _closed(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False,
    }  # fmt: skip


def _instructions(
    tools: Sequence[Tool], answer: str, form: Mapping[str, Any] | None, style: Style, several: bool
) -> str:
    lines = ['Reply with one JSON object and nothing else: {"name": TOOL, "arguments": {...}}.']
    if several:
        lines[0] += ' For several calls at once: {"calls": [{"name": TOOL, "arguments": {...}}, ...]}.'
    lines += ["", "Tools:", *map(_described, tools)]
    if answer:
        lines.append(
            f"- {answer}{'' if form else '(text: string)'}: reply to the user directly. Use it for greetings, thanks,"
            " writing requests, or when you already know everything needed from tool results."
        )
    if answer and form:
        lines.append(f"  Its arguments fit this JSON Schema: {json.dumps(form, ensure_ascii=False)}")
    lines += ["", "Choose the tool that gets the information the user needs; never guess facts."]
    return "\n".join(lines + (["", "Examples:", *_examples(tools, "" if form else answer)] if style.examples else []))


def _described(tool: Tool) -> str:
    properties = tool.schema.get("properties") or {}
    required = tool.schema.get("required") or ()
    shapes = {name: followed(shape, tool.schema) for name, shape in properties.items()}
    inside = ", ".join(
        f"{name}: {_kind(shape)}{'' if name in required else ', optional'}" for name, shape in shapes.items()
    )
    line = f"- {tool.name}({inside}): {_one_line(tool.description)}"
    notes = {name: _one_line(str(shape.get("description") or "")) for name, shape in properties.items()}
    return "\n".join([line, *(f"  {name}: {note}" for name, note in notes.items() if note)])


def _kind(shape: Mapping[str, Any]) -> str:
    if shape.get("enum"):
        return " or ".join(json.dumps(value, ensure_ascii=False) for value in shape["enum"])
    kind = kind_of(shape)
    return f"list of {_kind(followed(shape.get('items', {}), {}))}" if kind == "array" else kind


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _examples(tools: Sequence[Tool], answer: str) -> list[str]:
    """One call and what follows on its result, then words: few, as a small model takes values from what it is shown."""
    wish, arguments = example_of(tools[0])
    shown = [(wish, tools[0].name, arguments)]
    if answer:
        shown.append((f"Result of {tools[0].name}: ready, 52", answer, {"text": "It is ready: 52."}))
        shown += [(asked, answer, {"text": said}) for asked, said in _WORDS]
    return [
        line
        for asked, name, values in shown
        for line in (f"User: {asked}", json.dumps({"name": name, "arguments": values}, ensure_ascii=False))
    ]
