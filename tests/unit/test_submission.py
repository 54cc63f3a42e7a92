"""Handing a lab in: what a bundle is, what is refused as one, and how a class's bundles are taken in."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import struct
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.grading.collect import collect_bundles
from courseware.learner.submit import NotHandedOver, NotSubmitted, hand_over, learner_name, make_bundle
from courseware.manifest import Course
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
    try:
        assert read_bundle(path) == bundle()
    except BundleError as error:
        assert str(path) in str(error)


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


def lab_folder(root: Path, folder: Path) -> Path:
    """A learner's folder of the lab."""
    shutil.copytree(root / "labs" / LAB, folder / "labs" / LAB)
    return folder / "labs" / LAB


def test_bundle_of_a_lab_holds_its_notebook_version_and_declared_files(
    root: Path, course: Course, tmp_path: Path
) -> None:
    week = course.weeks[0]
    week = week.model_copy(update={"lab": week.lab.model_copy(update={"files": ("app.py",)})})
    folder = lab_folder(root, tmp_path)
    (folder / "app.py").write_text("x = 1")
    made = make_bundle(week, folder, "ada", datetime(2026, 11, 22, 12, tzinfo=UTC))
    version = json.loads((folder / "lab.ipynb").read_bytes())["metadata"]["course"]["version"]
    assert (made.lab, made.version, made.time, sorted(made.files)) == (LAB, version, NOON, ["app.py", "lab.ipynb"])


def test_missing_declared_file_is_named(root: Path, course: Course, tmp_path: Path) -> None:
    week = course.weeks[0]
    week = week.model_copy(update={"lab": week.lab.model_copy(update={"files": ("app.py",)})})
    with pytest.raises(NotSubmitted, match=rf"has no app.py, which {LAB} submits; add it and submit again"):
        make_bundle(week, lab_folder(root, tmp_path), "ada", datetime.now(UTC))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not JSON", "is not a notebook"),
        ("[" * 100_000, "is not a notebook"),
        ("[]", "does not say which lab it is"),
        ("{}", "does not say which lab it is"),
        (
            '{"metadata": {"course": {"lab": "week_01_tokenization", "version": "1"}}}',
            "is the notebook of week_01_token",
        ),
    ],
    ids=["text", "deep", "list", "no metadata", "another lab"],
)
def test_file_that_is_not_the_labs_notebook_is_named(
    root: Path, course: Course, tmp_path: Path, text: str, said: str
) -> None:
    folder = lab_folder(root, tmp_path)
    (folder / "lab.ipynb").write_text(text)
    with pytest.raises(NotSubmitted, match=rf"lab\.ipynb {said}"):
        make_bundle(course.weeks[0], folder, "ada", datetime.now(UTC))


def test_lab_too_large_to_be_taken_in_is_said_before_it_is_sent(root: Path, course: Course, tmp_path: Path) -> None:
    folder = lab_folder(root, tmp_path)
    with (folder / "lab.ipynb").open("ab") as file:
        file.write(b" " * MOST_BYTES)
    with pytest.raises(NotSubmitted, match=r"bytes to submit, lab\.ipynb most of them; clear its outputs"):
        make_bundle(course.weeks[0], folder, "ada", datetime.now(UTC))


@pytest.mark.parametrize("name", ["a/b", "a\\b", "..", ".ada", "a\tb", "x" * 101])
def test_learner_whose_name_is_a_path_is_told_before_submitting(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("COURSE_LEARNER", name)
    with pytest.raises(NotSubmitted, match="set COURSE_LEARNER to a plain one"):
        learner_name()


def test_learner_is_the_hubs_user_where_nothing_else_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COURSE_LEARNER", raising=False)
    monkeypatch.setenv("JUPYTERHUB_USER", "Ada Lovelace")
    assert learner_name() == "Ada Lovelace"


def test_bundle_goes_into_a_folder_under_a_name_of_its_own(tmp_path: Path) -> None:
    target = hand_over(bundle("Ada Lovelace"), tmp_path / "new" / "folder")
    assert target == tmp_path / "new" / "folder" / f"{LAB}-Ada Lovelace-2026-11-22T120000Z.zip"
    assert read_bundle(target) == bundle("Ada Lovelace")


def test_bundle_goes_to_the_file_that_is_named(tmp_path: Path) -> None:
    assert hand_over(bundle(), tmp_path / "mine.zip") == tmp_path / "mine.zip"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.zip"]


def test_folder_may_be_called_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "all.zip").mkdir()
    assert hand_over(bundle(), tmp_path / "all.zip").parent == tmp_path / "all.zip"


@pytest.mark.parametrize("to", ["file", "file/below", "file/mine.zip"])
def test_place_that_cannot_be_written_leaves_nothing(tmp_path: Path, to: str) -> None:
    (tmp_path / "file").write_text("here before")
    with pytest.raises(NotHandedOver, match=r"cannot write .*; name another place with --to"):
        hand_over(bundle(), tmp_path / to)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("file", "here before")]


