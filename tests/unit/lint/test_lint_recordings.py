"""Rules about recordings: a spoilt key, a strange folder and a secret are named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from courseware.gateway.exchange import Completion, Text, Usage
from courseware.gateway.recordings import Provenance, Recording
from courseware.gateway.recordings.files import dump

WEEK = "week_01_tokenization"


def put(course: Any, *, week: str = WEEK, said: str = "Hello.", spoil: Callable[[str], str] = str) -> None:
    provenance = Provenance("recorded", "a-model", date(2026, 11, 22))
    request = {"model": "course-small", "messages": [["user", "Say hello"]]}
    recording = Recording(f"{week}/hello", provenance, request, (Completion((Text(said),)),), Usage(3, 2))
    course.write(f"data/recordings/{week}/hello.yaml", spoil(dump(recording)))


SPOILT: list[tuple[str, str, Callable[[Any], None]]] = [
    ("recordings-are-whole", "keys do not fit", lambda c: put(c, spoil=lambda text: text.replace("Say", "Write"))),
    ("recordings-are-whole", "not a recording", lambda c: put(c, spoil=lambda _: "- 1\n")),
    ("recordings-belong-to-weeks", "no week", lambda c: put(c, week="week_99_nothing")),
    ("recordings-hold-no-secrets", "looks like a key", lambda c: put(c, said="sk-proj-abcdefgh12345678")),
    ("recordings-hold-no-secrets", "looks like a key", lambda c: put(c, said="Authorization: Bearer abcdef12345")),
]


@pytest.mark.parametrize(("rule", "says", "spoil"), SPOILT, ids=[f"{rule}: {says}" for rule, says, _ in SPOILT])
def test_a_broken_rule_is_noticed(small: Any, rule: str, says: str, spoil: Callable[[Any], None]) -> None:
    spoil(small)
    found = small.broken(rule)
    assert [problem for problem in found if says in problem], found


@pytest.mark.parametrize("rule", sorted({rule for rule, _, _ in SPOILT}))
def test_a_whole_recording_of_a_week_breaks_no_rule(small: Any, rule: str) -> None:
    put(small)
    assert small.broken(rule) == []
