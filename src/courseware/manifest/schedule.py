"""What is learnt and when: phases, units, weeks with their lesson and lab, capstones, electives, tracks.

The keys, their units and their meaning are explained once, in course.toml itself.
"""

from pydantic import Field

from courseware.manifest.fields import (
    Assistance,
    Binder,
    Count,
    Day,
    Extra,
    Flag,
    Frozen,
    Positive,
    Slug,
    State,
    Text,
    WeekId,
)


class Phase(Frozen):
    """A quarter of the course."""

    number: Positive
    title: Text
    summary: Text


class Unit(Frozen):
    """Two weeks that finish one deliverable; unit 0 is the orientation week."""

    number: Count
    phase: Positive
    title: Text
    deliverable: Text
    graded_on: Text


class Needs(Frozen):
    """What must be on the machine before a lesson or lab starts."""

    data: tuple[Text, ...] = ()
    corpora: tuple[Text, ...] = ()
    models: tuple[Text, ...] = ()
    tokenizers: tuple[Text, ...] = ()
    gateway: Flag = False


class Lesson(Needs):
    """The notebook that teaches a week."""

    state: State
    minutes: Positive


class Limits(Frozen):
    """What a submission may use before grading stops it."""

    cell_seconds: Positive
    memory_mb: Positive
    submission_seconds: Positive


class Lab(Needs):
    """The graded notebook of a week. `points` includes `manual_points`."""

    state: State
    title: Text
    points: Positive
    manual_points: Count
    minutes: Positive
    minutes_measured: Flag
    assistance: Assistance
    files: tuple[Text, ...] = ()
    due_week: Count | None = None
    limits: Limits

    @property
    def automatic_points(self) -> int:
        """Points the checks give without a person."""
        return self.points - self.manual_points


class Week(Frozen):
    """One week; `id` names its folders everywhere and is nbgrader's assignment id."""

    id: WeekId
    unit: Count
    title: Text
    summary: Text
    prerequisites: tuple[WeekId, ...]
    extras: tuple[Extra, ...] = Field(min_length=1)
    binder: Binder
    reading_minutes: Count
    practice_minutes: Count
    verified: Day | None = None
    lesson: Lesson
    lab: Lab

    @property
    def number(self) -> int:
        """0 to 48, read from the id."""
        return int(self.id[5:7])

    @property
    def minutes(self) -> int:
        """Everything the week asks for: lesson, lab, reading and practice."""
        return self.lesson.minutes + self.lab.minutes + self.reading_minutes + self.practice_minutes

    @property
    def due_week(self) -> int:
        """The week of the full track in which the lab is due."""
        return self.number if self.lab.due_week is None else self.lab.due_week


class Capstone(Frozen):
    """A project that runs beside the weeks; its hours come on top of theirs."""

    id: str = Field(pattern=r"^C[1-9]$")
    title: Text
    summary: Text
    must_contain: tuple[Text, ...] = Field(min_length=1)
    state: State
    start_week: Positive
    due_week: Positive
    hours: Positive
    prerequisites: tuple[WeekId, ...]


class Elective(Frozen):
    """A short notebook with a graded check, outside the weekly path."""

    id: Slug
    title: Text
    summary: Text
    state: State
    minutes: Positive
    prerequisites: tuple[WeekId, ...]


class Track(Frozen):
    """A path through the prerequisite graph, in order, as `units` or as `weeks`; week 0 comes before it."""

    id: Slug
    title: Text
    summary: Text
    pace: Positive
    units: tuple[Positive, ...] = ()
    weeks: tuple[Positive, ...] = ()
    assumes: tuple[Positive, ...] = ()
    capstones: tuple[Text, ...] = ()
    electives: tuple[Text, ...] = ()

    @property
    def week_numbers(self) -> tuple[int, ...]:
        """The course weeks in the order they are taken, units written out."""
        return self.weeks or tuple(number for unit in self.units for number in (2 * unit - 1, 2 * unit))

    @property
    def calendar(self) -> tuple[tuple[int, ...], ...]:
        """One tuple of course weeks for each week of the calendar."""
        numbers = self.week_numbers
        return tuple(numbers[start : start + self.pace] for start in range(0, len(numbers), self.pace))
