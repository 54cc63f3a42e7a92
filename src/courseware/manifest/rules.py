"""All rules that must hold between the parts of the manifest, beyond each value being of its kind.

That a `ready` week's folders exist is not checked here: the manifest knows no folders.
"""

from collections.abc import Callable, Iterator

from courseware.manifest import model_rules, track_rules, week_rules
from courseware.manifest.broken import Broken, repeated
from courseware.manifest.course import Course


def _names_are_unique(course: Course) -> Iterator[Broken]:
    """No two entries of a kind share the name they are looked up by."""
    yield from repeated("phase", "number", [phase.number for phase in course.phases])
    yield from repeated("unit", "number", [unit.number for unit in course.units])
    yield from repeated("capstone", "id", [capstone.id for capstone in course.capstones])
    yield from repeated("elective", "id", [elective.id for elective in course.electives])
    yield from repeated("track", "id", [track.id for track in course.tracks])
    yield from repeated("model", "name", [model.name for model in course.models])


_RULES: tuple[Callable[[Course], Iterator[Broken]], ...] = (
    week_rules.weeks_are_complete,
    week_rules.weeks_lie_in_their_unit,
    week_rules.units_lie_in_a_phase,
    week_rules.prerequisites_come_before,
    week_rules.minutes_fit,
    week_rules.manual_points_are_rare,
    week_rules.labs_are_due_in_time,
    track_rules.capstones_have_time,
    track_rules.tracks_follow_the_graph,
    _names_are_unique,
    model_rules.roles_are_neutral,
    model_rules.models_refer_to_tables,
)


def broken_rules(course: Course) -> list[Broken]:
    """Every place where a rule is broken."""
    return [broken for rule in _RULES for broken in rule(course)]
