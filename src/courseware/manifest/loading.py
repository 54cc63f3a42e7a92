"""Reads course.toml into a `Course`, or reports everything that is wrong with it at once."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from courseware.manifest.course import Course
from courseware.manifest.errors import CourseNotFoundError, InvalidManifestError, Problem
from courseware.manifest.positions import KeyPath, line_of_keys
from courseware.manifest.problems import describe, key_name, shown
from courseware.manifest.root import MANIFEST_NAME, course_root
from courseware.manifest.rules import broken_rules
from courseware.manifest.syntax import Parsed, parse

# [defaults.KIND] fills in what a [[KIND]] entry leaves out.
_KINDS_WITH_DEFAULTS = ("week", "model")


def load(path: Path | None = None) -> Course:
    """The course described by `path`, a course.toml; by default the one `course_root` finds.

    Raises `InvalidManifestError` with one line per problem, `CourseNotFoundError` if there is no such file.
    """
    source = course_root() / MANIFEST_NAME if path is None else path
    if not source.is_file():
        raise CourseNotFoundError(f"{source} is not a file; give the path of a {MANIFEST_NAME}")
    reading = _Reading(parse(source))
    course, problems = reading.course()
    if course is None or problems:
        raise InvalidManifestError(source, tuple(sorted(set(problems))))
    return course


class _Reading:
    """One text on its way to a course; knows where everything in it was written."""

    def __init__(self, parsed: Parsed) -> None:
        self._parsed = parsed
        self._filled = _with_defaults(parsed.data)

    def course(self) -> tuple[Course | None, list[Problem]]:
        """The course, unless a value is of the wrong kind, and the problems; rules come after kinds."""
        stray = list(self._stray_defaults())
        try:
            course = Course.model_validate(self._filled)
        except ValidationError as refused:
            return None, [*stray, *self._wrong_kinds(refused)]
        broken = [
            Problem(self._line(path), f"{key_name(self._filled, path)} {text}") for path, text in broken_rules(course)
        ]
        return course, [*stray, *broken, *self._unquoted(known=broken)]

    def _wrong_kinds(self, refused: ValidationError) -> list[Problem]:
        problems = []
        for error in refused.errors(include_url=False):
            path = self._written(error["loc"])
            data = self._filled if path == error["loc"] else self._parsed.data
            text = describe(error, path, data, _known_keys(error["loc"]))
            line = self._line(path)
            if line in self._parsed.bare_lines:
                text = text.replace(shown(error["input"]), str(error["input"]), 1)
            problems.append(Problem(line, text))
        return [*problems, *self._unquoted(known=problems)]

    def _unquoted(self, known: list[Problem]) -> Iterator[Problem]:
        """Values that would have been right with quotes round them."""
        reported = {problem.line for problem in known}
        for path, line in self._lines.items():
            if line in self._parsed.bare_lines and line not in reported:
                advice = f"write {self._parsed.bare_lines[line]}"
                yield Problem(line, f"{key_name(self._parsed.data, path)} is text without quotes; {advice}")

    def _stray_defaults(self) -> Iterator[Problem]:
        defaults = self._parsed.data.get("defaults", {})
        for name in defaults if isinstance(defaults, dict) else ():
            if name not in _KINDS_WITH_DEFAULTS:
                allowed = " and ".join(_KINDS_WITH_DEFAULTS)
                line = self._line(("defaults", name))
                yield Problem(line, f"defaults.{name} is not a known key; only {allowed} have defaults")

    def _written(self, path: KeyPath) -> KeyPath:
        """Where the value at `path` was written: there, or in the defaults it came from."""
        inherited: KeyPath = ("defaults", path[0], *path[2:])
        is_inherited = len(path) > 2 and path not in self._lines and inherited in self._lines
        return inherited if is_inherited else path

    def _line(self, path: KeyPath) -> int:
        """The line of `path`, or of the nearest table around it that was written."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    @cached_property
    def _lines(self) -> dict[KeyPath, int]:
        return line_of_keys(self._parsed.text)


def _with_defaults(data: dict[str, Any]) -> dict[str, Any]:
    filled = {key: value for key, value in data.items() if key != "defaults"}
    for kind in _KINDS_WITH_DEFAULTS:
        entries = data.get(kind)
        defaults = data.get("defaults", {})
        if isinstance(entries, list) and isinstance(defaults, dict):
            filled[kind] = [_merged(defaults.get(kind, {}), entry) for entry in entries]
    return filled


def _merged(given: Any, entry: Any) -> Any:
    if not (isinstance(given, dict) and isinstance(entry, dict)):
        return entry
    return {**given, **{key: _merged(given.get(key), value) for key, value in entry.items()}}


def _known_keys(path: KeyPath) -> list[str]:
    """The keys allowed in the table that `path` ends in."""
    kind: Any = Course
    for step in path[:-1]:
        fields = getattr(kind, "model_fields", None)
        if fields is None:  # tuple[Week, ...] or dict[str, Role]: what it holds comes last
            kind = next((argument for argument in reversed(get_args(kind)) if argument is not Ellipsis), None)
        else:
            kind = next((f.annotation for name, f in fields.items() if step in (name, f.alias)), None)
    return [field.alias or name for name, field in getattr(kind, "model_fields", {}).items()]
