"""A cell's outputs are collected in order and within their limit."""

from __future__ import annotations

import json

import pytest

from courseware.kernels.collected import Collected, as_json
from courseware.kernels.printed import PrintedText


@pytest.fixture
def collected() -> Collected:
    """A collector without descriptors."""
    return Collected(1000, {})


def test_text_of_one_stream_is_one_output(collected: Collected) -> None:
    out, err = PrintedText(collected, 1), PrintedText(collected, 2)
    print("a", "b", file=out)
    print("c", file=out)
    print("d", file=err)
    print("e", file=out)
    assert [(one["name"], one["text"]) for one in collected.taken()] == [
        ("stdout", "a b\nc\n"),
        ("stderr", "d\n"),
        ("stdout", "e\n"),
    ]


@pytest.mark.parametrize("text", ["x", "é", "😀", "\x1b", "\ud800"])
def test_the_limit_holds_for_all_text_and_is_named(collected: Collected, text: str) -> None:
    for _ in range(3):
        collected.stream("stdout", text * 900)
    printed = collected.taken()[-1]["text"]
    assert len(printed.encode("utf-8", "replace")) < 1100
    assert "more than 1,000 bytes" in printed


def test_many_small_outputs_count_for_more_than_their_text(collected: Collected) -> None:
    for number in range(1000):
        collected.stream(("stdout", "stderr")[number % 2], "x")
    assert len(collected.taken()) < 20


def test_a_display_that_does_not_fit_is_dropped_whole(collected: Collected) -> None:
    collected.add({"output_type": "display_data", "data": {"text/html": "x" * 2000}, "metadata": {}})
    assert [one["output_type"] for one in collected.taken()] == ["stream"]


def test_a_cleared_cell_starts_again(collected: Collected) -> None:
    collected.stream("stdout", "gone")
    collected.clear(wait=True)
    assert collected.taken()[0]["text"] == "gone"
    collected.stream("stdout", "new")
    assert collected.taken()[0]["text"] == "new"


def test_data_becomes_what_json_can_hold() -> None:
    data = {"image/png": b"\x89", "application/json": [float("nan")], "text/plain": 5, "none": "x"}
    plain = as_json({"output_type": "display_data", "data": data, "metadata": {}})
    assert plain["data"] == {"image/png": "iQ==", "application/json": ["NaN"], "text/plain": "5"}
    json.dumps(plain, allow_nan=False)


def test_a_stream_takes_text_alone(collected: Collected) -> None:
    with pytest.raises(TypeError):
        PrintedText(collected, 1).write(b"x")  # type: ignore[arg-type]
