"""Rules about weeks: each there once, in its unit, after what it builds on, within its hours and points."""

from collections.abc import Iterable, Iterator

from courseware.manifest.broken import Broken
from courseware.manifest.course import Course
from courseware.manifest.positions import KeyPath
from courseware.manifest.schedule import Week

LAST_WEEK = 48
LESSON_MINUTES = (60, 90)
LAB_MINUTES = (45, 90)
MOST_MANUAL_POINTS = 10


def weeks_are_complete(course: Course) -> Iterator[Broken]:
    """Weeks 0 to 48, each once, in order."""
    numbers = [week.number for week in course.weeks]
    for index, number in enumerate(numbers):
        path = ("week", index, "id")
        if number in numbers[:index]:
            yield Broken(path, f"is a second week {number:02}; give it a number of its own")
        elif number > LAST_WEEK:
            yield Broken(path, f"lies after week {LAST_WEEK}, the last; remove it")
        elif index and number < max(numbers[:index]):
            yield Broken(path, "is out of order; sort the weeks by number")
    for number in sorted(set(range(LAST_WEEK + 1)) - set(numbers)):
        yield Broken(("week",), f"{number:02} is missing; add a [[week]] with an id like week_{number:02}_topic")


def weeks_lie_in_their_unit(course: Course) -> Iterator[Broken]:
    """Unit n holds weeks 2n-1 and 2n; unit 0 holds week 0."""
    units = {unit.number for unit in course.units}
    for index, week in enumerate(course.weeks):
        expected = (week.number + 1) // 2
        path = ("week", index, "unit")
        if week.unit not in units:
            yield Broken(path, f"is {week.unit}, and no [[unit]] has that number; add it or correct this")
        elif week.unit != expected:
            yield Broken(path, f"is {week.unit}; week {week.number} belongs to unit {expected}, write that")


def units_lie_in_a_phase(course: Course) -> Iterator[Broken]:
    """No unit is empty or outside every phase."""
    used = {week.unit for week in course.weeks}
    phases = {phase.number for phase in course.phases}
    for index, unit in enumerate(course.units):
        if unit.number not in used:
            yield Broken(("unit", index, "number"), f"is {unit.number}, and no week belongs to it; remove it")
        if unit.phase not in phases:
            yield Broken(("unit", index, "phase"), f"is {unit.phase}, and no [[phase]] has that number; add it")


def prerequisites_come_before(course: Course) -> Iterator[Broken]:
    """Every prerequisite exists and is earlier, so that no circle is possible."""
    for index, week in enumerate(course.weeks):
        yield from _prerequisites(course, ("week", index), week.prerequisites, week.number)
    for index, capstone in enumerate(course.capstones):
        yield from _prerequisites(course, ("capstone", index), capstone.prerequisites, capstone.due_week)
    for index, elective in enumerate(course.electives):
        yield from _prerequisites(course, ("elective", index), elective.prerequisites, LAST_WEEK + 1)


def _prerequisites(course: Course, at: KeyPath, names: Iterable[str], before: int) -> Iterator[Broken]:
    known = {week.id: week.number for week in course.weeks}
    for position, name in enumerate(names):
        path = (*at, "prerequisites", position)
        if name not in known:
            yield Broken(path, f"is {name}, and no week has that id; {_week_hint(course, name)}")
        elif known[name] >= before:
            yield Broken(path, f"is {name}, which does not come before week {before}; remove it")


def _week_hint(course: Course, name: str) -> str:
    same = [week.id for week in course.weeks if week.id[:7] == name[:7]]
    return f"did you mean {same[0]}" if same else "use the id of an earlier week"


def minutes_fit(course: Course) -> Iterator[Broken]:
    """Lesson, lab and the week's total lie in their ranges. Week 0 has a shape of its own: seven sittings."""
    hours = course.hours_per_week
    for index, week in enumerate(course.weeks):
        if week.number == 0:
            continue
        yield from _outside(("week", index, "lesson", "minutes"), week.lesson.minutes, LESSON_MINUTES)
        yield from _outside(("week", index, "lab", "minutes"), week.lab.minutes, LAB_MINUTES)
        if not hours.least * 60 <= week.minutes <= hours.most * 60:
            sum_text = f"adds up to {week.minutes} minutes, not to {hours.least} to {hours.most} hours"
            yield Broken(("week", index), f"{sum_text}; change reading_minutes or practice_minutes")


def _outside(path: KeyPath, minutes: int, allowed: tuple[int, int]) -> Iterator[Broken]:
    if not allowed[0] <= minutes <= allowed[1]:
        advice = "move the rest to reading or practice"
        yield Broken(path, f"is {minutes}, not {allowed[0]} to {allowed[1]}; {advice}")


def manual_points_are_rare(course: Course) -> Iterator[Broken]:
    """Points a person gives: few, and only where a unit ends."""
    for index, week in enumerate(course.weeks):
        manual = week.lab.manual_points
        path = ("week", index, "lab", "manual_points")
        if manual > MOST_MANUAL_POINTS:
            yield Broken(path, f"is {manual}, more than {MOST_MANUAL_POINTS}; let checks give the rest")
        if manual > week.lab.points:
            yield Broken(path, f"is {manual}, more than the lab's {week.lab.points} points; lower it")
        if manual and not _ends_a_unit(week):
            yield Broken(path, f"is {manual}, in a unit's first week; move it to the second")


def _ends_a_unit(week: Week) -> bool:
    return week.number > 0 and week.number % 2 == 0


def labs_are_due_in_time(course: Course) -> Iterator[Broken]:
    """A lab is due in its own week or later."""
    for index, week in enumerate(course.weeks):
        if not week.number <= week.due_week <= LAST_WEEK:
            advice = f"choose {week.number} to {LAST_WEEK}, or leave it out"
            yield Broken(("week", index, "lab", "due_week"), f"is {week.due_week}; {advice}")
