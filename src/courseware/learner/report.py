"""Progress as lines for a terminal. The page is made in `page.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from courseware.learner.tally import Progress, WeekProgress, to_review

if TYPE_CHECKING:
    from courseware.manifest import Course

_MOST_REVIEWS = 10


def progress_text(progress: Progress, course: Course | None = None) -> str:
    """One line a week, then what to review next. With a course, titles and the points a lab can give."""
    if not progress.weeks:
        return "Nothing recorded yet. Start with: course lab 00"
    weeks = [_week_line(week, title_of(week.week, course)) for week in progress.weeks.values()]
    reviews = to_review(progress)
    shown = [f"  {short(item.week)}  {item.what}: {item.why}" for item in reviews[:_MOST_REVIEWS]]
    if len(reviews) > _MOST_REVIEWS:
        shown.append(f"  and {len(reviews) - _MOST_REVIEWS} more")
    return "\n".join([*weeks, "", "To review next:", *shown] if shown else [*weeks, "", "Nothing to review."])


def title_of(week: str, course: Course | None) -> str:
    """The week's title, or its id where the course does not know it."""
    known = {each.id: each.title for each in course.weeks} if course else {}
    return known.get(week, week or "outside any week")


def short(week: str) -> str:
    """`week 01` for `week_01_tokenization`."""
    return f"week {week[5:7]}" if week.startswith("week_") else week or "no week"


def counts(week: WeekProgress) -> dict[str, str]:
    """What there is to say of a week, by heading, in the order of a week's work."""
    passed = sum(week.exercises.values())
    return {
        "Predictions": f"{len(week.predictions)} answered" if week.predictions else "",
        "Exercises": f"{passed} of {len(week.exercises)} passed" if week.exercises else "",
        "Hints": f"{sum(week.hints.values())} opened" if week.hints else "",
        "Quiz": f"{week.quiz_right} of {len(week.quiz)} right" if week.quiz else "",
        "Lab": f"{week.points:g} of {week.of:g} points" if week.checks else "",
        "Time": f"{week.minutes} min" if week.minutes else "",
        "Handed in": week.submitted[-1][:10] if week.submitted else "",
    }


def _week_line(week: WeekProgress, title: str) -> str:
    said = [f"{heading.lower()} {text}" for heading, text in counts(week).items() if text]
    return f"{short(week.week)}  {title}: {', '.join(said) or 'opened'}"
