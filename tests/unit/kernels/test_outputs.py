"""Outputs that a kernel sends become nbformat outputs, or are refused; nothing else comes through."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.kernels.outputs import NotOutputs, parse_outputs

GOOD: list[dict[str, Any]] = [
    {"output_type": "stream", "name": "stdout", "text": "a\n"},
    {"output_type": "display_data", "data": {"text/plain": "x", "application/json": [1, None]}, "metadata": {"a": 1}},
    {"output_type": "execute_result", "data": {}, "metadata": {}, "execution_count": 3},
    {"output_type": "execute_result", "data": {}, "metadata": {}, "execution_count": None},
    {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["a", "b"]},
]
BAD: list[Any] = [
    None,
    {},
    "text",
    [None],
    [[]],
    [{}],
    [{"output_type": []}],
    [{"output_type": "widget"}],
    [{"output_type": "stream", "name": "stdout"}],
    [{"output_type": "stream", "name": "stdout", "text": ["a"]}],
    [{"output_type": "stream", "name": "stdin", "text": "a"}],
    [{"output_type": "stream", "name": [], "text": "a"}],
    [{"output_type": "stream", "name": "stdout", "text": "a", "more": 1}],
    [{"output_type": "display_data", "data": {"text/plain": 1}, "metadata": {}}],
    [{"output_type": "display_data", "data": {"../x": "1"}, "metadata": {}}],
    [{"output_type": "display_data", "data": [], "metadata": {}}],
    [{"output_type": "display_data", "data": {}, "metadata": []}],
    [{"output_type": "execute_result", "data": {}, "metadata": {}, "execution_count": True}],
    [{"output_type": "execute_result", "data": {}, "metadata": {}, "execution_count": -1}],
    [{"output_type": "execute_result", "data": {}, "metadata": {}, "execution_count": 10**30}],
    [{"output_type": "error", "ename": "E", "evalue": None, "traceback": []}],
    [{"output_type": "error", "ename": "E", "evalue": "v", "traceback": "text"}],
    [{"output_type": "stream", "name": "stdout", "text": ""}] * 10_001,
]
BYTES = [b"", b"nope", b"[", b"\xff\xfe", b"[" * 100_000, b"[NaN]", b'[{"a": Infinity}]', b"[" + b"9" * 10_000 + b"]"]


def test_outputs_of_every_kind_come_through_as_they_are() -> None:
    assert parse_outputs(json.dumps(GOOD).encode()) == GOOD
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.from_dict(output) for output in GOOD])
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))


@pytest.mark.parametrize("outputs", BAD, ids=lambda bad: str(bad)[:60])
def test_what_is_no_output_is_refused(outputs: Any) -> None:
    with pytest.raises(NotOutputs):
        parse_outputs(json.dumps(outputs).encode())


@pytest.mark.parametrize("data", BYTES, ids=lambda data: repr(data[:20]))
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(NotOutputs):
        parse_outputs(data)


def test_data_nested_without_end_is_refused() -> None:
    deep = b'[{"output_type": "display_data", "metadata": {}, "data": {"application/json": %s}}]'
    with pytest.raises(NotOutputs):
        parse_outputs(deep % (b"[" * 200 + b"]" * 200))


def test_half_a_character_becomes_text_that_can_be_stored() -> None:
    (output,) = parse_outputs(b'[{"output_type": "stream", "name": "stdout", "text": "\\ud800"}]')
    assert output["text"] == "\\ud800"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
FIELDS = st.fixed_dictionaries(
    {"output_type": st.sampled_from(["stream", "display_data", "execute_result", "error"]) | JSON},
    optional=dict.fromkeys(
        ("name", "text", "data", "metadata", "execution_count", "ename", "evalue", "traceback"), JSON
    ),
)


@given(st.lists(FIELDS | JSON, max_size=3))
def test_whatever_comes_is_refused_or_can_be_written_into_a_notebook(outputs: list[Any]) -> None:
    try:
        found = parse_outputs(json.dumps(outputs).encode())
    except NotOutputs:
        return
    json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
