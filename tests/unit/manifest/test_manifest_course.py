"""The real course.toml keeps what the course promises."""

from datetime import date

import pytest

import courseware.manifest as manifest
from courseware.manifest import Course, ManifestError


def test_public_door_is_short_and_complete() -> None:
    assert len(manifest.__all__) <= 10
    assert all(hasattr(manifest, name) for name in manifest.__all__)


def test_weeks_run_from_0_to_48(course: Course) -> None:
    assert [week.number for week in course.weeks] == list(range(49))


def test_units_phases_and_capstones_are_all_there(course: Course) -> None:
    assert [unit.number for unit in course.units] == list(range(25))
    assert [phase.number for phase in course.phases] == [1, 2, 3, 4]
    assert [capstone.id for capstone in course.capstones] == ["C1", "C2", "C3", "C4", "C5", "C6", "C7"]


def test_each_phase_has_twelve_weeks(course: Course) -> None:
    assert [len(course.phase_weeks(phase)) for phase in (1, 2, 3, 4)] == [12, 12, 12, 12]


def test_tracks_last_as_long_as_they_say(course: Course) -> None:
    lasting = {track.id: len(track.calendar) for track in course.tracks}
    assert lasting["full"] == 48
    assert lasting["semester"] == 15
    assert lasting["intensive"] == 10
    assert {"azure", "aws"} <= lasting.keys()


def test_weekly_labs_give_50_points_and_lab_00_one(course: Course) -> None:
    assert [week.lab.points for week in course.weeks] == [1] + [50] * 48


def test_second_weeks_leave_40_points_to_the_checks(course: Course) -> None:
    assert {week.lab.automatic_points for week in course.weeks[2::2]} == {40}


def test_deliverable_is_finished_in_the_second_week(course: Course) -> None:
    assert course.deliverable_of(course.week("01")) is None
    assert course.deliverable_of(course.week("02")) == course.unit(1).deliverable


def test_lab_is_due_in_its_own_week(course: Course) -> None:
    assert course.week("07").due_week == 7


def test_objects_cannot_be_changed(course: Course) -> None:
    with pytest.raises(ValueError, match="frozen"):
        course.weeks[1].title = "Another"


def test_defaults_reach_lessons_labs_and_limits(course: Course) -> None:
    assert course.week("03").lesson.state in ("ready", "planned")
    assert course.week("44").lab.limits.submission_seconds == 300
    assert course.week("44").lab.limits.cell_seconds == course.week("43").lab.limits.cell_seconds


def test_roles_that_notebooks_use_exist(course: Course) -> None:
    assert set(course.roles) == {"small", "large", "judge", "embed", "local"}


def test_every_model_is_dated(course: Course) -> None:
    assert {model.checked for model in course.models} == {date(2026, 11, 21)}


def test_model_stops_answering_on_its_last_day(course: Course) -> None:
    model = course.model("gpt-4o")
    assert model.answers_on(date(2027, 1, 13))
    assert not model.answers_on(date(2027, 1, 14))


def test_model_family_answers_for_its_members(course: Course) -> None:
    assert not course.model("gemini-1.5-pro").answers_on(date(2026, 11, 21))


def test_unknown_model_names_the_nearest(course: Course) -> None:
    with pytest.raises(ManifestError, match=r"no model is called 'gpt-6-lunar'; choose one of gpt-6-luna"):
        course.model("gpt-6-lunar")


def test_unknown_track_names_the_choices(course: Course) -> None:
    with pytest.raises(ManifestError, match="choose one of full, semester, intensive, azure, aws"):
        course.track("xyz")


def test_track_weeks_are_in_the_order_they_are_taken(course: Course) -> None:
    assert [week.number for week in course.track_weeks("semester")][:4] == [1, 2, 3, 4]
