"""The language our sentences are written in, and the marks facts leave."""

from __future__ import annotations

import pytest

from courseware.corpus.errors import PatternError
from courseware.corpus.text.blocks import compose, insert, lay_out, without_emphasis
from courseware.corpus.text.draw import Draw
from courseware.corpus.text.pattern import parse, wording
from courseware.corpus.world.facts import Fact

FACT = Fact("policy.x.v1.days", "policy.x", "days", "14", "14 days")


def wordings(pattern: str) -> set[str]:
    return {wording(pattern, {"days": FACT}, Draw("test", number)).text for number in range(60)}


def test_each_choice_comes_up() -> None:
    assert wordings("[a|b [c|d]|]!") == {"a!", "b c!", "b d!", "!"}


def test_a_backslash_takes_a_character_as_it_is() -> None:
    assert wordings(r"\[{days}\] a|b") == {"[14 days] a|b"}


def test_a_fact_marks_its_value_and_its_sentence() -> None:
    text = wording("Stay {days} at most.", {"days": FACT}, Draw("test"))
    (mark,) = text.marks
    assert text.text[mark.start : mark.end] == "Stay 14 days at most."
    assert text.text[mark.value_start : mark.value_end] == "14 days"


def test_a_capital_is_made_where_it_is_asked_for() -> None:
    assert wording("{^word} it", {"word": "take"}, Draw("test")).text == "Take it"


@pytest.mark.parametrize("pattern", ["[a|b", "a]", "{days", "[a|{days]"])
def test_a_bracket_without_its_partner_is_named(pattern: str) -> None:
    with pytest.raises(PatternError, match=r"close|opened"):
        parse(pattern)


def test_an_unknown_name_is_told_with_those_there_are() -> None:
    with pytest.raises(PatternError, match=r"asks for 'hours'; there are days"):
        wording("{hours}", {"days": FACT}, Draw("test"))


def test_lines_join_into_paragraphs_and_keep_their_marks_apart() -> None:
    (block,) = compose("First line.\nStay {days}.", {"days": FACT}, Draw("test"))
    (mark,) = block.body.marks
    assert block.body.text == "First line. Stay 14 days."
    assert block.body.text[mark.start : mark.end] == "Stay 14 days."


def test_a_line_after_a_list_begins_a_paragraph() -> None:
    kinds = [block.kind for block in compose("- one\n- two\nAfter.", {}, Draw("test"))]
    assert kinds == ["item", "item", "paragraph"]


def test_a_line_belongs_to_the_versions_it_names() -> None:
    page = "Always.\n@2 From two.\n@-1 Only one."
    texts = [compose(page, {}, Draw("test"), version)[0].body.text for version in (1, 2)]
    assert texts == ["Always. Only one.", "Always. From two."]


def test_lines_of_one_group_stand_or_fall_together() -> None:
    page = "Kept.\n\n%50a ## Head\n%50a Body."
    lengths = {len(compose(page, {}, Draw("test", number))) for number in range(40)}
    assert lengths == {1, 3}


def test_inserted_lines_keep_the_directive_in_front_of_them() -> None:
    assert insert("%30a {rows}\nend", "rows", ["- a", "- b"]) == "%30a - a\n%30a - b\nend"


def test_marks_are_exact_in_every_layout() -> None:
    page = "# Title\n\nText **bold** {days}.\n\n- item {days}\n- other\n\n| a | b |\n| --- | --- |\n| c | {days} |"
    blocks = compose(page, {"days": FACT}, Draw("test"))
    for laid in (lay_out(blocks, "markdown"), lay_out(tuple(without_emphasis(block) for block in blocks), "plain")):
        assert len(laid.marks) == 3
        assert {laid.text[mark.value_start : mark.value_end] for mark in laid.marks} == {"14 days"}


def test_emphasis_goes_and_spans_move_with_the_text() -> None:
    (block,) = compose("**Why** so *long*: {days}.", {"days": FACT}, Draw("test"))
    bare = without_emphasis(block).body
    assert bare.text == "Why so long: 14 days."
    assert bare.text[bare.marks[0].start : bare.marks[0].end] == bare.text


def test_streams_with_other_names_do_not_depend_on_each_other() -> None:
    draw = Draw("seed")
    before = draw.at("child").between(0, 10**9)
    draw.below(5)
    assert draw.at("child").between(0, 10**9) == before
