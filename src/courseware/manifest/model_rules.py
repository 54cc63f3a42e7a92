"""Rules about roles and real models: every reference leads somewhere."""

from collections.abc import Iterator

from courseware.manifest.broken import Broken, unknown
from courseware.manifest.course import Course
from courseware.manifest.positions import KeyPath


def roles_are_neutral(course: Course) -> Iterator[Broken]:
    """A role's alias is its own and no real model's name; what it reaches with a key is in the table."""
    real = {model.name for model in course.models}
    seen: set[str] = set()
    for name, role in course.roles.items():
        path = ("role", name, "alias")
        if role.alias in seen:
            yield Broken(path, f"is used twice: {role.alias}; each role needs its own")
        if role.alias in real:
            yield Broken(path, f"is {role.alias}, a real model's name; choose a neutral one")
        seen.add(role.alias)
        for provider, model in role.with_key.items():
            if model not in real:
                yield Broken(("role", name, "with_key", provider), f"is {model}, which no [[model]] names; add it")


def models_refer_to_tables(course: Course) -> Iterator[Broken]:
    """The terms, rules, sources and replacement a model names exist."""
    real = {model.name for model in course.models}
    for index, model in enumerate(course.models):
        at: KeyPath = ("model", index)
        for key, name, known in (("terms", model.terms, course.terms), ("rules", model.rules, course.rules)):
            if name is not None and name not in known:
                yield Broken((*at, key), f"is {name}, which does not exist; use one of {', '.join(known)}")
        yield from unknown((*at, "sources"), model.sources, course.sources)
        if model.replacement is not None and model.replacement not in real:
            yield Broken((*at, "replacement"), f"is {model.replacement}, which no [[model]] names; add it")
