"""Rules about what spans weeks: tracks follow the prerequisites, capstones have the time they need."""

from collections.abc import Iterator

from courseware.manifest.broken import Broken, unknown
from courseware.manifest.course import Course
from courseware.manifest.positions import KeyPath
from courseware.manifest.schedule import Track
from courseware.manifest.week_rules import LAST_WEEK

FIRST_CAPSTONE_WEEK = 19


def capstones_have_time(course: Course) -> Iterator[Broken]:
    """A capstone starts in week 19 at the earliest and is due after it starts."""
    for index, capstone in enumerate(course.capstones):
        start, due = capstone.start_week, capstone.due_week
        if start < FIRST_CAPSTONE_WEEK:
            path = ("capstone", index, "start_week")
            yield Broken(path, f"is {start}; capstones start in week {FIRST_CAPSTONE_WEEK} or later")
        if not start < due <= LAST_WEEK:
            path = ("capstone", index, "due_week")
            yield Broken(path, f"is {due}; choose a week after {start}, up to {LAST_WEEK}")


def tracks_follow_the_graph(course: Course) -> Iterator[Broken]:
    """No track takes a week before what it builds on, unless it says that it assumes it."""
    for index, track in enumerate(course.tracks):
        if bool(track.units) == bool(track.weeks):
            yield Broken(("track", index), "needs either units or weeks, not both; keep one of the two")
        else:
            yield from _order(course, ("track", index), track)
            yield from _assumptions(course, ("track", index), track)
            yield from _extras(course, ("track", index), track)


def _order(course: Course, at: KeyPath, track: Track) -> Iterator[Broken]:
    needs = _needs(course)
    taken = {0}
    for position, number in enumerate(track.week_numbers):
        path = (*at, "units", position // 2) if track.units else (*at, "weeks", position)
        if number in taken:
            yield Broken(path, f"takes week {number} a second time; remove it")
        if number not in needs:
            yield Broken(path, f"leads to week {number}, which does not exist; remove it")
        for missing in sorted(needs.get(number, set()) - taken - set(track.assumes)):
            advice = f"put {missing} earlier or into assumes"
            yield Broken(path, f"takes week {number} without week {missing} before it; {advice}")
        taken.add(number)


def _needs(course: Course) -> dict[int, set[int]]:
    """For each week the numbers of those it builds on."""
    numbers = {week.id: week.number for week in course.weeks}
    return {week.number: {numbers[name] for name in week.prerequisites if name in numbers} for week in course.weeks}


def _assumptions(course: Course, at: KeyPath, track: Track) -> Iterator[Broken]:
    path = set(track.week_numbers)
    needs = _needs(course)
    needed = set().union(*(needs.get(number, set()) for number in path))
    for position, number in enumerate(track.assumes):
        if number in path:
            yield Broken((*at, "assumes", position), f"is {number}, which the track takes itself; remove it")
        elif number not in needed:
            yield Broken((*at, "assumes", position), f"is {number}, which no week of it builds on; remove it")


def _extras(course: Course, at: KeyPath, track: Track) -> Iterator[Broken]:
    yield from unknown((*at, "capstones"), track.capstones, [item.id for item in course.capstones])
    yield from unknown((*at, "electives"), track.electives, [item.id for item in course.electives])
    reached = {*track.week_numbers, *track.assumes, 0}
    numbers = {week.id: week.number for week in course.weeks}
    needs = {capstone.id: capstone.prerequisites for capstone in course.capstones}
    needs |= {elective.id: elective.prerequisites for elective in course.electives}
    for key, names in (("capstones", track.capstones), ("electives", track.electives)):
        for position, name in enumerate(names):
            missing = sorted({numbers.get(week_id, 0) for week_id in needs.get(name, ())} - reached)
            for number in missing:
                yield Broken((*at, key, position), f"is {name}, which needs week {number}; add the week or drop it")
