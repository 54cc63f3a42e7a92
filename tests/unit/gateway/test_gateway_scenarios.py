"""A scenario answers by the state of the conversation, the same every time, and says what is wrong with itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.gateway.exchange import (
    Call,
    ChatRequest,
    Completion,
    Document,
    Format,
    Message,
    Part,
    Result,
    Text,
    Tool,
    ToolChoice,
)
from courseware.gateway.scenarios import Scenario, ScenarioError

Ask = Callable[..., ChatRequest]
repeatable = settings(derandomize=True, deadline=None, max_examples=60, database=None)


def tool(name: str) -> Tool:
    return Tool(name, "", {"type": "object"})


def says(request: ChatRequest, *rules: dict[str, Any]) -> Completion | None:
    """What a scenario of these rules answers."""
    said = Scenario.of({"name": "test", "rules": rules}).answer(request)
    return said[0] if said else None


def fits(request: ChatRequest, **when: Any) -> bool:
    return says(request, {"when": when, "say": "yes"}) is not None


def user(*parts: str | Part) -> Message:
    return Message("user", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def model(*parts: str | Part) -> Message:
    return Message("assistant", tuple(Text(part) if isinstance(part, str) else part for part in parts))


ASKED = user("Weather in Paris and Rome?")
CALLED = model(Call("weather", {"city": "Paris"}, "a"), Call("clock", {"zones": ["CET", {"dst": True}]}, "b"))
ANSWERED = user(Result("a", '{"celsius": 21, "sky": null}'), Result("b", "It is noon"))


@pytest.fixture
def asked(ask: Ask) -> ChatRequest:
    return ask(messages=(ASKED,), tools=(tool("weather"), tool("clock")))


@pytest.fixture
def answered(ask: Ask) -> ChatRequest:
    return ask(messages=(ASKED, CALLED, ANSWERED), tools=(tool("weather"), tool("clock")))


def test_a_rule_without_conditions_always_fits(asked: ChatRequest) -> None:
    assert fits(asked)


def test_the_first_rule_that_fits_answers(asked: ChatRequest) -> None:
    rules = [{"when": {"user": "snow"}, "say": "a"}, {"when": {"user": "weather"}, "say": "b"}, {"say": "c"}]
    assert says(asked, *rules) == Completion((Text("b"),))


def test_without_a_fitting_rule_there_is_no_answer(asked: ChatRequest) -> None:
    assert says(asked, {"when": {"user": "snow"}, "say": "a"}) is None


def test_the_origin_names_the_scenario_and_the_rules_number(asked: ChatRequest) -> None:
    said = Scenario.of({"name": "two", "rules": [{"when": {"turn": 9}, "say": "a"}, {"say": "b"}]}).answer(asked)
    assert said is not None
    assert (said[1].tier, said[1].id, said[1].provenance) == (
        "scenario",
        "two",
        "scenario two, rule 1; no model said this",
    )


def test_turn_counts_how_often_the_user_spoke(ask: Ask) -> None:
    request = ask(messages=(ASKED, CALLED, ANSWERED, model("Sunny."), user("And now?")))
    assert [turn for turn in range(5) if fits(request, turn=turn)] == [2]


@pytest.mark.parametrize(("pattern", "found"), [("^be BRIEF", True), ("paris", False)])
def test_system_is_searched_without_regard_to_case(ask: Ask, pattern: str, found: bool) -> None:
    assert fits(ask("Paris?", "Be brief."), system=pattern) is found


@pytest.mark.parametrize(("pattern", "found"), [("and now", True), ("paris", False), ("sunny", False)])
def test_user_is_what_the_user_said_last(ask: Ask, pattern: str, found: bool) -> None:
    assert fits(ask(messages=(ASKED, model("Sunny."), user("And NOW?"))), user=pattern) is found


@pytest.mark.parametrize(("pattern", "found"), [("paris", True), ("now", False), ("sunny", False)])
def test_heard_is_what_the_user_said_before(ask: Ask, pattern: str, found: bool) -> None:
    assert fits(ask(messages=(ASKED, model("Sunny."), user("And NOW?"))), heard=pattern) is found


@pytest.mark.parametrize(("pattern", "found"), [("NOON", True), ("celsius", False)])
def test_result_is_the_newest_result(answered: ChatRequest, pattern: str, found: bool) -> None:
    assert fits(answered, result=pattern) is found


def test_a_pattern_reaches_over_lines(ask: Ask) -> None:
    assert fits(ask("first\nsecond"), user="first.second")


@pytest.mark.parametrize(
    ("calls", "found"),
    [(["weather", "clock"], True), (["clock", "weather"], True), (["weather"], False), ([], False)],
)
def test_calls_are_those_since_the_user_spoke_in_any_order(
    answered: ChatRequest, calls: list[str], found: bool
) -> None:
    assert fits(answered, calls=calls) is found


def test_one_tool_called_twice_counts_twice(ask: Ask) -> None:
    request = ask(messages=(ASKED, model(Call("f", {}, "a"), Call("f", {}, "b"))))
    assert [fits(request, calls=["f"] * n) for n in range(4)] == [False, False, True, False]


@pytest.mark.parametrize("spoken", [(user("And now?"),), (model("Sunny."), user("And now?"))])
def test_calls_and_results_are_forgotten_when_the_user_speaks(ask: Ask, spoken: tuple[Message, ...]) -> None:
    request = ask(messages=(ASKED, CALLED, ANSWERED, *spoken))
    assert fits(request, calls=[])
    assert not fits(request, result="noon")


def test_words_beside_a_result_are_the_user_speaking(ask: Ask) -> None:
    together = ask(messages=(ASKED, CALLED, user(*ANSWERED.parts, "And now?")))
    apart = ask(messages=(ASKED, CALLED, ANSWERED, user("And now?")))
    for when in ({"calls": []}, {"turn": 2}, {"user": "now"}, {"result": "noon"}, {"calls": ["weather", "clock"]}):
        assert fits(together, **when) is fits(apart, **when)


@pytest.mark.parametrize(
    ("tools", "found"), [([], True), (["clock"], True), (["clock", "weather"], True), (["clock", "radio"], False)]
)
def test_every_named_tool_must_be_offered(asked: ChatRequest, tools: list[str], found: bool) -> None:
    assert fits(asked, tools=tools) is found


@pytest.mark.parametrize(
    ("result", "failed"),
    [
        (Result("a", "21", is_error=True), True),
        (Result("a", '{"error": "no such city"}'), True),
        (Result("a", "Error: no such city"), True),
        (Result("a", '{"error": null, "celsius": 21}'), False),
        (Result("a", "no errors"), False),
    ],
)
def test_failed_is_by_flag_by_json_or_by_word(ask: Ask, result: Result, failed: bool) -> None:
    request = ask(messages=(ASKED, model(Call("weather", {}, "a")), user(result)))
    assert (fits(request, failed=True), fits(request, failed=False)) == (failed, not failed)


def test_only_the_newest_result_says_whether_it_failed(ask: Ask) -> None:
    results = user(Result("a", "Error: no"), Result("b", "noon"))
    assert fits(ask(messages=(ASKED, CALLED, results)), failed=False)


def test_without_results_nothing_failed(asked: ChatRequest) -> None:
    assert fits(asked, failed=False)
    assert not fits(asked, failed=True)


@pytest.mark.parametrize("kind", ["text", "json", "schema"])
def test_format_is_the_form_that_was_asked_for(ask: Ask, kind: Any) -> None:
    request = ask(format=Format(kind))
    assert [name for name in ("text", "json", "schema") if fits(request, format=name)] == [kind]


def test_all_conditions_must_hold(answered: ChatRequest) -> None:
    assert fits(answered, turn=1, user="rome", calls=["clock", "weather"], result="noon", failed=False)
    assert not fits(answered, turn=1, user="rome", calls=["clock", "weather"], result="noon", failed=True)


def arguments(request: ChatRequest, value: Any, **when: Any) -> Any:
    """What a call's argument becomes."""
    said = says(request, {"when": when, "call": [{"name": "f", "arguments": {"a": value}}]})
    return said.calls[0].arguments["a"] if said else "no answer"


