"""`course collect --from DIR`: which bundles of a class are taken in, and what is said of the others."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from courseware.grading.collect import collect_bundles
from courseware.learner.submit import hand_over
from courseware.submission import Bundle

LAB = "week_00_start_here"
NOON = "2026-11-22T12:00:00+00:00"


def bundle(learner: str = "ada", time: str = NOON, lab: str = LAB, **files: bytes) -> Bundle:
    return Bundle(lab, "v1", learner, time, {"lab.ipynb": b"{}", **files})


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
    assert sorted(path.name for path in target.iterdir()) == [
        "app.py",
        "lab.ipynb",
        "submission_secret.txt",
        "timestamp.txt",
    ]
    assert (target / "app.py").read_bytes() == b"new"


def test_earlier_submission_that_arrives_late_changes_nothing(tmp_path: Path, send: Send) -> None:
    send(bundle())
    collected(tmp_path)
    send(bundle(time="2026-11-22T12:59:00+02:00", **{"lab.ipynb": b"earlier"}))
    assert collected(tmp_path) == ([], ())


def test_what_was_collected_is_a_submission_to_nbgrader(tmp_path: Path, send: Send) -> None:
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.utils import parse_utc
    from traitlets.config import Config

    send(bundle("Ada Lovelace", time="2026-11-22T13:00:00+01:00"))
    collected(tmp_path)
    stamp = tmp_path / "submitted" / "Ada Lovelace" / LAB / "timestamp.txt"
    assert parse_utc(stamp.read_text()) == datetime(2026, 11, 22, 12)
    api = NbGraderAPI(config=Config({"CourseDirectory": {"root": str(tmp_path)}}))
    assert api.get_submitted_students(LAB) == {"Ada Lovelace"}


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
    assert (
        small / "build" / "nbgrader" / "submitted" / "ada" / LAB / "submission_secret.txt"
    ).read_text() == bundle().receipt


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
