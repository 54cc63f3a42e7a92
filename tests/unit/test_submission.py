"""A submission as one file: what comes back out of it, and what is refused as one."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.submission import MOST_BYTES, RECORD, Bundle, BundleError, is_plain_name, read_bundle

LAB = "week_00_start_here"
NOON = "2026-11-22T12:00:00+00:00"


def bundle(learner: str = "ada", time: str = NOON, lab: str = LAB, **files: bytes) -> Bundle:
    return Bundle(lab, "v1", learner, time, {"lab.ipynb": b"{}", **files})


def zipped(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def forged(record: object = None, /, **changes: Any) -> bytes:
    """A zip with the files of `bundle()` and its record changed, or `record` in its place."""
    honest = json.loads(bundle().record) | changes
    return zipped({RECORD: json.dumps(honest if record is None else record).encode(), "lab.ipynb": b"{}"})


def named(name: str) -> bytes:
    """A zip whose record and content hold one more file, called `name`."""
    record = json.loads(bundle().record)
    record["files"][name] = hashlib.sha256(b"x").hexdigest()
    return zipped({RECORD: json.dumps(record).encode(), "lab.ipynb": b"{}", name: b"x"})


def refusal(folder: Path, content: bytes) -> str:
    """What is said of a file with this content, after its path."""
    path = folder / "ada.zip"
    path.write_bytes(content)
    with pytest.raises(BundleError) as caught:
        read_bundle(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    return text.removeprefix(f"{path}: ")


def test_bundle_comes_back_as_it_was(tmp_path: Path) -> None:
    sent = bundle(**{"app.py": b"x = 1", "Dockerfile": b""})
    (tmp_path / "a.zip").write_bytes(sent.to_bytes())
    got = read_bundle(tmp_path / "a.zip")
    assert (got, got.receipt) == (sent, sent.receipt)


def test_equal_content_gives_equal_bytes_in_any_order_of_files() -> None:
    one = Bundle(LAB, "v1", "ada", NOON, {"lab.ipynb": b"1", "app.py": b"2"})
    other = Bundle(LAB, "v1", "ada", NOON, {"app.py": b"2", "lab.ipynb": b"1"})
    assert one.to_bytes() == other.to_bytes()


def test_receipt_changes_with_anything_in_the_bundle() -> None:
    kinds = [
        Bundle(LAB, "v1", "ada", NOON, {"lab.ipynb": b"{}"}),
        Bundle("week_01_tokenization", "v1", "ada", NOON, {"lab.ipynb": b"{}"}),
        Bundle(LAB, "v2", "ada", NOON, {"lab.ipynb": b"{}"}),
        Bundle(LAB, "v1", "eve", NOON, {"lab.ipynb": b"{}"}),
        Bundle(LAB, "v1", "ada", "2026-11-22T12:00:01+00:00", {"lab.ipynb": b"{}"}),
        Bundle(LAB, "v1", "ada", NOON, {"lab.ipynb": b"{ }"}),
        Bundle(LAB, "v1", "ada", NOON, {"lab.ipynb": b"{}", "app.py": b""}),
    ]
    assert len({kind.receipt for kind in kinds}) == len(kinds)


def test_receipt_is_the_hash_of_the_record_in_the_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle().to_bytes())) as archive:
        assert archive.namelist()[0] == RECORD
        assert hashlib.sha256(archive.read(RECORD)).hexdigest() == bundle().receipt


@pytest.mark.parametrize(
    "content",
    [b"", b"not a zip", bundle().to_bytes()[:-30], bundle().to_bytes()[:60], zipped({})],
    ids=["empty", "text", "no end", "cut short", "nothing in it"],
)
def test_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, content).startswith("not a submission (")


def test_folder_with_the_name_of_a_bundle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").mkdir()
    with pytest.raises(BundleError, match=r"a\.zip: not a submission"):
        read_bundle(tmp_path / "a.zip")


def test_encrypted_file_is_refused(tmp_path: Path) -> None:
    content = bytearray(bundle().to_bytes())
    content[6] |= 1  # the flag in the first file's own header
    content[content.index(b"PK\x01\x02") + 8] |= 1  # and in the directory
    assert "encrypted" in refusal(tmp_path, bytes(content))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(place=st.integers(0, len(bundle().to_bytes()) - 1), byte=st.integers(0, 255))
def test_one_changed_byte_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int
) -> None:
    content = bytearray(bundle().to_bytes())
    content[place] = byte
    path = tmp_path_factory.getbasetemp() / "changed.zip"
    path.write_bytes(content)
    with contextlib.suppress(BundleError):
        assert read_bundle(path) == bundle()


def test_changed_file_is_refused_by_name(tmp_path: Path) -> None:
    content = zipped({RECORD: bundle().record, "lab.ipynb": b"{ }"})
    assert refusal(tmp_path, content).startswith("lab.ipynb is not the file its record names; it was changed")


def test_file_the_record_does_not_name_is_refused(tmp_path: Path) -> None:
    content = zipped({RECORD: bundle().record, "lab.ipynb": b"{}", "more.py": b""})
    assert refusal(tmp_path, content) == "holds 'more.py', which its record does not name; ask for it again"


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, zipped({RECORD: bundle().record})).startswith("lacks 'lab.ipynb'")


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO(bundle().to_bytes())
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("lab.ipynb", b"{}")
    assert "two of its files have one name" in refusal(tmp_path, buffer.getvalue())


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/x",
        "a/b",
        "a\\b",
        "..\\x",
        "C:x",
        "..",
        ".",
        ".bashrc",
        "a\nb",
        " x",
        "x ",
        "é" * 60,
        "a*",
        "folder/",
    ],
)
def test_name_that_is_a_path_or_hides_is_refused(tmp_path: Path, name: str) -> None:
    assert "which is not a plain name" in refusal(tmp_path, named(name))
    assert not is_plain_name(name)
    assert [path.name for path in tmp_path.iterdir()] == ["ada.zip"]


@pytest.mark.parametrize("name", ["lab.ipynb", "Dockerfile", "Ada Lovelace", "ada@example.org", "Žofie", "a-b_c+d"])
def test_plain_name_is_accepted(name: str) -> None:
    assert is_plain_name(name)


def test_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    content = zipped({RECORD: bundle().record, "lab.ipynb": bytes(MOST_BYTES)})
    assert len(content) < 200_000
    assert refusal(tmp_path, content) == "larger than 52,428,800 bytes unpacked; ask for a smaller one"


def test_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped({RECORD: bundle().record, "lab.ipynb": bytes(MOST_BYTES)}))
    size = struct.pack("<I", MOST_BYTES)
    assert content.count(size) == 2
    assert refusal(tmp_path, bytes(content.replace(size, struct.pack("<I", 2)))).startswith("not a submission (")


def test_missing_record_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, zipped({"lab.ipynb": b"{}"})).startswith(f"not a submission ('{RECORD}')")


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000], ids=["empty", "half", "binary", "deep"])
def test_record_that_is_not_json_is_refused(tmp_path: Path, text: bytes) -> None:
    assert refusal(tmp_path, zipped({RECORD: text, "lab.ipynb": b"{}"})).startswith("not a submission (")


@pytest.mark.parametrize(
    "record", [[], 5, "text", {}, {"format": 2}, {"format": 1}, {"format": 1, "files": ["lab.ipynb"]}]
)
def test_record_of_another_shape_is_refused(tmp_path: Path, record: object) -> None:
    assert refusal(tmp_path, forged(record)).startswith(RECORD)


@pytest.mark.parametrize("key", ["lab", "learner", "version", "time"])
@pytest.mark.parametrize("value", [None, 5, ["ada"], {"a": 1}, True])
def test_record_with_a_value_of_another_type_is_refused(tmp_path: Path, key: str, value: object) -> None:
    assert refusal(tmp_path, forged(**{key: value})).startswith(f"its {key} is {value!r}, which is not a")


@pytest.mark.parametrize("value", [5, None, ["x"]])
def test_hash_of_another_type_is_refused(tmp_path: Path, value: object) -> None:
    assert "not the file its record names" in refusal(tmp_path, forged(files={"lab.ipynb": value}))


@pytest.mark.parametrize("learner", ["", "..", "../eve", "a/b", "a\\b", ".hidden", "a\x00b", "\ud800"])
def test_learner_who_is_a_path_is_refused(tmp_path: Path, learner: str) -> None:
    assert "its learner is" in refusal(tmp_path, forged(learner=learner))


@pytest.mark.parametrize("time", ["", "yesterday", "2026-11-22", "2026-11-22T12:00:00", "0001-01-01T00:00:00+23:00"])
def test_time_without_date_or_zone_is_refused(tmp_path: Path, time: str) -> None:
    assert "not a date and time with its zone" in refusal(tmp_path, forged(time=time))
