"""How conversations become turns of text, and sampling becomes llama.cpp's."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.gateway.engine.prompt import turns_of
from courseware.gateway.engine.sampling import sampling_of
from courseware.gateway.engine.tools import plan_for
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import (
    Call,
    ChatRequest,
    Document,
    Message,
    Part,
    Result,
    Sampling,
    Speaker,
    Text,
    Tool,
)


def said(speaker: Speaker, *parts: Part | str) -> Message:
    return Message(speaker, tuple(Text(part) if isinstance(part, str) else part for part in parts))


def request(*messages: Message, **fields: Any) -> ChatRequest:
    return ChatRequest("openai", "m", messages or (said("user", "Hi"),), **fields)


def contents(*messages: Message) -> list[str]:
    return [turn["content"] for turn in turns_of(request(*messages))]


def test_instructions_join_the_system_text() -> None:
    turns = turns_of(request(said("system", "Be brief."), said("user", "Hi")), "Use JSON.")
    assert turns == [{"role": "system", "content": "Be brief.\n\nUse JSON."}, {"role": "user", "content": "Hi"}]


def test_conversation_without_system_text_gets_none() -> None:
    assert [turn["role"] for turn in turns_of(request())] == ["user"]


def test_documents_stand_in_the_text_with_their_titles() -> None:
    assert contents(said("user", Document("Rain.", "Sky"), "Why?")) == [
        '<document title="Sky">\nRain.\n</document>\nWhy?'
    ]


def test_results_name_their_tool() -> None:
    turns = contents(
        said("assistant", Call("clock", {}, "c1"), Call("lamp", {"on": True}, "c2")),
        said("user", Result("c1", "noon"), Result("c2", "broken", is_error=True)),
    )
    assert turns[0] == '{"name": "clock", "arguments": {}}\n{"name": "lamp", "arguments": {"on": true}}'
    assert turns[1] == "Result of clock: noon\nError from lamp: broken"


def test_results_at_the_end_are_followed_by_the_hint() -> None:
    tool = Tool("clock", "Tell the time.", {})
    call, result = said("assistant", Call("clock", {}, "c1")), said("user", Result("c1", "noon"))
    asked = request(call, result, tools=(tool,))
    assert turns_of(asked, plan=plan_for(asked))[-1]["content"].startswith("Result of clock: noon\nIf this answers")
    later = request(call, result, said("assistant", "Noon."), said("user", "And now?"), tools=(tool,))
    assert "If this answers" not in str(turns_of(later, plan=plan_for(later)))


def test_pieces_of_one_answer_are_joined_as_they_were() -> None:
    assert contents(said("assistant", "It is ", "noon."))[-1] == "It is noon."


def test_answer_held_to_a_form_does_not_go_on_from_words() -> None:
    turns = turns_of(request(said("user", "Hi"), said("assistant", "Well,")), held=True)
    assert turns[-1] == {"role": "user", "content": "Go on."}


def sampling(constrained: bool = False, choice: int = 0, **fields: Any) -> dict[str, Any]:
    return sampling_of(request(sampling=Sampling(**fields)), choice, constrained=constrained)


def test_what_is_not_asked_for_is_the_models_default() -> None:
    assert sampling() == {"n_predict": 2048}


def test_temperature_alone_switches_hidden_cut_offs_off() -> None:
    assert sampling(temperature=0.7) == {"n_predict": 2048, "temperature": 0.7, "top_p": 1.0, "top_k": 0, "min_p": 0.0}


def test_top_p_alone_is_taken_at_temperature_one() -> None:
    assert sampling(top_p=0.5)["temperature"] == 1.0


def test_answer_held_to_a_form_is_greedy_unless_asked_otherwise() -> None:
    assert sampling(constrained=True)["temperature"] == 0.0
    assert sampling(constrained=True, temperature=0.9)["temperature"] == 0.9


def test_each_of_several_answers_has_a_seed_of_its_own() -> None:
    assert [sampling(seed=5, choice=choice)["seed"] for choice in range(3)] == [5, 6, 7]


def test_probabilities_are_asked_for_even_without_alternatives() -> None:
    assert sampling_of(request(logprobs=0), 0, constrained=False)["n_probs"] == 1


def test_bias_names_tokens_by_number() -> None:
    assert sampling(logit_bias={"42": -100})["logit_bias"] == [[42, -100]]
    with pytest.raises(ApiError, match="logit_bias has the key 'the'"):
        sampling(logit_bias={"the": 1})
