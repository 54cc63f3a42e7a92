"""What a model is held to when tools are offered, and how what it wrote is read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from courseware.gateway.engine.tools import Plan, Style, plan_for
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import Call, ChatRequest, Format, Message, Text, Tool, ToolChoice

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = Tool("get_weather", "Tell the weather in a city.", CITY)
CLOCK = Tool("clock", "Tell the time.", {})
SPOKEN = '{"name": "final_answer", "arguments": {"text": "'


def plan(*tools: Tool, style: Style | None = None, **fields: Any) -> Plan:
    message = Message("user", (Text("Hi"),))
    request = ChatRequest("openai", "m", (message,), tools=tools or (WEATHER, CLOCK), **fields)
    return plan_for(request, style) if style else plan_for(request)


def names(planned: Plan) -> list[str]:
    return [option["properties"]["name"]["const"] for option in planned.schema["anyOf"]]


def test_model_may_call_any_tool_or_answer_in_words() -> None:
    assert names(plan()) == ["get_weather", "clock", "final_answer"]


def test_required_call_leaves_no_answer_in_words() -> None:
    planned = plan(choice=ToolChoice("required"))
    assert names(planned) == ["get_weather", "clock"]
    assert "final_answer" not in planned.instructions


def test_named_tool_is_the_only_one() -> None:
    planned = plan(choice=ToolChoice("named", "clock"))
    assert names(planned) == ["clock"]
    assert "get_weather" not in planned.instructions


def test_named_tool_that_is_not_offered_is_refused() -> None:
    with pytest.raises(ApiError, match="'nope', which is not among the tools: get_weather, clock"):
        plan(choice=ToolChoice("named", "nope"))


def test_answer_in_words_makes_way_for_a_tool_of_its_name() -> None:
    assert names(plan(Tool("final_answer", "End.", CITY))) == ["final_answer", "reply_to_user"]


def test_tool_without_a_schema_takes_no_arguments() -> None:
    clock = plan().schema["anyOf"][1]["properties"]["arguments"]
    assert clock == {"type": "object", "properties": {}, "additionalProperties": False}


def test_strict_tool_that_cannot_be_enforced_is_refused_by_name() -> None:
    schema = {"type": "object", "properties": {"a": {"not": {}}}}
    assert plan(Tool("odd", "", schema)).schema
    with pytest.raises(ApiError, match="tool odd at /properties/a uses 'not'") as caught:
        plan(Tool("odd", "", schema, strict=True))
    assert caught.value.param == "tools"


def test_tools_are_told_with_types_choices_and_notes() -> None:
    schema = {
        "type": "object",
        "properties": {
            "room": {"enum": ["hall", "attic"], "description": "Which\nroom."},
            "days": {"type": "array", "items": {"type": "integer"}},
        },
        "required": ["room"],
    }
    told = plan(Tool("heat", "Heat a room.", schema)).instructions
    assert '- heat(room: "hall" or "attic", days: list of integer, optional): Heat a room.\n  room: Which room.' in told


def test_call_is_read_with_its_arguments() -> None:
    reading = plan().read('{"name": "get_weather", "arguments": {"city": "Rome"}}')
    assert (reading.parts, reading.whole) == ((Call("get_weather", {"city": "Rome"}),), True)


def test_answer_in_words_is_read_as_text() -> None:
    assert plan().read(SPOKEN + 'Hello \\"you\\"."}}').parts == (Text('Hello "you".'),)


@pytest.mark.parametrize(
    ("written", "words"),
    [("Hel", "Hel"), ("Hel\\", "Hel"), ("Hi \\ud83d\\ude", "Hi "), ('Hi."', "Hi."), ("Hi.\"}", "Hi.")],
)  # fmt: skip
def test_words_that_were_cut_short_are_kept(written: str, words: str) -> None:
    reading = plan().read(SPOKEN + written)
    assert (reading.parts, reading.whole) == ((Text(words),), False)


def test_half_a_character_is_read_as_a_question_mark() -> None:
    assert plan().read(SPOKEN + 'Hi \\ud83d"}}').parts == (Text("Hi ?"),)


def test_call_that_was_cut_short_stays_text() -> None:
    written = '{"name": "get_weather", "arguments": {"ci'
    assert plan().read(written).parts == (Text(written),)


def test_structured_answer_beside_tools_is_the_object_itself() -> None:
    planned = plan(format=Format("schema", CITY))
    assert planned.schema["anyOf"][-1]["properties"]["arguments"]["required"] == ["city"]
    assert '"text"' not in planned.instructions
    assert planned.read('{"name": "final_answer", "arguments": {"city": "Rome"}}').parts == (Text('{"city": "Rome"}'),)


def test_several_calls_are_read_in_order_where_they_are_allowed() -> None:
    planned = plan(style=Style(several=True))
    calls = [{"name": "clock", "arguments": {}}, {"name": "get_weather", "arguments": {"city": "Rome"}}]
    assert planned.read(json.dumps({"calls": calls})).parts == (
        Call("clock", {}),
        Call("get_weather", {"city": "Rome"}),
    )


def test_earlier_turns_are_told_as_the_model_would_have_written_them() -> None:
    planned = plan()
    assert planned.written([Text("Hello.")]) == SPOKEN + 'Hello."}}'
    assert (
        planned.written([Text("Let me see."), Call("clock", {})]) == 'Let me see.\n{"name": "clock", "arguments": {}}'
    )