@pytest.mark.parametrize(
    ("hole", "value"),
    [
        ("${result.weather.celsius}", 21),
        ("${result.weather}", {"celsius": 21, "sky": None}),
        ("${result.clock}", "It is noon"),
        ("${call.weather.city}", "Paris"),
        ("${call.clock.zones}", ["CET", {"dst": True}]),
        ("${call.clock.zones.1.dst}", True),
    ],
)
def test_a_placeholder_that_is_the_whole_value_keeps_its_type(answered: ChatRequest, hole: str, value: Any) -> None:
    found = arguments(answered, hole)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("falsy", [0, False, "", [], {}, 0.0])
def test_an_empty_value_is_a_value(ask: Ask, falsy: Any) -> None:
    request = ask(messages=(ASKED, model(Call("t", {"a": falsy}, "a")), user(Result("a", json.dumps({"b": falsy})))))
    assert arguments(request, ["${call.t.a}", "${result.t.b}"]) == [falsy, falsy]


def test_a_placeholder_inside_a_text_stands_as_a_person_reads_it(answered: ChatRequest) -> None:
    said = says(answered, {"say": "${result.weather.celsius} in ${call.weather.city}, ${call.clock.zones}"})
    assert said is not None
    assert said.text == '21 in Paris, ["CET", {"dst": true}]'


