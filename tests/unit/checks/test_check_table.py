"""What the learner sees: all of a visible case, escaped; of a hidden one nothing of its input."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from courseware.checks import Check, Result, Student, World, case, check, on_result
from courseware.checks.cases import Outcome
from courseware.checks.table import result_html, result_text

Serve = Callable[[str], Student]
Run = Callable[[str], dict[str, Any]]

SECRETS = ("s3cret-input", "s3cret-expected", "s3cret-raised", "s3cret-printed", "s3cret-title", "s3cret-hint")
ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;"


@pytest.fixture(autouse=True)
def _no_listeners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["courseware.checks.check"], "_listeners", [])


class Elements(HTMLParser):
    """Which elements and attributes a page has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def shown(result: Result) -> Iterator[str]:
    yield result_text(result)
    yield result_html(result)


def secretive(hidden: bool) -> Check:
    """A check with a case for each way to end, each full of secrets."""

    @check("train", points=6, title="Training", hidden=hidden)
    def body(student: Student, world: World) -> None:
        for name in ("returns", "raises", "loops", "grows"):
            with case(f"s3cret-title {name}", points=1, category=f"category {name}", hint="s3cret-hint") as c:
                c.equal(
                    student.call(name, "s3cret-input", seconds=0.1 if name == "loops" else 60),
                    "s3cret-expected",
                    "s3cret-raised",
                )
        with case("s3cret-title without category", points=1) as c:
            c.equal(student.call("returns", "s3cret-input"), "s3cret-expected")
        student.call("raises", "s3cret-input")

    return body


LEARNER = """
def returns(x):
    print("s3cret-printed", x)
    return x
def raises(x):
    print("s3cret-printed")
    raise ValueError("s3cret-raised " + x)
def loops(x):
    while True: pass
def grows(x): return x * 2**22
"""


def test_hidden_table_shows_nothing_of_the_input(serve: Serve) -> None:
    for table in shown(secretive(hidden=True).run(serve(LEARNER), World())):
        assert [secret for secret in SECRETS if secret in table] == []
        assert "ValueError" not in table


def test_hidden_table_shows_categories_and_endings(serve: Serve) -> None:
    text = result_text(secretive(hidden=True).run(serve(LEARNER), World()))
    assert text.splitlines() == [
        "Training: 0 of 6 points",
        "  ✗ fails on: category returns  0 of 1",
        "  ✗ fails on: category raises  0 of 1",
        "      your code: raised",
        "  ✗ fails on: category loops  0 of 1",
        "      your code: too slow",
        "  ✗ fails on: category grows  0 of 1",
        "      your code: too large",
        "  ✗ fails on: a case  0 of 1",
        "  ✗ fails on: the rest of this check  0 of 1",
        "      your code: raised",
    ]


def test_hidden_case_that_passes_shows_its_category() -> None:
    outcome = Outcome("s3cret-title", 2, "empty input")
    assert result_text(Result("a", "A", 2, (outcome,), hidden=True)) == "A: 2 of 2 points\n  ✓ empty input  2 of 2"


def test_visible_table_explains(serve: Serve) -> None:
    for table in shown(secretive(hidden=False).run(serve(LEARNER), World())):
        assert [secret for secret in SECRETS if secret not in table] == ["s3cret-printed"]
        assert "ValueError" in table


def test_visible_text_has_message_expected_got_place_and_hint() -> None:
    outcome = Outcome("merges", 2, "", "Count first.", "failed", "they differ", "[1]", "[2]", "train, line 3: x = 1")
    assert result_text(Result("a", "A", 3, (outcome,))).splitlines() == [
        "A: 0 of 3 points",
        "  ✗ merges  0 of 2",
        "      they differ",
        "      expected: [1]",
        "      got: [2]",
        "      in: train, line 3: x = 1",
        "      hint: Count first.",
    ]


def test_exercise_without_points_shows_none() -> None:
    result = Result("a", "Counting", 0, (Outcome("counts", 0, ""), Outcome("again", 0, "", status="failed")))
    assert result_text(result) == "Counting\n  ✓ counts\n  ✗ again"
    assert re.search(r"\bof\b", result_html(result)) is None


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("field", ["title", "category", "hint", "message", "expected", "actual", "where", "head"])
def test_no_text_becomes_an_element(hidden: bool, field: str) -> None:
    outcome = Outcome("case", 1, "category", status="failed")
    title = ATTACK if field == "head" else "A"
    outcome = outcome if field == "head" else replace(outcome, **{field: ATTACK})
    found = Elements(result_html(Result("a", title, 1, (outcome,), hidden)))
    assert found.tags <= {"div", "p", "strong", "table", "tr", "td", "span", "code"}
    assert found.attributes <= {"role", "style", "aria-label"}


def test_hostile_values_of_a_real_run_are_escaped(serve: Serve) -> None:
    @check("train-visible", points=2, title=ATTACK)
    def body(student: Student, world: World) -> None:
        with case(ATTACK, points=1, hint=ATTACK) as c:
            c.equal(student.call("f", ATTACK), "plain")
        with case("raises", points=1):
            student.call("g", ATTACK)

    page = result_html(body.run(serve("def f(x): return x\ndef g(x): raise ValueError(x)"), World()))
    assert page.count("&lt;script&gt;") >= 4
    assert not Elements(page).tags & {"script", "img"}


# Showing and listening


VISIBLE = "def good(x):\n    return x\n"


@check("good-visible", points=2, title="Good")
def good_visible(student: Student, world: World) -> None:
    with case("keeps its input", points=2) as c:
        c.equal(student.call("good", world.check), "good-visible")


def test_grade_shows_the_table_and_returns_a_float(namespace: Run, capsys: pytest.CaptureFixture[str]) -> None:
    score = good_visible.grade(namespace(VISIBLE))
    assert (score, type(score)) == (2.0, float)
    assert capsys.readouterr() == ("Good: 2 of 2 points\n  ✓ keeps its input  2 of 2\n", "")


def test_show_returns_nothing(namespace: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert good_visible.show(namespace(VISIBLE)) is None  # type: ignore[func-returns-value]
    assert "keeps its input" in capsys.readouterr().out


def test_listeners_hear_every_result_once(namespace: Run, capsys: pytest.CaptureFixture[str]) -> None:
    heard: list[Result] = []
    for _ in range(2):
        on_result(heard.append)
    good_visible.grade(namespace(VISIBLE))
    assert [(result.check, result.score) for result in heard] == [("good-visible", 2.0)]


def test_grade_is_silent_about_what_the_check_itself_prints(namespace: Run, capfd: pytest.CaptureFixture[str]) -> None:
    @check("noisy", title="Noisy")
    def noisy(student: Student, world: World) -> None:
        print("from the check")
        print("wrong", file=sys.stderr)
        with case("one"):
            pass

    noisy.grade(namespace(VISIBLE))
    assert capfd.readouterr() == ("Noisy\n  ✓ one\n", "")
