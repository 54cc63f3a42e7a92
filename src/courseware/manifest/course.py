"""The whole course as one frozen object, and the look-ups everything else makes on it."""

from collections.abc import Iterable
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TypeVar

from pydantic import Field

from courseware.manifest.errors import UnknownNameError
from courseware.manifest.fields import Frozen, Positive, Text
from courseware.manifest.models import Model, Role, Rules, Source, Terms
from courseware.manifest.schedule import Capstone, Elective, Phase, Track, Unit, Week

_Item = TypeVar("_Item")
_MOST_CANDIDATES = 12


class Hours(Frozen):
    """The range a week's total must lie in."""

    least: Positive
    most: Positive


class Course(Frozen):
    """Everything course.toml says. Weeks are in order, so `course.weeks[7]` is week 7."""

    title: Text
    summary: Text
    hours_per_week: Hours
    phases: tuple[Phase, ...] = Field(alias="phase")
    units: tuple[Unit, ...] = Field(alias="unit")
    weeks: tuple[Week, ...] = Field(alias="week")
    capstones: tuple[Capstone, ...] = Field(alias="capstone")
    electives: tuple[Elective, ...] = Field(alias="elective")
    tracks: tuple[Track, ...] = Field(alias="track")
    roles: dict[str, Role] = Field(alias="role")
    sources: dict[str, Source] = Field(alias="source")
    terms: dict[str, Terms]
    rules: dict[str, Rules]
    models: tuple[Model, ...] = Field(alias="model")

    def week(self, text: str) -> Week:
        """The week that `text` names; see `find_week`."""
        return find_week(self, text)

    def unit(self, number: int) -> Unit:
        """The unit with this number."""
        return _named(self.units, str(number), "unit", [str(unit.number) for unit in self.units])

    def track(self, name: str) -> Track:
        """The track with this id."""
        return _named(self.tracks, name, "track", [track.id for track in self.tracks])

    def model(self, name: str) -> Model:
        """The row for this model name; families such as `gemini-1.5-*` answer for their members."""
        for model in self.models:
            if fnmatchcase(name, model.name):
                return model
        return _named(self.models, name, "model", [model.name for model in self.models])

    def unit_weeks(self, number: int) -> tuple[Week, ...]:
        """The weeks of a unit, in order."""
        return tuple(week for week in self.weeks if week.unit == number)

    def phase_weeks(self, number: int) -> tuple[Week, ...]:
        """The weeks of a phase, in order, without the orientation week."""
        units = {unit.number for unit in self.units if unit.phase == number}
        return tuple(week for week in self.weeks if week.unit in units and week.number > 0)

    def deliverable_of(self, week: Week) -> str | None:
        """What this week's lab finishes, if it is the last of its unit."""
        return self.unit(week.unit).deliverable if week == self.unit_weeks(week.unit)[-1] else None

    def track_weeks(self, name: str) -> tuple[Week, ...]:
        """The weeks of a track in the order they are taken, without the orientation week."""
        return tuple(self.week(str(number)) for number in self.track(name).week_numbers)


def find_week(course: Course, text: str) -> Week:
    """The week named by a number (`1`, `01`), an id, or any prefix that fits one id only.

    Raises `UnknownNameError`, which names the candidates.
    """
    wanted = text.strip().lower()
    if wanted.isdecimal():
        found = [week for week in course.weeks if week.number == int(wanted)]
    else:
        found = [week for week in course.weeks if wanted and week.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    exact = [week for week in found if week.id == wanted]
    if exact:
        return exact[0]
    raise _no_single_week(course, text, found)


def _no_single_week(course: Course, text: str, found: list[Week]) -> UnknownNameError:
    if found:
        names = ", ".join(week.id for week in found[:_MOST_CANDIDATES])
        names += f" and {len(found) - _MOST_CANDIDATES} more" if len(found) > _MOST_CANDIDATES else ""
        return UnknownNameError(f"{text!r} could be any of {names}; write more of the name")
    ids = [week.id for week in course.weeks]
    topics = {week.id[8:]: week.id for week in course.weeks}
    close = get_close_matches(text, ids, n=3) or [topics[near] for near in get_close_matches(text, topics)]
    hint = f"did you mean {' or '.join(close)}" if close else f"weeks run from {ids[0]} to {ids[-1]}"
    return UnknownNameError(f"no week is called {text!r}; {hint}")


def _named(items: Iterable[_Item], name: str, kind: str, names: list[str]) -> _Item:
    for item, own_name in zip(items, names, strict=True):
        if own_name == name:
            return item
    close = get_close_matches(name, names, n=3) or names
    raise UnknownNameError(f"no {kind} is called {name!r}; choose one of {', '.join(close)}")
