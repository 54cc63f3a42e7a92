"""What a Messages request is read into, and what is refused in which words."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import (
    Call,
    ChatRequest,
    Document,
    Format,
    Message,
    Result,
    Sampling,
    Text,
    Tool,
    ToolChoice,
)
from courseware.gateway.wire.anthropic.messages_request import parse, parse_count

OLD, NEW = {"anthropic-version": "2023-06-01"}, {"anthropic-version": "2026-10-21"}
HI: Any = {"role": "user", "content": "Hi"}
SCHEMA: Any = {"type": "object", "properties": {"city": {"type": "string"}}}
WEATHER: Any = {"name": "weather", "description": "Of a city", "input_schema": SCHEMA}
USE: Any = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Bern"}}
RESULT: Any = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "rain"}


def ask(version: dict[str, str] = NEW, **fields: Any) -> ChatRequest:
    """A request of these fields, for a dated model."""
    body = {"model": "claude-sonnet-5-5", "max_tokens": 9, "messages": [HI], **fields}
    return parse({name: value for name, value in body.items() if value is not ...}, version, {})


def refusal(version: dict[str, str] = NEW, **fields: Any) -> str:
    """What is said to a request of these fields."""
    with pytest.raises(ApiError) as caught:
        ask(version, **fields)
    assert caught.value.status == 400
    return caught.value.message


def user(*blocks: Any) -> Any:
    """A user's message of blocks."""
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: Any) -> Any:
    """An assistant's message of blocks."""
    return {"role": "assistant", "content": list(blocks)}


def words(text: str, **fields: Any) -> Any:
    """A block of text."""
    return {"type": "text", "text": text, **fields}


