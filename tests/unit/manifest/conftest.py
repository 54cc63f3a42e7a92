"""A complete but plain manifest to spoil in one place at a time, and the repository's own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from courseware.manifest import Course, load
from courseware.manifest.errors import InvalidManifestError

REPOSITORY = Path(__file__).resolve().parents[3]

_HEAD = """\
title = "A course"
summary = "For tests."
hours_per_week = { least = 5, most = 8 }

[[phase]]
number = 1
title = "All of it"
summary = "Everything."

[defaults.week]
extras = ["base"]
binder = "full"
reading_minutes = 60
practice_minutes = 120

[defaults.week.lesson]
state = "planned"

[defaults.week.lab]
state = "planned"
points = 50
manual_points = 0
minutes_measured = false
limits = { cell_seconds = 30, memory_mb = 2048, submission_seconds = 120 }

[defaults.model]
checked = 2026-11-21
"""

_UNIT = """
[[unit]]
number = {unit}
phase = 1  # of unit {unit:02}
title = "Unit {unit:02}"
deliverable = "Something"
graded_on = "merit"
"""

_WEEK = """
[[week]]
id = "week_{week:02}_topic"
unit = {unit}  # of week {week:02}
title = "Week {week:02}"
summary = "You learn."
prerequisites = [{prerequisite}]  # of week {week:02}
[week.lesson]
minutes = 80  # lesson {week:02}
[week.lab]
title = "Lab {week:02}"
minutes = 75  # lab {week:02}
assistance = "closed"  # lab {week:02}
"""

_TAIL = """
[[capstone]]
id = "C1"
title = "A project"
summary = "Long."
must_contain = ["work"]
state = "planned"
start_week = 20
due_week = 30
hours = 20
prerequisites = ["week_10_topic"]  # of C1

[[elective]]
id = "extra"
title = "An elective"
summary = "Short."
state = "planned"
minutes = 60
prerequisites = ["week_10_topic"]  # of extra

[[track]]
id = "full"
title = "All"
summary = "Everything."
pace = 1
units = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]

[[track]]
id = "short"
title = "Little"
summary = "The start."
pace = 2
weeks = [1, 2, 3, 5]
assumes = [4]

[role.small]
alias = "course-small"
kind = "chat"
summary = "Small."
with_key = { openai = "real-1" }

[role.large]
alias = "course-large"
kind = "chat"
summary = "Large."

[source.table]
title = "A table"

[terms.usual]
summary = "Half price."
batch_factor = 0.5

[rules.strict]
summary = "No."
rejects = ["temperature"]

[[model]]
name = "real-1"
provider = "openai"
kind = "chat"
input_usd = 2.00
output_usd = 10.00
terms = "usual"
rules = "strict"
shutdown = 2027-01-14
replacement = "real-2"
sources = ["table"]

[[model]]
name = "real-2"
provider = "openai"
kind = "chat"
sources = ["table"]

[[model]]
name = "old-*"
provider = "google"
kind = "chat"
gone_by = 2026-10-23
sources = ["table"]
"""


def _week(number: int) -> str:
    prerequisite = f'"week_{number - 1:02}_topic"' if number else ""
    return _WEEK.format(week=number, unit=(number + 1) // 2, prerequisite=prerequisite)


@pytest.fixture
def plain() -> str:
    """A valid course.toml in which every value can be found by a comment or a unique text."""
    units = "".join(_UNIT.format(unit=number) for number in range(25))
    return _HEAD + units + "".join(_week(number) for number in range(49)) + _TAIL


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Course]:
    """Loads a text as if it were a course.toml."""

    def from_text(text: str) -> Course:
        path = tmp_path / "course.toml"
        path.write_text(text, encoding="utf-8")
        return load(path)

    return from_text


@pytest.fixture
def complaint(plain: str, read: Callable[[str], Course]) -> Callable[[str, str], str]:
    """What is said about the plain manifest after `old` was replaced by `new`, with the line shown as LINE.

    LINE stands for the line on which `new` begins, so that a test fails when another line is blamed.
    """

    def after(old: str, new: str) -> str:
        assert plain.count(old) == 1, f"{old!r} occurs {plain.count(old)} times"
        spoilt = plain.replace(old, new)
        with pytest.raises(InvalidManifestError) as caught:
            read(spoilt)
        line = plain[: plain.index(old)].count("\n") + 1
        return str(caught.value).replace(f"course.toml:{line}:", "LINE")

    return after


@pytest.fixture
def repository() -> Path:
    """The folder that holds the real course.toml."""
    return REPOSITORY


@pytest.fixture
def course() -> Course:
    """The real course."""
    return load(REPOSITORY / "course.toml")
