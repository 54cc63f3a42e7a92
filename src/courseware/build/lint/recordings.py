"""Rules about what models said: every recording can be used, belongs to a week, and gives no secret away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from courseware.build.lint.problem import Problem
from courseware.build.lint.tree import Tree
from courseware.gateway.recordings import RecordingError, read

_FOLDER = "data/recordings/"
_SECRETS = re.compile(
    r"\bsk-[A-Za-z0-9_-]{8,}|\bsk-ant-|\bAIza[0-9A-Za-z_-]{20,}|\bcourse-[A-Za-z0-9_-]{24,}|\b[Bb]earer\s+[A-Za-z0-9._-]{8,}"
    r"|(?:x-api-key|authorization|openai-organization|openai-project|set-cookie)\s*:",
    re.IGNORECASE,
)


def recordings_are_whole(tree: Tree) -> Iterator[Problem]:
    """A recording is one, and its keys fit its request."""
    for name in _names(tree):
        try:
            read(tree.root / name, name.removeprefix(_FOLDER).removesuffix(".yaml"))
        except RecordingError as error:
            yield Problem(name, 1, str(error).removeprefix(f"{tree.root / name}: "))


def recordings_belong_to_weeks(tree: Tree) -> Iterator[Problem]:
    """A recording lies in a folder that is called as its week."""
    known = {week.id for week in tree.course.weeks}
    for name in _names(tree):
        if PurePosixPath(name).parts[2] not in known:
            yield Problem(name, 1, "no week in course.toml has this folder's name; move the recording")


def recordings_hold_no_secrets(tree: Tree) -> Iterator[Problem]:
    """Nothing in a recording looks like a key or an account's header."""
    for name in _names(tree):
        for number, line in enumerate(tree.texts[name].splitlines(), 1):
            if _SECRETS.search(line):
                yield Problem(name, number, "holds what looks like a key or an account; take it out and record again")


def _names(tree: Tree) -> Iterator[str]:
    return (name for name in sorted(tree.texts) if name.startswith(_FOLDER) and name.endswith(".yaml"))