def test_full_disk_leaves_no_half_file_and_the_earlier_one(tiny_disk: Path) -> None:
    hand_over(bundle(), tiny_disk / "mine.zip")
    noise = b"".join(hashlib.sha256(n.to_bytes(4, "big")).digest() for n in range(50_000))
    with pytest.raises(NotHandedOver, match="No space left on device"):
        hand_over(bundle(**{"data.bin": noise}), tiny_disk / "mine.zip")
    assert [path.name for path in tiny_disk.iterdir()] == ["mine.zip"]
    assert read_bundle(tiny_disk / "mine.zip") == bundle()


def test_submit_puts_the_bundle_into_the_workspace_and_records_the_receipt(
    run_course, tmp_path: Path, root: Path
) -> None:
    workspace = tmp_path / "mine"
    lab_folder(root, workspace)
    (workspace / ".course").mkdir()
    done = run_course("submit", "00", COURSE_WORKSPACE=str(workspace))
    (target,) = (workspace / "submissions").iterdir()
    receipt = read_bundle(target).receipt
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"submitted {LAB} as ada: {target}\nreceipt: {receipt}\n"
    assert receipt in (workspace / ".course" / "progress.jsonl").read_text()


def test_submit_from_a_labs_own_folder_stays_in_its_workspace(run_course, tmp_path: Path, root: Path) -> None:
    workspace = tmp_path / "elsewhere"
    folder = lab_folder(root, workspace)
    (workspace / ".course").mkdir()
    done = run_course("submit", "00", cwd=folder, COURSE_WORKSPACE=str(tmp_path / "other"))
    assert done.returncode == 0
    assert len(list((workspace / "submissions").iterdir())) == 1
    assert not (tmp_path / "other").exists()


def test_submit_to_a_place_that_cannot_be_written_is_one_line_and_status_3(
    run_course, tmp_path: Path, root: Path
) -> None:
    lab_folder(root, tmp_path / "mine")
    (tmp_path / "file").write_text("")
    done = run_course("submit", "00", "--to", str(tmp_path / "file"), COURSE_WORKSPACE=str(tmp_path / "mine"))
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"cannot write {tmp_path / 'file'}")
    assert done.stderr.count("\n") == 1


def test_submit_where_nobody_may_write_is_one_line_and_status_3(run_course, public_folder: Path, root: Path) -> None:
    lab_folder(root, public_folder / "mine")
    (public_folder / "closed").mkdir(mode=0o555)
    places = {"COURSE_WORKSPACE": str(public_folder / "mine"), "COURSE_PROGRESS": os.devnull}
    to = str(public_folder / "closed")
    done = run_course("submit", "00", "--to", to, cwd=public_folder, nobody=True, **places)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1), done.stderr
    assert "Permission denied; name another place with --to" in done.stderr
    assert list((public_folder / "closed").iterdir()) == []


def test_submit_without_a_copy_of_the_lab_says_how_to_make_one(run_course, tmp_path: Path) -> None:
    done = run_course("submit", "00", COURSE_WORKSPACE=str(tmp_path / "none"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "has no lab.ipynb" in done.stderr


Send = Callable[..., Path]


@pytest.fixture
def send(tmp_path: Path) -> Send:
    """Puts a bundle into the class's folder."""

    def put(sent: Bundle, name: str | None = None) -> Path:
        return hand_over(sent, tmp_path / "sent" / name if name else tmp_path / "sent")

    return put


def collected(tmp_path: Path, files: tuple[str, ...] = ()) -> tuple[list[str], tuple[str, ...]]:
    found = collect_bundles(LAB, files, tmp_path / "sent", tmp_path / "submitted")
    return sorted(taken.learner for taken in found.taken), found.refused


def test_newest_of_several_wins_whatever_its_name_and_zone(tmp_path: Path, send: Send) -> None:
    send(bundle(time="2026-11-22T12:00:00+00:00", **{"lab.ipynb": b"old"}), "z.zip")
    send(bundle(time="2026-11-22T13:30:00+01:00", **{"lab.ipynb": b"newest"}), "a.zip")
    send(bundle(time="2026-11-22T23:00:00+12:00", **{"lab.ipynb": b"oldest"}), "m.zip")
    assert collected(tmp_path) == (["ada"], ())
    target = tmp_path / "submitted" / "ada" / LAB
    assert (target / "lab.ipynb").read_bytes() == b"newest"
    assert (target / "timestamp.txt").read_text() == "2026-11-22 12:30:00.000000 UTC"


def test_bundles_of_other_labs_are_passed_over(tmp_path: Path, send: Send) -> None:
    send(bundle(lab="week_01_tokenization"))
    send(bundle("eve"))
    assert collected(tmp_path) == (["eve"], ())
    assert [path.name for path in (tmp_path / "submitted").iterdir()] == ["eve"]


def test_refused_bundles_are_named_and_the_others_taken(tmp_path: Path, send: Send) -> None:
    send(bundle("eve"))
    (tmp_path / "sent" / "bad.zip").write_bytes(b"x")
    learners, (refused,) = collected(tmp_path)
    assert learners == ["eve"]
    assert refused.startswith(f"{tmp_path / 'sent' / 'bad.zip'}: not a submission")


def test_bundle_with_a_file_nobody_asked_for_is_refused(tmp_path: Path, send: Send) -> None:
    path = send(bundle(**{"conftest.py": b""}))
    assert collected(tmp_path) == (
        [],
        (f"{path}: holds 'conftest.py', which {LAB} does not ask for; ask for it again",),
    )


def test_bundle_without_a_file_that_is_asked_for_is_refused(tmp_path: Path, send: Send) -> None:
    path = send(bundle())
    assert collected(tmp_path, ("app.py",)) == (
        [],
        (f"{path}: lacks 'app.py', which {LAB} asks for; ask for it again",),
    )


def test_bundle_without_a_notebook_is_refused(tmp_path: Path, send: Send) -> None:
    path = send(Bundle(LAB, "v1", "ada", NOON, {}))
    assert collected(tmp_path) == ([], (f"{path}: lacks 'lab.ipynb', which {LAB} asks for; ask for it again",))


def test_second_collection_takes_nothing_and_touches_nothing(tmp_path: Path, send: Send) -> None:
    send(bundle())
    collected(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "submitted").rglob("*")}
    assert collected(tmp_path) == ([], ())
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "submitted").rglob("*")} == before


