"""Scenarios as plain data: a name and rules, the first of which that fits the conversation's state answers.

    name: weather
    rules:
      - when: {tools: [get_weather], calls: [], user: 'weather in (?P<city>\\w+)'}
        call: [{name: get_weather, arguments: {city: '${user.city}'}}]
      - when: {calls: [get_weather], failed: true}
        say: The weather service does not answer.
      - when: {calls: [get_weather]}
        say: It is ${result.get_weather.celsius} degrees in ${call.get_weather.city}.

Conditions, all of which must hold: `turn` (how often the user spoke), `system`, `user` (the last words), `heard` (any
earlier words) and `result` (the newest result) are patterns searched without regard to case; `calls` are the tools
called since the user spoke, in any order; `tools` must all be offered; `failed` is whether the newest result is an
error; `format` is text, json or schema. A rule whose placeholders cannot be filled does not fit, nor one that calls
tools where the request forbids that (`tool_choice: none`). An answer is one of `say` (words), `json` (a value, written
as JSON) and `call` (tool calls, `say` may go with them).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from courseware.gateway.exchange import Call, ChatRequest, Completion, Origin, StopReason, Text
from courseware.gateway.scenarios.placeholders import NothingThere, fill, names_in
from courseware.gateway.scenarios.state import State, parsed, state_of


class ScenarioError(Exception):
    """A scenario that cannot be used; one line that says where."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{pattern!r} is no pattern: {error}; mend it") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles), Field(max_length=500)]


class When(_Part):
    """The conditions of a rule."""

    turn: int | None = None
    system: Pattern | None = None
    user: Pattern | None = None
    heard: Pattern | None = None
    result: Pattern | None = None
    calls: tuple[str, ...] | None = None
    tools: tuple[str, ...] = ()
    failed: bool | None = None
    format: Literal["text", "json", "schema"] | None = None

    def has(self, placeholder: str) -> bool:
        """Whether a conversation may have what a placeholder names."""
        root, _, name = placeholder.partition(".")
        if root in ("call", "result"):
            return bool(name)
        pattern = getattr(self, root) if root in ("system", "user", "heard") else None
        return pattern is not None and name in re.compile(pattern).groupindex


class Move(_Part):
    """A tool call to make."""

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Rule(_Part):
    """One rule."""

    when: When = When()
    say: str | None = None
    json_: Any = Field(None, alias="json")
    call: tuple[Move, ...] = ()
    stop: Literal["end", "length"] = "end"

    @model_validator(mode="after")
    def _answers(self) -> Rule:
        if self.say is None and self.json_ is None and not self.call:
            raise ValueError("has no answer; write say, json or call")
        if self.say is not None and self.json_ is not None:
            raise ValueError("has both say and json; write one of them")
        for name in sorted(names_in([self.say, self.json_, *(move.arguments for move in self.call)])):
            if not self.when.has(name):
                raise ValueError(f"${{{name}}} is neither a group of its patterns nor a call's or a result's value")
        return self


class _Script(_Part):
    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,60}$")]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Scenario:
    """A script that answers."""

    name: str
    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, data: Any) -> Scenario:
        """Read a scenario from plain data. Raises ScenarioError."""
        try:
            script = _Script.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(step) for step in first["loc"]) or "it"
            raise ScenarioError(f"not a scenario: {where}: {first['msg']}; see docs/concepts/gateway.md") from None
        return cls(script.name, script.rules)

    def answer(self, request: ChatRequest) -> tuple[Completion, Origin] | None:
        """Return what the first fitting rule says, or None where none fits."""
        state = state_of(request)
        for number, rule in enumerate(self.rules):
            known = matches(rule.when, state)
            if known is None or (rule.call and request.choice.mode == "none"):
                continue
            try:
                completion = _completion(rule, known)
            except NothingThere:
                continue
            return completion, Origin("scenario", self.name, f"scenario {self.name}, rule {number}; no model said this")
        return None


def matches(when: When, state: State) -> dict[str, Any] | None:
    """Return what placeholders may use, or None where a condition does not hold."""
    if not _plain_conditions_hold(when, state):
        return None
    known = _made(state)
    for name, text in _searched(when, state):
        found = re.search(getattr(when, name), text, re.IGNORECASE | re.DOTALL)
        if found is None:
            return None
        known.setdefault(name, {}).update(found.groupdict())
    return known


def _plain_conditions_hold(when: When, state: State) -> bool:
    called = sorted(call.name for call in state.calls)
    return (
        when.turn in (None, len(state.users))
        and (when.calls is None or sorted(when.calls) == called)
        and state.tools.issuperset(when.tools)
        and when.failed in (None, state.failed)
        and when.format in (None, state.format)
    )


def _searched(when: When, state: State) -> Iterator[tuple[str, str]]:
    newest = state.results[-1][1].text if state.results else ""
    texts = {"system": state.system, "user": state.user, "heard": "\n".join(state.users[:-1])}
    for name, text in texts.items():
        if getattr(when, name) is not None:
            yield name, text
    if when.result is not None:
        yield "result", newest


def _made(state: State) -> dict[str, Any]:
    calls: dict[str, Mapping[str, Any]] = {call.name: call.arguments for call in state.calls}
    return {"call": calls, "result": {name: parsed(result.text) for name, result in state.results}}


def _completion(rule: Rule, known: Mapping[str, Any]) -> Completion:
    parts: list[Text | Call] = []
    if rule.say is not None:
        said = fill(rule.say, known)
        parts.append(Text(said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)))
    elif rule.json_ is not None:
        parts.append(Text(json.dumps(fill(rule.json_, known), ensure_ascii=False)))
    parts += [Call(move.name, fill(move.arguments, known)) for move in rule.call]
    stop: StopReason = "tool_calls" if rule.call else rule.stop
    return Completion(tuple(parts), stop)
