"""One conversation has one key, whichever SDK and endpoint it is held over: Chat Completions, Responses, Messages.

Each driver holds the conversation as an application does: it sends back what it was answered, and runs the tools.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import anthropic
import openai
import pytest
from pydantic import BaseModel, Field

from courseware.gateway.exchange import Call, ChatReply, ChatRequest, Message, Result
from courseware.gateway.keys import canonical, exact_key, normalised_key

SCHEMA: Any = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOLS = (("weather", "The weather in a city.", SCHEMA), ("time", "What time it is.", {"type": "object"}))


@dataclass(frozen=True)
class Talk:
    """What the user says, turn by turn, what the model answers, and the rest of every request."""

    users: tuple[Any, ...]
    replies: tuple[tuple[Any, ...], ...]
    system: str = ""
    tools: bool = False
    choice: str = ""
    parallel: bool = True
    schema: Any = None
    stop: tuple[str, ...] = ()
    temperature: float | None = None
    effort: str | None = None
    model: str = "course-small"
    without: frozenset[str] = field(default_factory=frozenset)


BERN, ROME = Call("weather", {"city": "Bern"}), Call("weather", {"city": "Roma Ætérna", "days": 2})
TALKS = {
    "plain": Talk(("What is a token?",), (("A piece.",),)),
    "with a system text": Talk(("Hi",), (("Hello.",),), system="Be kind.\nBe brief."),
    "several turns": Talk(("Hi", "And?", "So?"), (("Hello.",), ("Yes.",), ("No.",)), system="Be kind."),
    "content in parts": Talk((("Passage one. ", "Passage two. ", "Which?"), "Sure?"), (("One.",), ("Yes.",))),
    "one call": Talk(("Rain?",), ((BERN,), ("No.",)), tools=True),
    "words and a call": Talk(("Rain?",), (("Let me look.", BERN), ("No.",)), tools=True, system="Use tools."),
    "parallel calls": Talk(("Rain?",), (("Looking.", BERN, ROME), ("In Rome.",)), tools=True),
    "calls one after the other, then another turn": Talk(
        ("Rain?", "And the time?"), ((BERN,), (ROME,), ("No.",), (Call("time", {}),), ("Noon.",)), tools=True
    ),
    "a call that is asked for": Talk(("Rain?",), ((BERN,), ("No.",)), tools=True, choice="weather"),
    "some call": Talk(("Rain?",), ((BERN,), ("No.",)), tools=True, choice="required", parallel=False),
    "no call": Talk(("Rain?",), (("No.",),), tools=True, choice="none"),
    "structured output": Talk(("Where?",), (('{"city": "Bern"}',),), schema=SCHEMA),
    "structured output over two turns": Talk(
        ("Where?", "And then?"), (('{"city": "Bern"}',), ('{"city": "Rome", "days": 2}',)), schema=SCHEMA
    ),
    "stop sequences": Talk(("Count.",), (("1 2",),), stop=("3", "END"), without=frozenset({"responses"})),
    "temperature": Talk(("Hi",), (("Hello.",),), temperature=0),
    "effort": Talk(("Hi",), (("Hello.",),), effort="high"),
    "empty answer of a tool": Talk(("Rain?",), ((Call("time", {}),), ("No.",)), tools=True),
}


def run(name: str, arguments: Any) -> str:
    """The tools' results."""
    return "" if name == "time" else f"rain in {arguments['city']}"


def chat_options(talk: Talk) -> dict[str, Any]:
    """What every request says beside the conversation, in the words of Chat Completions."""
    rest = _openai_options(talk)
    if talk.tools:
        functions = [{"name": n, "description": d, "parameters": s} for n, d, s in TOOLS]
        rest["tools"] = [{"type": "function", "function": function} for function in functions]
    if talk.choice:
        named = {"type": "function", "function": {"name": "weather"}}
        rest["tool_choice"] = named if talk.choice == "weather" else talk.choice
    if talk.schema:
        schema = {"name": "answer", "schema": talk.schema, "strict": True}
        rest["response_format"] = {"type": "json_schema", "json_schema": schema}
    if talk.stop:
        rest["stop"] = list(talk.stop)
    return rest | ({"reasoning_effort": talk.effort} if talk.effort else {})


