"""The journal forgets nothing that was written, whatever happened to who wrote it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from courseware.grading.errors import GradingError
from courseware.grading.journal import Identity, Journal

ME = Identity("s1", "v1", "g1", "autumn")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """An empty journal."""
    return Journal(tmp_path / "journal" / "week_01_tokenization")


def begun(identity: Identity = ME) -> dict[str, object]:
    return {"identity": identity.__dict__, "try": 1, "at": 0.0}


def test_attempts_are_numbered_by_what_was_handed_in(journal: Journal) -> None:
    for submission in ("aaaa", "bbbb", "aaaa", "cccc"):
        journal.attempt("ada", submission).write(begun={})
    assert [(one.number, one.path.stem) for one in journal.attempts("ada")] == [
        (1, "001-aaaa"),
        (2, "002-bbbb"),
        (3, "003-cccc"),
    ]
    assert journal.attempts("bob") == []


def test_a_result_is_found_for_its_own_identity_alone(journal: Journal) -> None:
    attempt = journal.attempt("ada", "s1")
    attempt.write(begun=begun())
    assert attempt.examined(ME) is None
    attempt.write(examined={"score": 3})
    assert attempt.examined(ME) == {"score": 3}
    for name in ("submission", "version", "graders", "seed"):
        assert attempt.examined(replace(ME, **{name: "other"})) is None


def test_the_last_of_several_results_counts(journal: Journal) -> None:
    attempt = journal.attempt("ada", "s1")
    for score, identity in ((1, ME), (2, replace(ME, graders="g2")), (3, ME)):
        attempt.write(begun=begun(identity))
        attempt.write(examined={"score": score})
    assert attempt.examined(ME) == {"score": 3}
    assert attempt.examined(replace(ME, graders="g2")) == {"score": 2}


@pytest.mark.parametrize("kept", range(1, 40, 7))
def test_a_line_that_was_cut_off_costs_itself_alone(journal: Journal, kept: int) -> None:
    attempt = journal.attempt("ada", "s1")
    attempt.write(begun=begun())
    whole = attempt.path.read_bytes()
    attempt.path.write_bytes(whole + json.dumps({"examined": {"score": 1, "words": "x" * 40}}).encode()[:kept])
    assert attempt.examined(ME) is None
    attempt.write(begun=begun())
    attempt.write(examined={"score": 2})
    assert attempt.examined(ME) == {"score": 2}
    assert len(attempt.lines) == 3


def test_recorded_is_what_was_written_last(journal: Journal) -> None:
    attempt = journal.attempt("ada", "s1")
    assert not attempt.is_recorded
    attempt.write(examined={})
    assert not attempt.is_recorded
    attempt.write(recorded={})
    assert attempt.is_recorded
    attempt.write(begun=begun())
    assert not attempt.is_recorded


def test_a_disk_that_is_full_is_said_in_one_line(journal: Journal) -> None:
    attempt = journal.attempt("ada", "s1")
    attempt.path.parent.mkdir(parents=True)
    attempt.path.symlink_to("/dev/full")
    with pytest.raises(GradingError, match="No space left on device; make room") as caught:
        attempt.write(begun={})
    assert "\n" not in str(caught.value)
