"""Rules about words: dated names, loud prose, traces of a machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

MACHINE, REGISTRY = "/wo" + "rk/main", "https://py" + "pi.org/project/x"

SPOILT: list[tuple[str, str, Callable[[Any], object]]] = [
    ("models-are-not-dated", "names a dated model: 'gpt-4o'", lambda c: c.append(c.LESSON, "# gpt-4o\n")),
    ("models-are-not-dated", "'Claude-3'", lambda c: c.append(c.HIDDEN, "# Claude-3 says\n")),
    ("models-are-not-dated", "'claude-opus-9'", lambda c: c.append(c.LAB, "# claude-opus-9\n")),
    ("models-are-not-dated", "'gemini-7'", lambda c: c.append(c.HINTS, "# gemini-7-pro\n")),
    ("models-are-not-dated", "'gemini-1.5-'", lambda c: c.append(c.HINTS, "# gemini-1.5-flash\n")),
    ("models-are-not-dated", "'o9-mini'", lambda c: c.append(c.LAB, "# o9-mini\n")),
    ("models-are-not-dated", """'"o3"'""", lambda c: c.append(c.LAB, '# "o3"\n')),
    (
        "models-are-not-dated",
        "lab.ipynb:first:",
        lambda c: c.replace(f"{c.RELEASE}/lab.ipynb", "Return a count", "gpt-5 counts"),
    ),
    ("prose-is-calm", "an exclamation mark: 'Well done!", lambda c: c.replace(c.LESSON, "## A control", "Well done!")),
    ("prose-is-calm", "practice.toml:", lambda c: c.replace(c.EXERCISES, "take four bytes.", "take four bytes!")),
    ("prose-is-calm", "an emoji: 'Done 🎉", lambda c: c.replace(c.LAB, "### Given 1", "Done 🎉")),
    ("prose-is-calm", "an emoji", lambda c: c.append(c.PAGE, "\nA family 👨‍👩‍👧 of bytes\n")),
    ("nothing-is-simple", "says 'simply'", lambda c: c.replace(c.LESSON, "## A control", "You simply run it.")),
    ("nothing-is-simple", "README.md:5:", lambda c: c.append("README.md", "\nSimply run it.\n")),
    ("machines-are-not-named", "small.py:", lambda c: c.append(c.MODULE, f'PLACE = "{MACHINE}"\n')),
    ("machines-are-not-named", "page.md:", lambda c: c.append(c.PAGE, f"\nLook at {REGISTRY}.\n")),
]


@pytest.mark.parametrize(("rule", "says", "spoil"), SPOILT, ids=[f"{rule}: {says}" for rule, says, _ in SPOILT])
def test_a_broken_rule_is_noticed(small: Any, rule: str, says: str, spoil: Callable[[Any], object]) -> None:
    spoil(small)
    found = small.broken(rule)
    assert [problem for problem in found if says in problem], found


@pytest.mark.parametrize("text", ["gpt-2", "o1 = attend(q)", "a claude-shaped hole", "embed the text", "gpt2 and GPT"])
def test_names_that_do_not_age_pass(small: Any, text: str) -> None:
    assert small.append(small.LAB, f"# {text}\n").broken("models-are-not-dated") == []


@pytest.mark.parametrize(
    "text",
    [
        "`wow!` and `🎉`",
        "![a picture](p.svg)",
        "a != b",
        "<!-- hidden! -->",
        "the sign '🙂' alone",
        "the family '👨‍👩‍👧' too",
        "$n!$ ways",
        "```\nhurray! 🎉\n```",
        "| `!` | ✓ |",
        "<b>bold</b>",
        "<!doctype html>",
    ],
)
def test_signs_in_code_comments_and_quotes_pass(small: Any, text: str) -> None:
    assert small.append(small.PAGE, f"\n{text}\n").broken("prose-is-calm") == []


def test_a_sign_in_code_cells_is_no_prose(small: Any) -> None:
    assert small.append(small.LESSON, '\n# %%\nprint("simply 🎉!")\n').lint() == []
