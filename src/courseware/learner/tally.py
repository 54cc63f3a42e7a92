"""What the events add up to: for each week what was answered, tried, passed, scored and handed in.

Pure functions of the events; nothing here reads a file or a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from courseware.learner.events import Event

# A longer silence between two events counts as a pause and not as work.
PAUSE = timedelta(minutes=20)


@dataclass(frozen=True)
class Answer:
    """The last answer given to a prediction or quiz item, as the option's text."""

    text: str
    right: bool


@dataclass(frozen=True)
class Score:
    """The best points a check has given so far."""

    points: float
    of: float


@dataclass
class WeekProgress:
    """One week. Each mapping goes from an id of practice.toml, or of a check, to what happened last or best."""

    week: str
    predictions: dict[str, Answer] = field(default_factory=dict)
    exercises: dict[str, bool] = field(default_factory=dict)  # tried -> ever passed
    hints: dict[str, int] = field(default_factory=dict)  # the furthest step opened
    revealed: list[str] = field(default_factory=list)
    quiz: dict[str, Answer] = field(default_factory=dict)
    checks: dict[str, Score] = field(default_factory=dict)
    submitted: list[str] = field(default_factory=list)  # times
    minutes: int = 0

    @property
    def points(self) -> float:
        """The best points of all visible checks together."""
        return sum(score.points for score in self.checks.values())

    @property
    def of(self) -> float:
        """What those checks could have given."""
        return sum(score.of for score in self.checks.values())

    @property
    def quiz_right(self) -> int:
        """How many quiz items were answered rightly the last time."""
        return sum(answer.right for answer in self.quiz.values())


@dataclass(frozen=True)
class Progress:
    """All weeks with at least one event, ordered by id."""

    weeks: Mapping[str, WeekProgress]

    def week(self, name: str) -> WeekProgress:
        """The week with this id; an empty one if nothing has happened there."""
        return self.weeks.get(name) or WeekProgress(name)

    def as_json(self) -> dict[str, Any]:
        """Plain data for `course progress --json`."""
        return {
            "weeks": {
                name: asdict(week) | {"points": week.points, "of": week.of, "quiz_right": week.quiz_right}
                for name, week in self.weeks.items()
            },
            "review": [asdict(item) for item in to_review(self)],
        }


@dataclass(frozen=True)
class Review:
    """One thing worth a second look, and why."""

    week: str
    what: str
    why: str


def tally(events: Iterable[Event]) -> Progress:
    """What `events` add up to. Unknown kinds and odd values, as a later version may write, are passed over."""
    weeks: dict[str, WeekProgress] = {}
    times: dict[str, list[str]] = {}
    for event in events:
        _count(weeks.setdefault(event.week, WeekProgress(event.week)), event)
        times.setdefault(event.week, []).append(event.time)
    for name, week in weeks.items():
        week.minutes = _minutes(times[name])
    return Progress(dict(sorted(weeks.items())))


def to_review(progress: Progress) -> tuple[Review, ...]:
    """What to look at again, week by week: quiz items last answered wrongly, exercises not passed, points missed."""
    found: list[Review] = []
    for name, week in progress.weeks.items():
        found += [Review(name, f"quiz {key}", "not right yet") for key, answer in week.quiz.items() if not answer.right]
        found += [
            Review(name, f"exercise {key}", "tried, not passed") for key, passed in week.exercises.items() if not passed
        ]
        found += [
            Review(name, f"check {key}", f"{score.points:g} of {score.of:g} points")
            for key, score in week.checks.items()
            if score.points < score.of
        ]
    return tuple(found)


def _count(week: WeekProgress, event: Event) -> None:
    key, value = event.id, event.value
    if event.kind == "prediction":
        week.predictions[key] = _answer(value)
    elif event.kind == "quiz":
        week.quiz[key] = _answer(value)
    elif event.kind == "exercise":
        week.exercises[key] = week.exercises.get(key, False) or value.get("passed") is True
    elif event.kind == "hint":
        week.hints[key] = max(week.hints.get(key, 0), int(_number(value.get("step"))))
    elif event.kind == "reveal" and key not in week.revealed:
        week.revealed.append(key)
    elif event.kind == "check":
        week.checks[key] = _best(week.checks.get(key), Score(_number(value.get("points")), _number(value.get("of"))))
    elif event.kind == "submit":
        week.submitted.append(event.time)


def _answer(value: Mapping[str, Any]) -> Answer:
    return Answer(str(value.get("answer", "")), value.get("right") is True)


def _best(old: Score | None, new: Score) -> Score:
    # A check whose points changed between versions of a lab starts afresh.
    return new if old is None or old.of != new.of or new.points > old.points else old


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _minutes(times: Iterable[str]) -> int:
    moments = sorted(moment for moment in map(_moment, times) if moment is not None)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    worked = sum((gap for gap in gaps if gap <= PAUSE), timedelta())
    return round(worked.total_seconds() / 60)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