def test_later_submission_replaces_the_earlier_one_whole(tmp_path: Path, send: Send) -> None:
    send(bundle(**{"app.py": b"old"}))
    collected(tmp_path, ("app.py",))
    send(bundle(time="2026-11-22T12:00:01+00:00", **{"app.py": b"new"}))
    collected(tmp_path, ("app.py",))
    target = tmp_path / "submitted" / "ada" / LAB
    assert sorted(path.name for path in target.iterdir()) == ["app.py", "lab.ipynb", "receipt.txt", "timestamp.txt"]
    assert (target / "app.py").read_bytes() == b"new"


def test_earlier_submission_that_arrives_late_changes_nothing(tmp_path: Path, send: Send) -> None:
    send(bundle())
    collected(tmp_path)
    send(bundle(time="2026-11-22T12:59:00+02:00", **{"lab.ipynb": b"earlier"}))
    assert collected(tmp_path) == ([], ())


def test_what_was_collected_is_a_submission_to_nbgrader(tmp_path: Path, send: Send) -> None:
    from nbgrader.api import MissingEntry
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.utils import parse_utc
    from traitlets.config import Config

    send(bundle("Ada Lovelace", time="2026-11-22T13:00:00+01:00"))
    collected(tmp_path)
    stamp = tmp_path / "submitted" / "Ada Lovelace" / LAB / "timestamp.txt"
    assert parse_utc(stamp.read_text()) == datetime(2026, 11, 22, 12)
    api = NbGraderAPI(config=Config({"CourseDirectory": {"root": str(tmp_path)}}))
    assert api.get_submitted_students(LAB) == {"Ada Lovelace"}
    assert MissingEntry


def test_collect_says_what_it_took_and_refused_with_status_1(
    run_course, tmp_path: Path, root: Path, send: Send
) -> None:
    small = tmp_path / "course"
    small.mkdir()
    shutil.copy(root / "course.toml", small)
    send(bundle())
    (tmp_path / "sent" / "bad.zip").write_bytes(b"x")
    done = run_course("collect", "00", "--from", str(tmp_path / "sent"), COURSE_ROOT=str(small))
    assert done.returncode == 1
    assert f"{LAB}: 1 collected, 1 refused\n" in done.stdout
    assert done.stderr.startswith(f"refused {tmp_path / 'sent' / 'bad.zip'}: ")
    assert (small / "build" / "nbgrader" / "submitted" / "ada" / LAB / "receipt.txt").read_text() == bundle().receipt


def test_collect_from_no_folder_is_a_usage_error(run_course, tmp_path: Path) -> None:
    done = run_course("collect", "00", "--from", str(tmp_path / "none"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_collect_into_a_place_that_cannot_be_written_is_one_line_and_status_3(
    run_course, tmp_path: Path, root: Path, send: Send
) -> None:
    small = tmp_path / "course"
    small.mkdir()
    shutil.copy(root / "course.toml", small)
    (small / "build").write_text("")
    send(bundle())
    done = run_course("collect", "00", "--from", str(tmp_path / "sent"), COURSE_ROOT=str(small))
    assert (done.returncode, done.stderr.count("\n")) == (3, 1), done.stderr
    assert "Not a directory" in done.stderr