def document(text: str = "Sky", **fields: Any) -> Any:
    """A block with a document."""
    return {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": text}, **fields}


def test_every_field() -> None:
    asked = ask(
        OLD,
        system=[words("Be kind. "), words("Be brief.")],
        tools=[{**WEATHER, "type": "custom", "strict": True}],
        tool_choice={"type": "any", "disable_parallel_tool_use": True},
        output_config={"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}},
        stop_sequences=["END"],
        stream=True,
        temperature=0,
        top_p=0.5,
        top_k=3,
        metadata={"user_id": "u"},
        service_tier="auto",
        thinking={"type": "adaptive"},
    )
    assert asked.messages == (Message("system", (Text("Be kind. Be brief."),)), Message("user", (Text("Hi"),)))
    assert asked.tools == (Tool("weather", "Of a city", SCHEMA, strict=True),)
    assert asked.choice == ToolChoice("required", parallel=False)
    assert (asked.format, asked.effort, asked.stop, asked.stream) == (Format("schema", SCHEMA), "low", ("END",), True)
    assert asked.sampling == Sampling(temperature=0, top_p=0.5, top_k=3)
    assert (asked.max_tokens, asked.model, asked.dialect) == (9, "claude-sonnet-5-5", "anthropic.messages")
    assert {"temperature", "max_tokens", "thinking"} <= asked.given
    assert asked.extras == {"cache_marks": ()}


def test_a_conversation_with_tools() -> None:
    asked = ask(
        tools=[WEATHER],
        messages=[
            HI,
            assistant({"type": "thinking", "thinking": "hm", "signature": "x"}, words("Looking"), USE),
            user({**RESULT, "is_error": True}, words("Well?")),
        ],
    )
    assert asked.messages[1:] == (
        Message("assistant", (Text("Looking"), Call("weather", {"city": "Bern"}, "toolu_1"))),
        Message("user", (Result("toolu_1", "rain", is_error=True),)),
        Message("user", (Text("Well?"),)),
    )


def test_a_result_of_blocks_and_an_empty_one() -> None:
    uses = [USE, {**USE, "id": "toolu_2"}]
    results = [
        {**RESULT, "content": [words("ra"), words("in")]},
        {"type": "tool_result", "tool_use_id": "toolu_2"},
    ]
    asked = ask(tools=[WEATHER], messages=[HI, assistant(*uses), user(*results)])
    assert [message.parts for message in asked.messages[2:]] == [
        (Result("toolu_1", "rain"),),
        (Result("toolu_2", ""),),
    ]


def test_documents() -> None:
    cited = document("Sky", title="Colours", citations={"enabled": True})
    asked = ask(messages=[user(cited, words("Which "), words("colour?"))])
    assert asked.messages[0].parts == (Document("Sky", "Colours", citations=True), Text("Which colour?"))


def test_results_may_stand_in_several_user_messages() -> None:
    uses = [USE, {**USE, "id": "toolu_2"}]
    other = {**RESULT, "tool_use_id": "toolu_2"}
    assert len(ask(messages=[HI, assistant(*uses), user(other), user(RESULT, words("So?"))]).messages) == 5


def test_a_system_message_in_mid_conversation() -> None:
    asked = ask(messages=[HI, {"role": "system", "content": "Be brief."}])
    assert asked.messages[1] == Message("system", (Text("Be brief."),))


def test_tool_choices() -> None:
    assert ask(tools=[WEATHER]).choice == ToolChoice()
    assert ask(tools=[WEATHER], tool_choice={"type": "none"}).choice == ToolChoice("none")
    assert ask(tools=[WEATHER], tool_choice={"type": "tool", "name": "weather"}).choice == ToolChoice(
        "named", "weather"
    )
    assert "not found in provided tools" in refusal(tools=[WEATHER], tool_choice={"type": "tool", "name": "time"})
    assert "while providing tools" in refusal(tool_choice={"type": "auto"})


def test_the_version_is_required() -> None:
    assert refusal({}).startswith("anthropic-version: header is required")
    assert "not a valid version" in refusal({"anthropic-version": "2024-01-01"})


@pytest.mark.parametrize("name", ["temperature", "top_p", "top_k"])
def test_sampling_depends_on_the_version_and_the_model(name: str) -> None:
    assert refusal(NEW, **{name: 1}).startswith(f"{name}: {name} is not supported in API version 2026-10-21")
    assert name in ask(OLD, **{name: 1}).given
    assert name in ask(NEW, model="course-small", **{name: 1}).given


def test_what_the_new_version_removed() -> None:
    said = [HI, assistant(document()), HI]
    assert "document block in an assistant message" in refusal(messages=said)
    assert ask(OLD, messages=said).messages[1].parts == (Document("Sky"),)
    citing = [user(words("Hi", citations=[{"type": "char_location"}]))]
    assert "citations on a text block of a user message" in refusal(messages=citing)
    assert ask(OLD, messages=citing).messages == ask(messages=[user(words("Hi", citations=[]))]).messages


def test_max_tokens_is_required() -> None:
    assert refusal(max_tokens=...) == "max_tokens is missing; it is required"
    assert "only fills the prompt cache" in refusal(max_tokens=0)


ORDER = {
    "unanswered call": (
        [HI, assistant(USE), HI],
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1.",
    ),
    "unanswered at the end": ([HI, assistant(USE)], "messages.1: `tool_use` ids were found without"),
    "result without a call": (
        [user(RESULT)],
        "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1.",
    ),
    "result too late": ([HI, assistant(USE), HI, assistant(words("a")), user(RESULT)], "messages.1: `tool_use` ids"),
    "result after words": ([HI, assistant(USE), user(words("So"), RESULT)], "blocks must come first in a message"),
    "two results": ([HI, assistant(USE), user(RESULT, RESULT)], "each tool_use must have a single result"),
    "two calls with one id": ([HI, assistant(USE, USE), user(RESULT)], "ids must be unique"),
    "prefill": ([HI, assistant(words("The answer is ("))], "does not support assistant message prefill"),
    "system first": ([{"role": "system", "content": "x"}, HI], "stands before all messages"),
    "system after the assistant": (
        [HI, assistant(words("a")), {"role": "system", "content": "x"}, HI],
        "stands after an assistant message",
    ),
    "call by the user": ([user(USE)], "`tool_use` blocks can only be in `assistant` messages"),
    "result by the assistant": ([HI, assistant(RESULT), HI], "`tool_result` blocks can only be in `user` messages"),
    "document in a system message": (
        [HI, {"role": "system", "content": [document()]}],
        "`document` blocks can only be in `user` messages",
    ),
    "no blocks": ([user()], "messages.0.content is empty"),
    "no words": ([{"role": "user", "content": ""}], "messages.0.content is empty"),
    "empty block": ([user(words(""))], "text content blocks must be non-empty"),
    "white space": ([user(words(" \n"))], "text content blocks must contain non-whitespace text"),
    "no messages": ([], "messages is []"),
}


@pytest.mark.parametrize("name", ORDER)
def test_order(name: str) -> None:
    messages, said = ORDER[name]
    assert said in refusal(messages=messages)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "threads": ({"thread": {"type": "create"}}, "thread=False"),
    "server tool": ({"tools": [{"type": "web_search_20260209", "name": "web_search"}]}, "server tool web_search"),
    "image": ({"messages": [user({"type": "image", "source": {}})]}, "content blocks of type image; send text"),
    "image in a result": (
        {"messages": [HI, assistant(USE), user({**RESULT, "content": [{"type": "image"}]})]},
        "content of type image in a tool_result",
    ),
    "pdf": (
        {"messages": [user({"type": "document", "source": {"type": "base64", "data": "x"}})]},
        "documents from a source of type base64",
    ),
    "context": ({"messages": [user(document(context="x"))]}, "the context of a document"),
    "container": ({"container": "c"}, "the parameter container"),
    "MCP": ({"mcp_servers": [{"url": "http://x"}]}, "the parameter mcp_servers"),
    "context management": ({"context_management": {"edits": []}}, "the parameter context_management"),
    "thinking": ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, "thinking of type enabled"),
    "examples": ({"tools": [{**WEATHER, "input_examples": [{}]}]}, "write the examples into the description"),
    "deferred tool": ({"tools": [{**WEATHER, "defer_loading": True}]}, "defer_loading"),
    "code callers": ({"tools": [{**WEATHER, "allowed_callers": ["code_execution_20260521"]}]}, "allowed_callers"),
    "tool without an object": ({"tools": [{**WEATHER, "input_schema": {}}]}, "tools.0.input_schema.type is None"),
    "two tools of a name": ({"tools": [WEATHER, WEATHER]}, "Tool names must be unique"),
    "citations with a format": (
        {
            "messages": [user(document(citations={"enabled": True}))],
            "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
        },
        "cannot be used with citations",
    ),
    "some documents with citations": (
        {"messages": [user(document(citations={"enabled": True}), document())]},
        "on all documents of a request or on none",
    ),
    "blank stop sequence": ({"stop_sequences": ["\n"]}, "must contain non-whitespace"),
    "unknown field": ({"maxTokens": 3}, "maxTokens is not a parameter of this endpoint"),
    "field of a block": ({"messages": [user(words("a", x=1))]}, "messages.0.content.0.x is not a parameter"),
    "temperature out of range": ({"model": "course-small", "temperature": 1.5}, "temperature is 1.5"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    fields, said = REFUSED[name]
    assert said in refusal(**fields)


def test_counting_takes_no_limit() -> None:
    body = {"model": "claude-sonnet-5-5", "messages": [HI], "system": "Be kind", "tools": [WEATHER]}
    asked = parse_count(body, NEW, {})
    assert asked.messages == ask(system="Be kind").messages
    assert (asked.extras, asked.max_tokens) == ({"count_only": True}, None)
    with pytest.raises(ApiError, match="max_tokens is not a parameter"):
        parse_count({**body, "max_tokens": 3}, NEW, {})
