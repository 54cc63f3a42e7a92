"""`course submit`: what goes into a bundle, where the bundle goes, and what is said where it cannot."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from courseware.learner.submit import NotHandedOver, NotSubmitted, hand_over, learner_name, make_bundle
from courseware.manifest import Course
from courseware.submission import MOST_BYTES, Bundle, read_bundle

LAB = "week_00_start_here"
NOON = "2026-11-22T12:00:00+00:00"


def bundle(learner: str = "ada", time: str = NOON, lab: str = LAB, **files: bytes) -> Bundle:
    return Bundle(lab, "v1", learner, time, {"lab.ipynb": b"{}", **files})


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
