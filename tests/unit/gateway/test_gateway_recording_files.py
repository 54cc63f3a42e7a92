"""A recording's file reads back as it was written, can be reviewed, and is refused once somebody changed it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.gateway.exchange import (
    Call,
    ChatRequest,
    Citation,
    Completion,
    Message,
    Sampling,
    Text,
    TokenLogprob,
    Tool,
    Usage,
)
from courseware.gateway.recordings import Provenance, Recording, RecordingError, load, save

Ask = Callable[..., ChatRequest]
Record = Callable[..., Recording]
repeatable = settings(derandomize=True, deadline=None, max_examples=60, database=None)

NASTY = {
    "empty": "",
    "spaces at the end": "a \nb\t\n",
    "space at the start": "  indented\n more",
    "line feed at the start": "\n\n first",
    "blank lines at the end": "a\n\nb\n\n\n",
    "no line feed at the end": "a\nb",
    "dash": "- not: a list",
    "colon": "key: value",
    "hash": "word # no comment",
    "quotes": "\"both\" and 'each'",
    "apostrophe": "'",
    "looks like a number": "0o17",
    "looks like a truth": "yes",
    "looks like nothing": "null",
    "looks like a date": "2026-11-22",
    "merge": "<<",
    "alias": "*a &b !c %d @e `f",
    "document end": "a\n---\nb\n...\n",
    "long line": "word " * 200 + "end",
    "long word": "x" * 5_000,
    "long lines": "\n".join(["word " * 100 + "end"] * 3),
    "carriage return": "a\r\nb\rc",
    "next line": "a\x85b\nc\x85",
    "line separator": "a\u2028b\u2029c\nd",
    "byte-order mark": "\ufeffa\nb\ufeff",
    "null": "a\x00b\nc",
    "bell": "\x07\x1b[31mred",
    "no-break space": "a\u00a0\nb",
    "emoji": "\U0001f469\u200d\U0001f52c\nand more",
    "right to left": "\u05e9\u05dc\u05d5\u05dd\n\u202eabc",
    "combining": "e\u0301\n\u0301",
    "last character": "\U0010ffff\ufffe",
    "tabs": "\tdef f():\n\t\treturn 1\n",
}


def there_and_back(recording: Recording) -> Recording:
    with tempfile.TemporaryDirectory() as folder:
        save(recording, Path(folder))
        (found,) = load(Path(folder))
        return found


def everywhere(ask: Ask, record: Record, text: str) -> Recording:
    """A recording that has a text in all the places where one can stand."""
    call = Call("f", {"a": text, text: [text, {"b": None, "c": 0.1, "d": -1, "e": True}]})
    said = (Message("user", (Text(text),)), Message("assistant", (replace(call, id="x"),)))
    tool = Tool("f", text, {"type": "object", "description": text, "enum": [text, ["nested", [text]]]})
    answer = Completion(
        (Text(text, (Citation(0, 1, 2),)), call), "stop_sequence", text, (TokenLogprob(text, -0.1, ((text, -1e-7),)),)
    )
    asked = ask(messages=(Message("system", (Text(text),)), *said), tools=(tool,), sampling=Sampling(temperature=1e-7))
    made = Provenance("recorded", "m", date(2026, 11, 22), sdk="openai 2.54.0", note=text or None)
    return record(asked, completions=(answer, Completion((), "length")), usage=Usage(1, 2), limit=2, provenance=made)


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_nasty_text_reads_back_as_it_was_written(ask: Ask, record: Record, text: str) -> None:
    recording = everywhere(ask, record, text)
    assert there_and_back(recording) == recording


@repeatable
@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" \n\t-:#'\"\x85\u2028"), max_size=60))
def test_any_text_reads_back_as_it_was_written(ask: Ask, record: Record, text: str) -> None:
    recording = everywhere(ask, record, text)
    assert there_and_back(recording) == recording


def test_a_text_of_several_lines_can_be_reviewed_line_by_line(ask: Ask, record: Record, tmp_path: Path) -> None:
    path = save(record(ask(), "First line.\nSecond: 'line'.\n\nFourth."), tmp_path)
    lines = [line.strip() for line in path.read_text(encoding="utf-8").split("\n")]
    at = lines.index("First line.")
    assert lines[at : at + 4] == ["First line.", "Second: 'line'.", "", "Fourth."]


def test_what_is_said_twice_is_written_twice(ask: Ask, record: Record, tmp_path: Path) -> None:
    schema = {"type": "object", "required": ["a"]}
    tools = (Tool("f", "", schema), Tool("g", "", schema))
    path = save(record(ask(tools=tools), completions=(Completion((Call("f", schema),)),) * 2), tmp_path)
    assert "&id" not in path.read_text(encoding="utf-8")


def test_half_a_character_is_refused_with_the_files_name(ask: Ask, record: Record, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"token\.yaml.*cannot be written") as caught:
        save(record(ask(), "half \ud83d a character"), tmp_path)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.rglob("*.*"))


def test_a_refused_recording_leaves_the_one_before_it(ask: Ask, record: Record, tmp_path: Path) -> None:
    before = save(record(ask()), tmp_path).read_bytes()
    with pytest.raises(RecordingError):
        save(record(ask(), "\ud83d"), tmp_path)
    assert (tmp_path / "week_03/token.yaml").read_bytes() == before


def test_recordings_come_in_order_of_path(ask: Ask, record: Record, tmp_path: Path) -> None:
    for name in ("week_04/b", "week_03/z", "week_04/a"):
        save(record(ask(name), id=name), tmp_path)
    assert [recording.id for recording in load(tmp_path)] == ["week_03/z", "week_04/a", "week_04/b"]


def test_an_id_may_have_dots(ask: Ask, record: Record, tmp_path: Path) -> None:
    save(record(ask(), id="gpt-4.1/step.2"), tmp_path)
    assert [recording.id for recording in load(tmp_path)] == ["gpt-4.1/step.2"]


Edit = Callable[[dict[str, Any]], object]
TAMPERED: dict[str, Edit] = {
    "other words": lambda d: d["request"]["messages"][0].__setitem__(1, "What is a word?"),
    "other model": lambda d: d["request"].update(model="course-large"),
    "more of the request": lambda d: d["request"].update(n=2),
    "other case": lambda d: d["request"]["messages"][0].__setitem__(1, "what is a token?"),
    "other exact key": lambda d: d["keys"].update(exact="0" * 64),
    "other normalised key": lambda d: d["keys"].update(normalised="0" * 64),
    "a key too many": lambda d: d["keys"].update(third="0" * 64),
    "no keys": lambda d: d.update(keys={}),
    "keys as text": lambda d: d.update(keys="0"),
}
BROKEN: dict[str, Edit] = {
    "other id": lambda d: d.update(id="week_03/other"),
    "no answers": lambda d: d.pop("answers"),
    "empty answers": lambda d: d.update(answers=[]),
    "an unknown stop": lambda d: d["answers"][0].update(stop="finished"),
    "a number said": lambda d: d["answers"][0]["parts"][0].update(text=12),
    "arguments as text": lambda d: d["answers"][0].update(parts=[{"call": "f", "arguments": "{}"}]),
    "an unknown source": lambda d: d["provenance"].update(source="imagined"),
    "a date in words": lambda d: d["provenance"].update(date="yesterday"),
    "no model": lambda d: d["provenance"].pop("model"),
    "usage in words": lambda d: d["usage"].update(input="many"),
    "limit in words": lambda d: d.update(limit="short"),
    "request as text": lambda d: d.update(request="What is a token?"),
    "request without turns": lambda d: d["request"].pop("messages"),
    "turns as text": lambda d: d["request"].update(messages="What is a token?"),
    "a turn without words": lambda d: d["request"].update(messages=[[]]),
    "numbers as names": lambda d: d["request"].update({1: "a"}),
}


def edited(recording: Recording, folder: Path, edit: Edit) -> Path:
    path = save(recording, folder)
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(document)
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


@pytest.mark.parametrize("edit", TAMPERED.values(), ids=TAMPERED)
def test_a_request_that_does_not_fit_its_keys_is_refused(ask: Ask, record: Record, tmp_path: Path, edit: Edit) -> None:
    path = edited(record(ask()), tmp_path, edit)
    with pytest.raises(RecordingError, match="keys do not fit") as caught:
        list(load(tmp_path))
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("edit", BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_no_recording_is_refused_in_one_line(
    ask: Ask, record: Record, tmp_path: Path, edit: Edit
) -> None:
    path = edited(record(ask()), tmp_path, edit)
    with pytest.raises(RecordingError, match="not a recording") as caught:
        list(load(tmp_path))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"a: [1", b"\xff\xfe\x00", b"- list", b"words", b"!!python/object:os.system {}", b"a: &a [*a]", b"[" * 3_000],
    ids=["empty", "broken", "bytes", "list", "words", "python", "loop", "deep"],
)
def test_what_is_not_yaml_of_a_recording_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    with pytest.raises(RecordingError, match=r"a\.yaml: not a recording"):
        list(load(tmp_path))


def test_a_file_under_another_name_is_refused(ask: Ask, record: Record, tmp_path: Path) -> None:
    save(record(ask()), tmp_path).rename(tmp_path / "week_03/moved.yaml")
    with pytest.raises(RecordingError, match="id is 'week_03/token' but the file is called 'week_03/moved'"):
        list(load(tmp_path))


def test_a_recording_that_somebody_wrote_says_that_no_model_did(ask: Ask, record: Record) -> None:
    written = record(ask(), provenance=Provenance("authored", "gpt-6-sol", date(2026, 11, 22)))
    assert written.reply("exact").model == "authored"
    assert "no model said this" in written.reply("exact").origin.provenance


def test_a_recording_names_the_model_its_weights_and_the_day(ask: Ask, record: Record) -> None:
    reply = record(ask()).reply("normalised")
    assert reply.model == "qwen2.5-coder-1.5b"
    said = "recorded from qwen2.5-coder-1.5b on 2026-11-22, weights sha256 cc32cc32cc32"
    assert reply.origin.provenance == said
