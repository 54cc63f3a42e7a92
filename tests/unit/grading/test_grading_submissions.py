"""What was handed in is read as data: odd notebooks are read as far as they go, the rest is refused in one line."""

from __future__ import annotations

import json
import os
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest

from courseware.grading.errors import SubmissionError
from courseware.grading.submissions import Submission, read_submission

CELLS = [
    {"cell_type": "code", "id": "a", "metadata": {"nbgrader": {"grade_id": "one"}}, "source": ["x = 1\n", "y = 2"]},
    {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "words"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A submission of two cells and one file."""
    (tmp_path / "chatbot.py").write_text("print(1)")
    put(tmp_path, {"cells": CELLS, "metadata": {"course": {"version": "v1"}}, "nbformat": 4, "nbformat_minor": 5})
    return tmp_path


def put(folder: Path, notebook: Any) -> None:
    text = notebook if isinstance(notebook, str) else json.dumps(notebook)
    (folder / "lab.ipynb").write_text(text, encoding="utf-8")


def read(folder: Path, *files: str) -> Submission:
    return read_submission(folder, "ada", files)


def test_cells_version_files_and_names(folder: Path) -> None:
    found = read(folder, "chatbot.py", "absent.py")
    assert [(cell.names, cell.code, cell.text) for cell in found.cells] == [
        (("one", "a"), True, "x = 1\ny = 2"),
        (("b",), False, "words"),
    ]
    assert (found.version, found.files, found.time, found.notes) == ("v1", {"chatbot.py": b"print(1)"}, None, ())


def test_the_hash_is_of_what_counts(folder: Path) -> None:
    first = read(folder, "chatbot.py").hash
    (folder / "timestamp.txt").write_text("2026-11-22 10:00:00 UTC")
    (folder / "scribble.txt").write_text("not asked for")
    assert read(folder, "chatbot.py").hash == first
    (folder / "chatbot.py").write_text("print(2)")
    assert read(folder, "chatbot.py").hash != first


STAMPS = {"2026-11-22 10:00:00.123456 UTC": 10, "2026-11-22 11:00:00 UTC\n": 11, "2026-11-22 12:30:00": 12}


@pytest.mark.parametrize(("stamp", "hour"), STAMPS.items())
def test_timestamps(folder: Path, stamp: str, hour: int) -> None:
    (folder / "timestamp.txt").write_text(stamp)
    time = read(folder).time
    assert time is not None
    assert (time.hour, time.tzinfo) == (hour, UTC)
    assert time.date() == date(2026, 11, 22)


def test_a_bad_timestamp_is_noted(folder: Path) -> None:
    (folder / "timestamp.txt").write_bytes(b"\xff yesterday")
    found = read(folder)
    assert found.time is None
    assert "is no date and time" in found.notes[0]


UNREADABLE: dict[str, tuple[Any, str]] = {
    "not JSON": ("{", "is not JSON"),
    "too deep": ("[" * 100_000, "is not JSON"),
    "a list": ([], "no notebook"),
    "format 3": ({"worksheets": []}, "no notebook"),
    "cells are no list": ({"cells": {}}, "no notebook"),
    "too many cells": ({"cells": [{}] * 1_001}, "1001 cells"),
}


@pytest.mark.parametrize(("notebook", "why"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_notebook_is_refused(folder: Path, notebook: Any, why: str) -> None:
    put(folder, notebook)
    with pytest.raises(SubmissionError, match=why) as caught:
        read(folder)
    assert str(folder / "lab.ipynb") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_notebook_of_fifty_megabytes_is_refused_unread(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (folder / "lab.ipynb").open("r+b") as file:
        file.truncate(50 * 2**20)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was read"))
    with pytest.raises(SubmissionError, match="has 50 MB, the limit is 20 MB"):
        read(folder)


@pytest.mark.parametrize("kind", ["link", "pipe", "absent", "folder"])
def test_only_a_plain_file_is_read(folder: Path, kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("secret") / "hidden.ipynb"
    secret.write_text("{}")
    (folder / "lab.ipynb").unlink()
    make = {
        "link": lambda at: at.symlink_to(secret), "pipe": os.mkfifo, "absent": lambda at: None, "folder": Path.mkdir,
    }[kind]  # fmt: skip
    make(folder / "lab.ipynb")
    with pytest.raises(SubmissionError, match="is missing or no plain file"):
        read(folder)


ODD: dict[str, tuple[Any, list[tuple[tuple[str, ...], bool, str]]]] = {
    "no cells at all": ([], []),
    "cells that are none": ([1, None, "x"], []),
    "no metadata": ([{"cell_type": "code", "source": "x"}], [((), True, "x")]),
    "metadata of another kind": ([{"metadata": [], "id": 7, "source": "x"}], [((), False, "x")]),
    "a name that is none": ([{"metadata": {"nbgrader": {"grade_id": 1}}, "id": "b"}], [(("b",), False, "")]),
    "a source of several kinds": ([{"cell_type": "code", "source": ["a", 1, None, "b"]}], [((), True, "ab")]),
    "half a character": ([{"cell_type": "code", "source": "\ud800"}], [((), True, "\\ud800")]),
    "a null byte": ([{"cell_type": "code", "source": "a\0b"}], [((), True, "ab")]),
}


@pytest.mark.parametrize(("cells", "expected"), ODD.values(), ids=ODD)
def test_odd_cells_are_read_as_far_as_they_go(folder: Path, cells: Any, expected: Any) -> None:
    put(folder, {"cells": cells, "metadata": None})
    found = read(folder)
    assert [(cell.names, cell.code, cell.text) for cell in found.cells] == expected
    assert found.version == ""


def test_a_byte_order_mark_is_no_part_of_it(folder: Path) -> None:
    put(folder, "\ufeff" + json.dumps({"cells": CELLS}))
    assert len(read(folder).cells) == 2
