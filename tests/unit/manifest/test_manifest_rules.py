"""Every rule of the manifest can go red, and says where and why."""

from collections.abc import Callable

import pytest

from courseware.manifest import Course
from courseware.manifest.errors import InvalidManifestError

_WEEK_7 = 'prerequisites = ["week_06_topic"]  # of week 07'
_LAB_7 = 'assistance = "closed"  # lab 07'
_LAB_8 = 'assistance = "closed"  # lab 08'
_C1 = 'prerequisites = ["week_10_topic"]  # of C1'
_EXTRA = 'prerequisites = ["week_10_topic"]  # of extra'
_FULL = "units = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]"
_SHORT = "weeks = [1, 2, 3, 5]"
_ASSUMES = "assumes = [4]"
_ALIAS = 'alias = "course-large"'

Complaint = Callable[[str, str], str]


_WEEK_CASES = [
    (
        'id = "week_07_topic"',
        'id = "week_06_again"',
        "week_06_again.id is a second week 06; give it a number of its",
    ),
    (
        'id = "week_48_topic"',
        'id = "week_49_topic"',
        "week_49_topic.id lies after week 48, the last; remove it",
    ),
    ("unit = 4  # of week 07", "unit = 5", "week_07_topic.unit is 5; week 7 belongs to unit 4, write that"),
    ("unit = 4  # of week 07", "unit = 77", "week_07_topic.unit is 77, and no [[unit]] has that number"),
    ("phase = 1  # of unit 07", "phase = 5", "unit.7.phase is 5, and no [[phase]] has that number; add it"),
    ("minutes = 80  # lesson 07", "minutes = 95", "week_07_topic.lesson.minutes is 95, not 60 to 90"),
    ("minutes = 75  # lab 07", "minutes = 40", "week_07_topic.lab.minutes is 40, not 45 to 90"),
    (_LAB_8, f"manual_points = 11\n{_LAB_8}", "week_08_topic.lab.manual_points is 11, more than 10"),
    (
        _LAB_8,
        f"manual_points = 6\npoints = 5\n{_LAB_8}",
        "week_08_topic.lab.manual_points is 6, more than the lab's 5",
    ),
    (_LAB_7, f"manual_points = 5\n{_LAB_7}", "week_07_topic.lab.manual_points is 5, in a unit's first week"),
    (_LAB_7, f"due_week = 6\n{_LAB_7}", "week_07_topic.lab.due_week is 6; choose 7 to 48, or leave it out"),
    (_LAB_7, f"due_week = 49\n{_LAB_7}", "week_07_topic.lab.due_week is 49; choose 7 to 48, or leave it out"),
]

# What a prerequisite becomes, and what is said about it after the key's name.
_PREREQUISITE_CASES = [
    (_WEEK_7, "week_06_typo", "is week_06_typo, and no week has that id; did you mean week_06_topic"),
    (_WEEK_7, "week_99_topic", "is week_99_topic, and no week has that id; use the id of an earlier week"),
    (_WEEK_7, "week_07_topic", "is week_07_topic, which does not come before week 7; remove it"),
    (_WEEK_7, "week_08_topic", "is week_08_topic, which does not come before week 7; remove it"),
    (_C1, "week_31_topic", "is week_31_topic, which does not come before week 30; remove it"),
    (_EXTRA, "week_10_typo", "is week_10_typo, and no week has that id; did you mean week_10_topic"),
]

_PATH_CASES = [
    (
        "start_week = 20",
        "start_week = 18",
        "capstone.C1.start_week is 18; capstones start in week 19 or later",
    ),
    ("due_week = 30", "due_week = 20", "capstone.C1.due_week is 20; choose a week after 20, up to 48"),
    (
        _FULL,
        _FULL.replace("3, 4", "4, 3"),
        "track.full.units[2] takes week 7 without week 6 before it; put 6 earlier",
    ),
    (
        _FULL,
        _FULL.replace("24]", "24, 25]"),
        "track.full.units[24] leads to week 49, which does not exist; remove it",
    ),
    (
        _SHORT,
        "weeks = [1, 3, 2, 5]",
        "track.short.weeks[1] takes week 3 without week 2 before it; put 2 earlier",
    ),
    (_SHORT, "weeks = [1, 2, 2, 3, 5]", "track.short.weeks[2] takes week 2 a second time; remove it"),
    (_ASSUMES, "assumes = [4, 3]", "track.short.assumes[1] is 3, which the track takes itself; remove it"),
    (_ASSUMES, "assumes = [4, 9]", "track.short.assumes[1] is 9, which no week of it builds on; remove it"),
    (
        _ASSUMES,
        f'capstones = ["C9"]\n{_ASSUMES}',
        "track.short.capstones[0] is C9, which does not exist; use one of C1",
    ),
    (
        _ASSUMES,
        f'capstones = ["C1"]\n{_ASSUMES}',
        "track.short.capstones[0] is C1, which needs week 10; add the week",
    ),
    (
        _ASSUMES,
        f'electives = ["extra"]\n{_ASSUMES}',
        "track.short.electives[0] is extra, which needs week 10",
    ),
    ('id = "short"', 'id = "full"', "track.full.id is used twice: full; each track needs its own"),
]

