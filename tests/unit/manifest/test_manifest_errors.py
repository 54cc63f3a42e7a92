"""A slip in course.toml is reported with its line, its key, its value and the remedy."""

from collections.abc import Callable
from pathlib import Path

import pytest

from courseware.manifest import Course, ManifestError, load
from courseware.manifest.errors import InvalidManifestError

Complaint = Callable[[str, str], str]

_LAB = 'assistance = "closed"  # lab 07'


def test_plain_manifest_is_valid(plain: str, read: Callable[[str], Course]) -> None:
    assert len(read(plain).weeks) == 49


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("points = 5O", "week_07_topic.lab.points is 5O, not a whole number; write a number such as 50"),
        ('points = "50"', 'week_07_topic.lab.points is "50", not a whole number; write a number such as 50'),
        ("points = 2.5", "week_07_topic.lab.points is 2.5, not a whole number; write a number such as 50"),
        (
            "points = 0",
            "week_07_topic.lab.points is 0, which is refused: input should be greater than or equal to 1",
        ),
        (
            "minutes_measured = 1",
            "week_07_topic.lab.minutes_measured is 1, not a yes or no; write true or false",
        ),
        (
            'files = "a.py"',
            'week_07_topic.lab.files is "a.py", not a list; write ["one", "two"], or [] for none',
        ),
        ('files = ["a.py", 3]', 'week_07_topic.lab.files[1] is 3, not text; put it in "quotes"'),
        ('files = [""]', 'week_07_topic.lab.files[0] is "", empty; write some text'),
        ("limits = 3", "week_07_topic.lab.limits is 3, not a table; give it a [header] of its own"),
        ("limits = {memory_mb = true}", "week_07_topic.lab.limits.memory_mb is true, not a whole number"),
        (
            'state = "redy"',
            "week_07_topic.lab.state is \"redy\", not one of 'ready' or 'planned'; did you mean 'ready'",
        ),
        (
            'state = "x"',
            "week_07_topic.lab.state is \"x\", not one of 'ready' or 'planned'; write one of them",
        ),
        ("state = ready", 'week_07_topic.lab.state is text without quotes; write state = "ready"'),
        ("pionts = 50", "week_07_topic.lab.pionts is not a known key; did you mean points"),
        ("zzz = 50", "week_07_topic.lab.zzz is not a known key; the keys here are data, corpora"),
        ("minutes = 60", "minutes = 60 stands a second time in its table; remove one of the two"),
        ("= 5", "= 5 is not TOML: invalid statement; repair this line or the ones before it (column 1)"),
    ],
)
def test_wrong_value_is_named_with_its_line(complaint: Complaint, written: str, said: str) -> None:
    assert complaint(_LAB, f"{written}\n{_LAB}").startswith(f"LINE {said}")


def test_wrong_date_is_named(complaint: Complaint) -> None:
    said = complaint("shutdown = 2027-01-14", 'shutdown = "soon"')
    assert said == 'LINE model.real-1.shutdown is "soon", not a date; write a day such as 2026-11-21, without quotes'


def test_wrong_price_is_named(complaint: Complaint) -> None:
    said = complaint("input_usd = 2.00", 'input_usd = "2"')
    assert said == 'LINE model.real-1.input_usd is "2", not a number; write a number such as 0.5'


def test_wrong_id_shows_the_form(complaint: Complaint) -> None:
    assert complaint('id = "week_07_topic"', 'id = "week7"').startswith('LINE week7.id is "week7", not of the form')


def test_missing_key_is_reported_at_its_table(complaint: Complaint) -> None:
    said = complaint('[role.large]\nalias = "course-large"', "[role.large]")
    assert said == "LINE role.large.alias is missing; add alias = ... to this table"


def test_wrong_default_is_reported_once_and_where_it_stands(complaint: Complaint) -> None:
    said = complaint("points = 50", 'points = "fifty"')
    assert said == 'LINE defaults.week.lab.points is "fifty", not a whole number; write a number such as 50'


def test_misspelt_default_is_reported_once_and_where_it_stands(complaint: Complaint) -> None:
    assert complaint("points = 50", "pionts = 50").splitlines()[0] == (
        "LINE defaults.week.lab.pionts is not a known key; did you mean points"
    )


def test_defaults_of_an_unknown_kind_are_reported(complaint: Complaint) -> None:
    said = complaint("[defaults.week]\n", "[defaults.role]\n[defaults.week]\n")
    assert said == "LINE defaults.role is not a known key; only week and model have defaults"


def test_several_problems_are_reported_together_in_file_order(plain: str, read: Callable[[str], Course]) -> None:
    spoilt = plain.replace("minutes = 80  # lesson 03", "minutes = 8O")
    spoilt = spoilt.replace('alias = "course-large"', "alias = 7")
    spoilt = spoilt.replace("minutes = 75  # lab 02", "minits = 75")
    with pytest.raises(InvalidManifestError) as caught:
        read(spoilt)
    assert [line.split()[1].removeprefix("week_") for line in str(caught.value).splitlines()] == [
        "02_topic.lab.minutes",
        "02_topic.lab.minits",
        "03_topic.lesson.minutes",
        "role.large.alias",
    ]


def test_unclosed_list_is_reported_at_the_end(read: Callable[[str], Course]) -> None:
    with pytest.raises(InvalidManifestError, match=r"^course\.toml:2: last = \[1, is not TOML: .*; repair this line"):
        read('title = "A"\nlast = [1,')


def test_empty_file_misses_everything(read: Callable[[str], Course]) -> None:
    with pytest.raises(InvalidManifestError, match=r"^course\.toml:1: capstone is missing; add capstone"):
        read("")


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"nowhere\.toml is not a file; give the path of a course\.toml"):
        load(tmp_path / "nowhere.toml")
