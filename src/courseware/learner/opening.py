"""`setup`: the first cell of every lesson and lab."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from courseware.checks import on_result
from courseware.learner.display import Piece, card, line, show
from courseware.learner.errors import SetupError, UnknownRoleError
from courseware.learner.notebook import is_static, open_week
from courseware.learner.pictures import describe_figures
from courseware.learner.progress import keep_result
from courseware.learner.switches import SEED, go_offline, seed_everything, use_plot_style

if TYPE_CHECKING:
    from courseware.manifest import Course, Week

# What a banner names if it is installed: the versions a question about a notebook is usually settled by.
_SHOWN_VERSIONS = ("numpy", "torch", "openai", "anthropic")


@dataclass(frozen=True)
class Setup:
    """What `setup` gives back. Each model role is an attribute: `m.small` is the name to give a client as `model`.

    `seed` is what `random` and NumPy were seeded with. Torch is seeded only if it was imported before; a lesson that
    imports it later calls `torch.manual_seed(m.seed)`.
    """

    week: str
    number: int
    title: str
    seed: int = SEED
    roles: Mapping[str, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> str:
        """The alias of the model role called `name`."""
        if name.startswith("_") or name in type(self).__dataclass_fields__:
            raise AttributeError(name)
        if name in self.roles:
            return self.roles[name]
        known = ", ".join(self.roles) or "none"
        raise UnknownRoleError(f"no model role is called {name!r} in course.toml; roles are: {known}")

    def __dir__(self) -> list[str]:
        """Roles complete with the tab key like any attribute."""
        return [*super().__dir__(), *self.roles]


def setup(week: str) -> Setup:
    """Get ready for `week` ("week 01", "01" or an id): seeds, offline switches, plot style, one line that says so.

    Raises `SetupError`, which names near weeks.
    """
    course, found = course_and_week(week)
    open_week(found)
    missing = go_offline((*found.lesson.tokenizers, *found.lab.tokenizers))
    seed_everything()
    use_plot_style()
    describe_figures()
    on_result(keep_result)
    show(_banner(found, missing))
    roles = {name: role.alias for name, role in course.roles.items()}
    return Setup(week=found.id, number=found.number, title=found.title, roles=roles)


def course_and_week(text: str) -> tuple[Course, Week]:
    """Return the course and its week that a notebook calls `text`: "week 01", "01" or an id.

    Raises `SetupError`, which names near weeks.
    """
    from courseware.manifest import ManifestError, find_week, load

    words = text.strip().lower()
    try:
        course = load()
        return course, find_week(course, words.removeprefix("week ").strip() if " " in words else words)
    except ManifestError as error:
        raise SetupError(str(error)) from None


def _banner(week: Week, missing: str | None) -> Piece:
    parts = [f"Week {week.number:02d}", week.title, _gateway(week)]
    if not is_static():
        parts.append(_versions())
        if missing:
            parts.append(missing)
    text = " · ".join(parts)
    head = f"<strong>{line(parts[0])} · {line(parts[1])}</strong>"
    return Piece(card("Set-up", " · ".join([head, *map(line, parts[2:])])), text)


def _gateway(week: Week) -> str:
    if not (week.lesson.gateway or week.lab.gateway):
        return "gateway: not needed this week"
    from courseware.learner.gateway import use_gateway

    return use_gateway(week.id)


def _versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for name in _SHOWN_VERSIONS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)