_MODEL_CASES = [
    (
        _ALIAS,
        'alias = "course-small"',
        "role.large.alias is used twice: course-small; each role needs its own",
    ),
    (_ALIAS, 'alias = "real-2"', "role.large.alias is real-2, a real model's name; choose a neutral one"),
    (
        'openai = "real-1"',
        'openai = "real-9"',
        "role.small.with_key.openai is real-9, which no [[model]] names; add it",
    ),
    ('terms = "usual"', 'terms = "odd"', "model.real-1.terms is odd, which does not exist; use one of usual"),
    (
        'rules = "strict"',
        'rules = "odd"',
        "model.real-1.rules is odd, which does not exist; use one of strict",
    ),
    (
        'replacement = "real-2"',
        'replacement = "x"',
        "model.real-1.replacement is x, which no [[model]] names; add it",
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), [*_WEEK_CASES, *_PATH_CASES, *_MODEL_CASES])
def test_broken_rule_is_reported_at_its_line(complaint: Complaint, old: str, new: str, said: str) -> None:
    assert f"LINE {said}" in complaint(old, new)


@pytest.mark.parametrize(("old", "week_id", "said"), _PREREQUISITE_CASES)
def test_impossible_prerequisite_is_reported(complaint: Complaint, old: str, week_id: str, said: str) -> None:
    assert f".prerequisites[0] {said}" in complaint(old, f'prerequisites = ["{week_id}"]')


def test_track_with_units_and_weeks_is_reported(complaint: Complaint) -> None:
    assert "track.full needs either units or weeks, not both" in complaint(_FULL, f"{_FULL}\nweeks = [1]")


def test_missing_week_is_named(complaint: Complaint) -> None:
    said = complaint('id = "week_48_topic"', 'id = "week_47_again"')
    assert "week 48 is missing; add a [[week]] with an id like week_48_topic" in said


def test_weeks_out_of_order_are_reported(plain: str, read: Callable[[str], Course]) -> None:
    swapped = plain.replace('"week_07_topic"\n', '"week_08_swap"\n').replace('"week_08_topic"\n', '"week_07_swap"\n')
    with pytest.raises(InvalidManifestError, match=r"week_07_swap\.id is out of order; sort the weeks by number"):
        read(swapped)


@pytest.mark.parametrize("practice", [30, 400])
def test_week_with_too_few_or_too_many_hours_is_reported(complaint: Complaint, practice: int) -> None:
    said = complaint('title = "Week 07"', f'title = "Week 07"\npractice_minutes = {practice}')
    total = 80 + 75 + 60 + practice
    assert f"week_07_topic adds up to {total} minutes, not to 5 to 8 hours; change reading_minutes" in said


def test_orientation_week_may_have_its_own_hours(plain: str, read: Callable[[str], Course]) -> None:
    course = read(plain.replace("minutes = 75  # lab 00", "minutes = 10").replace("80  # lesson 00", "400"))
    assert course.weeks[0].minutes == 590


def test_unit_without_weeks_is_reported(plain: str, read: Callable[[str], Course]) -> None:
    extra = '[[unit]]\nnumber = 25\nphase = 1\ntitle = "T"\ndeliverable = "D"\ngraded_on = "G"\n'
    with pytest.raises(InvalidManifestError, match=r"unit\.25\.number is 25, and no week belongs to it; remove it"):
        read(plain + extra)


@pytest.mark.parametrize(
    ("kind", "key"), [("phase", "number"), ("unit", "number"), ("capstone", "id"), ("model", "name")]
)
def test_second_entry_of_a_name_is_reported(plain: str, read: Callable[[str], Course], kind: str, key: str) -> None:
    start = plain.index(f"[[{kind}]]")
    entry = plain[start : plain.index("\n\n", start)]
    with pytest.raises(InvalidManifestError, match=rf"{kind}\..*\.{key} is used twice: .*; each {kind} needs its own"):
        read(f"{plain}\n{entry}\n")


def test_source_that_does_not_exist_is_reported(plain: str, read: Callable[[str], Course]) -> None:
    with pytest.raises(
        InvalidManifestError,
        match=r"model\.old-\*\.sources\[0\] is tabel, which does not",
    ):
        read('"tabel"'.join(plain.rsplit('"table"', 1)))


def test_assumed_week_needs_no_place_in_the_track(plain: str, read: Callable[[str], Course]) -> None:
    assert read(plain).track("short").calendar == ((1, 2), (3, 5))