def chat(gpt: openai.OpenAI, talk: Talk) -> None:
    """Hold the conversation over Chat Completions."""
    said: list[Any] = [{"role": "system", "content": talk.system}] if talk.system else []
    rest = chat_options(talk)
    for user in talk.users:
        said.append({"role": "user", "content": _parts(user, "text")})
        while True:
            message = gpt.chat.completions.create(messages=said, **rest).choices[0].message
            said.append(message)
            if not message.tool_calls:
                break
            for call in message.tool_calls:
                assert call.type == "function"
                result = run(call.function.name, json.loads(call.function.arguments))
                said.append({"role": "tool", "tool_call_id": call.id, "content": result})


def responses_options(talk: Talk) -> dict[str, Any]:
    """The same in the words of Responses."""
    rest = _openai_options(talk)
    if talk.system:
        rest["instructions"] = talk.system
    if talk.tools:
        rest["tools"] = [{"type": "function", "name": n, "description": d, "parameters": s} for n, d, s in TOOLS]
    if talk.choice:
        named = {"type": "function", "name": "weather"}
        rest["tool_choice"] = named if talk.choice == "weather" else talk.choice
    if talk.schema:
        rest["text"] = {"format": {"type": "json_schema", "name": "answer", "schema": talk.schema, "strict": True}}
    return rest | ({"reasoning": {"effort": talk.effort}} if talk.effort else {})


def responses(gpt: openai.OpenAI, talk: Talk) -> None:
    """Hold the conversation over Responses, every item sent again."""
    said: list[Any] = []
    rest = responses_options(talk)
    for user in talk.users:
        said.append({"role": "user", "content": _parts(user, "input_text")})
        while True:
            output = gpt.responses.create(input=said, **rest).output
            said += output
            calls = [item for item in output if item.type == "function_call"]
            if not calls:
                break
            for call in calls:
                result = run(call.name, json.loads(call.arguments))
                said.append({"type": "function_call_output", "call_id": call.call_id, "output": result})


def messages_options(talk: Talk) -> dict[str, Any]:
    """The same in the words of Messages."""
    rest: dict[str, Any] = {"model": talk.model, "max_tokens": 500}
    if talk.system:
        rest["system"] = talk.system
    if talk.tools:
        rest["tools"] = [{"name": n, "description": d, "input_schema": s} for n, d, s in TOOLS]
    if talk.choice:
        kinds: dict[str, Any] = {"required": {"type": "any"}, "weather": {"type": "tool", "name": "weather"}}
        alone = {} if talk.parallel else {"disable_parallel_tool_use": True}
        rest["tool_choice"] = kinds.get(talk.choice, {"type": talk.choice}) | alone
    output: dict[str, Any] = {"effort": talk.effort} if talk.effort else {}
    if talk.schema:
        output["format"] = {"type": "json_schema", "schema": talk.schema}
    if talk.stop:
        rest["stop_sequences"] = list(talk.stop)
    if talk.temperature is not None:
        rest["extra_body"] = {"temperature": talk.temperature}
    return rest | ({"output_config": output} if output else {})


def messages(claude: anthropic.Anthropic, talk: Talk) -> None:
    """Hold the conversation over Messages."""
    said: list[Any] = []
    rest = messages_options(talk)
    for user in talk.users:
        said.append({"role": "user", "content": _parts(user, "text")})
        while True:
            message = claude.messages.create(messages=said, **rest)
            said.append({"role": "assistant", "content": message.content})
            uses = [block for block in message.content if block.type == "tool_use"]
            if not uses:
                break
            results = [{"type": "tool_result", "tool_use_id": u.id, "content": run(u.name, u.input)} for u in uses]
            said.append({"role": "user", "content": results})


