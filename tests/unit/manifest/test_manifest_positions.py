"""Keys are found on the line they stand on, however the TOML is written."""

import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from courseware.manifest.positions import line_of_keys

_TEXT = '''\
top = "#1"  # a comment with = and [
"quoted.key" = 1
a.b.c = 2

[[row]]
list = [
    1,  # one
    "two]",
    [3, 4],
]
inline = { x = 1, y = { z = "}" } }
[row.sub]
deep = """
text = 1
"""
[[row]]
[[row.nested]]
one = 1
[[row.nested]]
two = '\\'
['odd name']
last = 2026-11-21 10:00:00
'''


def test_every_kind_of_key_has_its_line() -> None:
    lines = line_of_keys(_TEXT)
    assert lines[("top",)] == 1
    assert lines[("quoted.key",)] == 2
    assert lines[("a", "b", "c")] == 3
    assert lines[("row", 0, "list", 1)] == 8
    assert lines[("row", 0, "list", 2, 1)] == 9
    assert lines[("row", 0, "inline", "y", "z")] == 11
    assert lines[("row", 0, "sub", "deep")] == 13
    assert lines[("row", 1)] == 16
    assert lines[("row", 1, "nested", 1, "two")] == 20
    assert lines[("odd name", "last")] == 22


def _paths(value: object, at: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {at} | {path for key, child in children for path in _paths(child, (*at, key))}


def test_scanner_agrees_with_tomllib_on_the_real_manifest(repository: Path) -> None:
    text = (repository / "course.toml").read_text(encoding="utf-8")
    missing = _paths(tomllib.loads(text)) - line_of_keys(text).keys()
    # [defaults] is opened by [defaults.week] alone and has no line of its own.
    assert {path for path in missing if len(path) > 1} == set()


@given(st.text(alphabet='ab"\\#=[]{}, é', max_size=20), st.integers(0, 5))
def test_line_after_any_text_is_right(content: str, blank_lines: int) -> None:
    written = content.replace("\\", "\\\\").replace('"', '\\"')
    text = f'first = "{written}"\n' + "\n" * blank_lines + f'second = ["{written}", {{ k = 1 }}]\n'
    assert line_of_keys(text)[("second", 1, "k")] == blank_lines + 2
