"""Markdown tables of weeks, units, capstones, electives and tracks."""

from collections.abc import Iterable

from courseware.manifest.course import Course
from courseware.manifest.markdown import hours, runs, table
from courseware.manifest.schedule import Capstone, Elective, Phase, Track, Week


def weeks_table(weeks: Iterable[Week]) -> str:
    """One row a week: what it is about, what its lab hands in, how long it takes, what is ready."""
    head = ("week", "lesson", "lab", "hours", "lesson is", "lab is")
    rows = [
        (
            f"{week.number:02}",
            f"**{week.title}**<br>{week.summary}",
            week.lab.title,
            hours(week.minutes),
            week.lesson.state,
            week.lab.state,
        )
        for week in weeks
    ]
    return table(head, rows, right={3})


def phase_section(course: Course, phase: Phase) -> str:
    """What a phase leads to, and its weeks."""
    return f"{phase.summary}\n\n{weeks_table(course.phase_weeks(phase.number))}"


def units_table(course: Course) -> str:
    """One row a unit: its weeks, its deliverable, what the grade is made of."""
    rows = []
    for unit in course.units:
        numbers = [str(week.number) for week in course.unit_weeks(unit.number)]
        rows.append((f"{unit.number:02}", ", ".join(numbers), unit.title, unit.deliverable, unit.graded_on))
    return table(("unit", "weeks", "title", "deliverable", "graded on"), rows)


def capstones_table(capstones: Iterable[Capstone]) -> str:
    """One row a capstone, with what it must contain."""
    rows = [
        (
            item.id,
            f"**{item.title}**<br>{item.summary}",
            "; ".join(item.must_contain),
            f"{item.start_week} to {item.due_week}",
            str(item.hours),
            item.state,
        )
        for item in capstones
    ]
    return table(("", "capstone", "must contain", "weeks", "hours", "state"), rows, right={4})


def electives_table(electives: Iterable[Elective]) -> str:
    """One row an elective, with the weeks it builds on."""
    rows = [
        (
            f"**{item.title}**<br>{item.summary}",
            _week_numbers(item.prerequisites),
            str(item.minutes),
            item.state,
        )
        for item in electives
    ]
    return table(("elective", "after weeks", "minutes", "state"), rows, right={2})


def tracks_table(course: Course) -> str:
    """One row a track: its length on the calendar, the hours it asks for, its path."""
    titles = {elective.id: elective.title for elective in course.electives}
    rows = [
        (
            f"**{track.title}** (`{track.id}`)<br>{track.summary}",
            str(len(track.calendar)),
            _track_hours(course, track),
            runs(track.week_numbers),
            runs(track.assumes) or "nothing",
            ", ".join(track.capstones),
            ", ".join(titles[name] for name in track.electives),
        )
        for track in course.tracks
    ]
    head = ("track", "calendar weeks", "hours a week", "course weeks", "assumes", "capstones", "electives")
    return table(head, rows, right={1, 2})


def _track_hours(course: Course, track: Track) -> str:
    totals = [sum(course.week(str(number)).minutes for number in numbers) for numbers in track.calendar]
    least, most = hours(min(totals)), hours(max(totals))
    return least if least == most else f"{least} to {most}"


def _week_numbers(ids: Iterable[str]) -> str:
    return ", ".join(str(int(week_id[5:7])) for week_id in ids)