def _openai_options(talk: Talk) -> dict[str, Any]:
    temperature = {} if talk.temperature is None else {"temperature": talk.temperature}
    return {"model": talk.model, **temperature, **({} if talk.parallel else {"parallel_tool_calls": False})}


def _parts(user: Any, kind: str) -> Any:
    return user if isinstance(user, str) else [{"type": kind, "text": text} for text in user]


def _replies(talk: Talk, say: Callable[..., ChatReply]) -> list[ChatReply]:
    calls = [any(isinstance(part, Call) for part in parts) for parts in talk.replies]
    return [say(*p, stop="tool_calls" if c else "end") for p, c in zip(talk.replies, calls, strict=True)]


def _plain_ids(request: ChatRequest) -> tuple[Message, ...]:
    """The request's turns, its calls numbered in order."""
    numbers: dict[str, str] = {}

    def named(part: Any) -> Any:
        if isinstance(part, Call):
            return replace(part, id=numbers.setdefault(part.id, f"call {len(numbers)}"))
        return replace(part, call_id=numbers[part.call_id]) if isinstance(part, Result) else part

    return tuple(Message(turn.speaker, tuple(map(named, turn.parts))) for turn in request.messages)


@pytest.mark.parametrize("name", TALKS)
def test_the_same_conversation(
    name: str, gpt: openai.OpenAI, claude: anthropic.Anthropic, wire: Any, say: Callable[..., ChatReply]
) -> None:
    talk = TALKS[name]
    asked: dict[str, list[ChatRequest]] = {}
    drivers: dict[str, tuple[Any, Any]] = {"chat": (chat, gpt), "responses": (responses, gpt)}
    drivers["messages"] = (messages, claude)
    for dialect, (drive, client) in drivers.items():
        if dialect not in talk.without:
            wire.replies, wire.asked = _replies(talk, say), []
            drive(client, talk)
            asked[dialect] = wire.asked
    first = asked.pop("chat")
    assert len(first) == len(talk.replies)
    for dialect, requests in asked.items():
        for one, other in zip(first, requests, strict=True):
            assert canonical(other) == canonical(one), dialect
            assert exact_key(canonical(other)) == exact_key(canonical(one))
            assert normalised_key(canonical(other)) == normalised_key(canonical(one))
            assert _plain_ids(other) == _plain_ids(one), dialect


def test_conversations_that_end_differently_have_different_keys(
    gpt: openai.OpenAI, wire: Any, say: Callable[..., ChatReply]
) -> None:
    last = set()
    for talk in TALKS.values():
        wire.replies = _replies(talk, say)
        chat(gpt, talk)
        last.add(exact_key(canonical(wire.asked[-1])))
    assert len(last) == len(TALKS)


class Plain(BaseModel):
    name: str
    people: int
    tags: list[str]


class Inner(BaseModel):
    street: str


class Nested(BaseModel):
    """A person."""

    home: Inner
    age: int | None = Field(description="In years.")


@pytest.mark.parametrize("kind", [Plain, Nested])
def test_answers_parsed_into_a_class(
    kind: type[BaseModel], gpt: openai.OpenAI, claude: anthropic.Anthropic, wire: Any, say: Callable[..., ChatReply]
) -> None:
    made = {
        Plain: '{"name": "Bern", "people": 1, "tags": []}',
        Nested: '{"home": {"street": "x"}, "age": null}',
    }[kind]
    wire.replies = [say(made)] * 3
    turns: Any = [{"role": "user", "content": "Who?"}]
    gpt.chat.completions.parse(model="course-small", messages=turns, response_format=kind)
    gpt.responses.parse(model="course-small", input=turns, text_format=kind)
    claude.messages.parse(model="course-small", max_tokens=9, messages=turns, output_format=kind)
    chat_key, responses_key, messages_key = (exact_key(canonical(request)) for request in wire.asked)
    assert chat_key == responses_key == messages_key