def test_groups_of_patterns_are_placeholders(ask: Ask) -> None:
    request = ask(messages=(Message("system", (Text("Tone: dry."),)), ASKED, model("?"), user("In Celsius")))
    when = {"system": r"tone: (?P<tone>\w+)", "heard": r"in (?P<city>\w+)", "user": r"in (?P<unit>\w+)"}
    said = says(request, {"when": when, "say": "${system.tone} ${heard.city} ${user.unit}"})
    assert said == Completion((Text("dry Paris Celsius"),))


@pytest.mark.parametrize(
    "hole",
    [
        "result.weather.wind",
        "result.weather.sky",
        "result.weather.celsius.a",
        "result.clock.a",
        "result.radio",
        "call.radio.city",
        "call.clock.zones.7",
    ],
)
def test_a_rule_whose_placeholder_is_missing_leaves_the_answer_to_the_next(answered: ChatRequest, hole: str) -> None:
    assert says(answered, {"say": f"It is ${{{hole}}}."}, {"say": "next"}) == Completion((Text("next"),))


def test_a_group_that_took_no_part_leaves_the_answer_to_the_next(asked: ChatRequest) -> None:
    rule = {"when": {"user": r"weather( tomorrow (?P<day>\w+))?"}, "say": "${user.day}"}
    assert says(asked, rule, {"say": "next"}) == Completion((Text("next"),))


def test_the_newest_call_of_a_tool_is_the_one_a_placeholder_names(ask: Ask) -> None:
    calls = (
        model(Call("t", {"n": 1}, "a")),
        user(Result("a", "1")),
        model(Call("t", {"n": 2}, "b")),
        user(Result("b", "2")),
    )
    assert arguments(ask(messages=(ASKED, *calls)), ["${call.t.n}", "${result.t}"]) == [2, 2]


def test_what_fills_a_placeholder_is_not_filled_again(ask: Ask) -> None:
    request = ask(messages=(user("say ${user.it}"),))
    assert says(request, {"when": {"user": "say (?P<it>.+)"}, "say": "${user.it}!"}) == Completion(
        (Text("${user.it}!"),)
    )


@pytest.mark.parametrize("text", ["NaN", "-Infinity", '{"a": NaN}', "{", "[" * 100_000])
def test_a_result_that_is_not_json_is_its_words(ask: Ask, text: str) -> None:
    request = ask(messages=(ASKED, model(Call("t", {}, "a")), user(Result("a", text))))
    assert arguments(request, "${result.t}") == text


def test_json_is_written_as_json(answered: ChatRequest) -> None:
    said = says(answered, {"json": {"celsius": "${result.weather.celsius}", "wörter": ["${call.weather.city}", None]}})
    assert said is not None
    assert json.loads(said.text) == {"celsius": 21, "wörter": ["Paris", None]}


def test_tools_are_called_in_parallel_and_in_order(asked: ChatRequest) -> None:
    moves = [{"name": "clock"}, {"name": "weather", "arguments": {"city": "Rome"}}]
    said = says(asked, {"say": "Let me look.", "call": moves})
    calls = (Call("clock", {}), Call("weather", {"city": "Rome"}))
    assert said == Completion((Text("Let me look."), *calls), "tool_calls")


