"""Rules about words: dated names, loud prose, and traces of the machine a text was written on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from courseware.build.lint.markdown import without_tags
from courseware.build.lint.problem import Problem
from courseware.build.lint.texts import course_lines, prose_lines
from courseware.build.lint.tree import Tree
from courseware.manifest import Course

# GPT-2 is open weights, not a service that ends.
_DATED = (
    r"gpt-(?!2\b)\d",
    r"claude-(?:\w+-)?\d",
    r"claude (?:(?:opus|sonnet|haiku|fable) \d|\d\.\d)",
    r"gemini-\d",
    r"gemini \d\.\d",
    r"\bo\d-(?:mini|pro|preview)\b",
    r"text-embedding-(?:ada|\d)",
)
_EXCLAMATION = re.compile(r"(?<![!<])!+(?=[\s\"'”’)*_|]|$)")
_SIGN = r"\U0001f000-\U0001faff\u2705\u274c\u2728\u2b50\u26a0\ufe0f"
_EMOJI = re.compile(rf"(?<![\"'“‘\u200d{_SIGN}])[{_SIGN}][\u200d{_SIGN}]*+(?![\"'”’])")
_SIMPLY = re.compile(r"\bsimply\b", re.IGNORECASE)
# Split, so that this file does not break its own rule.
_MACHINES = re.compile("|".join((
    r"(?<![\w.~])/wo" r"rk/",
    r"\bpy" r"pi\.org", r"python" r"hosted\.org", r"registry\.np" r"mjs", r"np" r"mjs\.com", r"conda\.ana" r"conda",
    r"arti" r"factory\.", r"\bne" r"xus\.",
)))  # fmt: skip


def models_are_not_dated(tree: Tree) -> Iterator[Problem]:
    """No lesson, lab, solution or grader names a dated model; roles do not age, and course.toml has the table."""
    dated = dated_names(tree.course)
    for line in course_lines(tree):
        if found := dated.search(line.text):
            yield line.problem(f"names a dated model: {found[0]!r}; use a role such as m.small")


def prose_is_calm(tree: Tree) -> Iterator[Problem]:
    """No exclamation mark or emoji in prose outside code; an emoji between quotes is an example."""
    for line in prose_lines(tree):
        text = without_tags(line.text)
        if _EXCLAMATION.search(text):
            yield line.problem(
                f"an exclamation mark: {_around(_EXCLAMATION, text)}; end with a full stop, or mark code"
            )
        if _EMOJI.search(text):
            yield line.problem(f"an emoji: {_around(_EMOJI, text)}; use a word, or mark it as code")


def nothing_is_simple(tree: Tree) -> Iterator[Problem]:
    """The word is never needed, and wrong for whoever does not find it so."""
    for line in prose_lines(tree):
        if found := _SIMPLY.search(line.text):
            yield line.problem(f"says {found[0]!r}: {_around(_SIMPLY, line.text)}; leave the word out")


def machines_are_not_named(tree: Tree) -> Iterator[Problem]:
    """No file names the machine it was made on or a package registry; the registry of weights lists sources by kind."""
    for name, text in tree.texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            if found := _MACHINES.search(line):
                yield Problem(name, number, f"names a machine or a registry: {found[0]!r}; leave it out")


def dated_names(course: Course) -> re.Pattern[str]:
    """The models of the manifest's table by name, those of three letters between quotes only, and families of names."""
    names = sorted({model.name for model in course.models}, key=len, reverse=True)
    families = [re.escape(name.rstrip("*")) for name in names if name.endswith("*")]
    whole = [rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in names if not name.endswith("*") and len(name) > 3]
    quoted = [rf"[\"'`]{re.escape(name)}[\"'`]" for name in names if len(name) <= 3]
    return re.compile("|".join([*whole, *families, *quoted, *_DATED]), re.IGNORECASE)


def _around(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    start = max(0, found.start() - 25) if found else 0
    return repr(text[start : start + 50].strip())
