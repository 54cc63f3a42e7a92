"""Outputs are printed the same on every machine, and compared by what they mean."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output
from PIL import Image

from courseware.build.outputs import PLOT_DATA, difference, printed

FAIL = ("error", {"ename": "ValueError", "evalue": "at 0x7f00deadbeef", "traceback": ["\x1b[31mframe\x1b[0m", "last"]})


def stream(text: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", text=text, name=name)


def data(**kinds: Any) -> NotebookNode:
    return new_output("display_data", data={kind.replace("_", "/"): value for kind, value in kinds.items()})


def png() -> str:
    picture = io.BytesIO()
    Image.new("RGB", (2, 2), "red").save(picture, "PNG")
    return base64.b64encode(picture.getvalue()).decode()


def plot(values: list[float], image: str = "a") -> NotebookNode:
    return new_output("display_data", data={PLOT_DATA: {"y": values}, "image/png": image})


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("0.123456789", "0.1235"),
        ("12.5", "12.5"),
        ("1234.5678", "1235.0"),
        ("12345.678", "12350.0"),
        ("0.99996", "1.0"),
        ("1.2345678e-09", "1.235e-09"),
        ("1.00000001e-05", "1.0e-05"),
        ("-0.000123456", "-0.0001235"),
        ("that is 3.14159.", "that is 3.142."),
        ("(2.71828, 1.41421)", "(2.718, 1.414)"),
        ("version 1.23456.7", "version 1.23456.7"),
        ("123456789", "123456789"),
        ("#1a7f37 and v2.123456", "#1a7f37 and v2.123456"),
        ("<object at 0x7f00deadbeef>", "<object at 0x…>"),
        ("\x1b[1mbold\x1b[0m", "bold"),
    ],
)
def test_text_is_printed_without_what_varies(text: str, kept: str) -> None:
    assert printed([stream(text)])[0].text == kept


def test_printing_twice_changes_nothing() -> None:
    text = "0.123456789 1234.5678 12345.678 0.99996 1.00000001e-05 987654.321"
    once = printed([stream(text)])
    assert printed(once) == once


def test_streams_of_one_name_are_joined() -> None:
    outputs = printed([stream("a"), stream("b"), data(text_plain="x"), stream("c")])
    assert [output.get("text") for output in outputs] == ["ab", None, "c"]


def test_a_traceback_keeps_its_last_line_alone() -> None:
    kind, content = FAIL
    assert printed([new_output(kind, **content)])[0].traceback == ["ValueError: at 0x…"]


def test_an_execution_count_is_not_kept() -> None:
    result = new_output("execute_result", data={"text/plain": "1"}, execution_count=7)
    assert printed([result])[0].execution_count is None


def test_plotted_numbers_are_rounded_and_pictures_look_the_same() -> None:
    data = printed([plot([0.123456, float("nan")], png())])[0].data
    assert data[PLOT_DATA]["y"][0] == 0.1235
    pixel = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB").getpixel((1, 1))
    assert pixel == (255, 0, 0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("loss 0.5", "loss 0.509"),
        ("loss 0.0001", "loss 0.0009"),
        ("1234.4", "1234.6"),
        ("1e-05", "1.1e-05"),
        ("0.9999", "1.0"),
        ("mean 1235.0 of 7", "mean 1236.0 of 7"),
    ],
)
def test_numbers_within_tolerance_are_the_same(old: str, new: str) -> None:
    assert difference(printed([stream(old)]), printed([stream(new)])) is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("loss 0.5", "loss 0.52", "prints 0.52, not 0.5"),
        ("7 owls", "8 owls", "prints '8 owls', not '7 owls'"),
        ("a\nb 0.5", "a\nc 0.5", "prints 'c 0.5', not 'b 0.5'"),
        ("a", "a\nb", "prints 'a\\nb', not 'a'"),
        ("0.5", "0.5 0.6", "prints '0.5 0.6'"),
        ("0.5", "-0.5", "prints -0.5, not 0.5"),
    ],
)
def test_a_changed_text_or_number_is_found(old: str, new: str, says: str) -> None:
    assert says in (difference([stream(old)], [stream(new)]) or "")


def test_a_missing_output_is_found() -> None:
    assert difference([stream("a")], []) == "0 outputs, not 1"


def test_another_type_of_output_is_found() -> None:
    assert difference([stream("a")], [data(text_plain="a")]) == "an output of type display_data, not stream"


def test_another_kind_of_data_is_found() -> None:
    found = difference([data(text_plain="a")], [data(text_plain="a", text_html="a")])
    assert found == "output kinds ['text/html', 'text/plain'], not ['text/plain']"


def test_an_error_is_compared_by_its_class() -> None:
    errors = [
        new_output("error", ename=name, evalue="x", traceback=[]) for name in ("KeyError", "KeyError", "ValueError")
    ]
    assert difference(errors[:1], errors[1:2]) is None
    assert difference(errors[:1], errors[2:]) == "raises ValueError, not KeyError"


def test_pictures_are_compared_by_what_they_plot() -> None:
    assert difference([plot([1.0, 2.0], "a")], [plot([1.0, 2.01], "b")]) is None
    assert difference([plot([1.0, 2.0], "a")], [plot([1.0, 2.5], "a")]) == "the plotted data differ"
    assert difference([plot([1.0])], [plot([1.0, 2.0])]) == "the plotted data differ"


def test_a_picture_without_plotted_data_is_refused() -> None:
    found = difference([data(image_png="a")], [data(image_png="a")])
    assert found == "a picture without plotted data; draw it through learner.plots"