def test_no_tool_is_called_where_the_request_forbids_it(ask: Ask) -> None:
    forbidden = ask(messages=(ASKED,), tools=(tool("weather"),), choice=ToolChoice("none"))
    assert says(forbidden, {"call": [{"name": "weather"}]}, {"say": "without"}) == Completion((Text("without"),))


def test_an_answer_may_stop_at_its_length(asked: ChatRequest) -> None:
    assert says(asked, {"say": "It is", "stop": "length"}) == Completion((Text("It is"),), "length")


texts = st.text(max_size=12)
parts = st.builds(Text, texts) | st.builds(
    Call, st.sampled_from(["f", "g"]), st.dictionaries(st.just("a"), texts), texts
)
results = st.builds(Result, texts, texts | st.just('{"a": [1]}'), st.booleans()) | st.builds(Document, texts)
messages = st.builds(Message, st.sampled_from(["system", "user", "assistant"]), st.lists(parts | results).map(tuple))
RULES = [
    {"when": {"calls": ["f"], "failed": True}, "say": "${call.f.a}"},
    {"when": {"result": "(?P<x>.)"}, "json": ["${result.f.a.0}", "${result.x}"]},
    {"when": {"user": "(?P<x>[a-m])"}, "call": [{"name": "g", "arguments": {"a": "${user.x}"}}]},
    {"when": {"heard": "."}, "say": "again"},
]


@repeatable
@given(st.lists(messages, max_size=6).map(tuple))
def test_any_conversation_gets_the_same_answer_every_time(ask: Ask, said: tuple[Message, ...]) -> None:
    one, other = (Scenario.of({"name": "pure", "rules": RULES}) for _ in range(2))
    other.answer(ask("Something else"))
    assert one.answer(ask(messages=said)) == other.answer(ask(messages=said)) == one.answer(ask(messages=said))


def one_rule(**rule: Any) -> dict[str, Any]:
    return {"name": "a", "rules": [{"say": "a"}, rule]}


CALL = {"name": "f", "arguments": {"a": "${heard.x}"}}
WRONG: dict[str, tuple[Any, str]] = {
    "text": ("say hello", "it: "),
    "nothing": (None, "it: "),
    "no name": ({"rules": [{"say": "a"}]}, "name: Field required"),
    "name with spaces": ({"name": "a b", "rules": [{"say": "a"}]}, "name: "),
    "no rules": ({"name": "a", "rules": []}, "rules: "),
    "unknown field": ({"name": "a", "rules": [{"say": "a"}], "b": 1}, "b: "),
    "rule without answer": (one_rule(when={}), r"rules\.1: .*write say, json or call"),
    "say and json": (one_rule(say="a", json=1), r"rules\.1: .*say and json"),
    "unknown condition": (one_rule(when={"mood": 1}, say="a"), r"rules\.1\.when\.mood: "),
    "unknown answer": (one_rule(say="a", sing="b"), r"rules\.1\.sing: "),
    "broken pattern": (one_rule(when={"user": "("}, say="b"), r"rules\.1\.when\.user: .*no pattern"),
    "vast pattern": (one_rule(when={"user": "a{99999999999}"}, say="b"), r"rules\.1\.when\.user: .*no pattern"),
    "long pattern": (one_rule(when={"user": "a" * 501}, say="b"), r"rules\.1\.when\.user: "),
    "call without name": (one_rule(call=[{"arguments": {}}]), r"rules\.1\.call\.0\.name: "),
    "arguments as text": (one_rule(call=[{"name": "f", "arguments": "{}"}]), r"rules\.1\.call\.0\.arguments: "),
    "unknown stop": (one_rule(say="a", stop="now"), r"rules\.1\.stop: "),
    "unknown placeholder": (one_rule(say="${tool.x}"), r"rules\.1: .*\$\{tool\.x\}"),
    "no such group": (one_rule(when={"user": "(?P<x>.)"}, json=["${user.y}"]), r"rules\.1: .*\$\{user\.y\}"),
    "group without pattern": (one_rule(call=[CALL]), r"rules\.1: .*\$\{heard\.x\}"),
}


@pytest.mark.parametrize(("data", "said"), WRONG.values(), ids=WRONG)
def test_bad_data_is_refused_in_one_line_with_its_place(data: Any, said: str) -> None:
    with pytest.raises(ScenarioError, match=f"not a scenario: {said}") as caught:
        Scenario.of(data)
    assert "\n" not in str(caught.value)
