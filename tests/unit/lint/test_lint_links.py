"""Rules about links and imports: what is named is there, and is meant to be seen from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SPOILT: list[tuple[str, str, Callable[[Any], object]]] = [
    ("links-lead-to-files", "page.md:7: links to 'gone.md'", lambda c: c.append(c.PAGE, "\n[x](gone.md)\n")),
    ("links-lead-to-files", "lesson.py:", lambda c: c.replace(c.LESSON, "## A control", "![x](gone.svg)")),
    (
        "links-lead-to-files",
        "links to 'gone.svg'",
        lambda c: c.replace(c.LAB, "### Given 1", '<img src="gone.svg" alt="x">'),
    ),
    ("links-lead-to-files", "links to 'given.csv'", lambda c: c.replace(c.LAB, "### Given 1", "[x](given.csv)")),
    ("links-lead-to-files", "README.md:5:", lambda c: c.append("README.md", "\n[x]: docs/gone.md\n")),
    ("links-lead-to-files", "links to '../../../x'", lambda c: c.append(c.PAGE, "\n[x](../../../x)\n")),
    ("links-lead-to-headings", "links to '#gone'", lambda c: c.append(c.PAGE, "\n[x](#gone)\n")),
    (
        "links-lead-to-headings",
        "README.md:5: links to",
        lambda c: c.append("README.md", "\n[x](docs/guides/page.md#gone)\n"),
    ),
    ("links-lead-to-headings", "lesson.py:", lambda c: c.replace(c.LESSON, "(#a-control)", "(#gone)")),
    (
        "links-are-https",
        "page.md:7: links to 'http://example.org'",
        lambda c: c.append(c.PAGE, "\n[x](http://example.org)\n"),
    ),
    ("links-are-https", "links to 'ftp://x'", lambda c: c.replace(c.LAB, "### Given 1", '<a href="ftp://x">x</a>')),
    (
        "packages-import-downwards",
        "small.py:8: courseware.checks imports courseware.build, which is not below it",
        lambda c: c.append(c.MODULE, "import courseware.build.lab\n"),
    ),
    (
        "packages-import-downwards",
        "courseware.checks imports courseware.models",
        lambda c: c.append(c.MODULE, "def late():\n    from courseware import models\n"),
    ),
    (
        "packages-import-downwards",
        "courseware.checks imports courseware.grading",
        lambda c: c.append(c.MODULE, "from ..grading.examiner import x\n"),
    ),
    (
        "packages-import-downwards",
        "courseware.manifest imports courseware.checks",
        lambda c: c.write("src/courseware/manifest/__init__.py", "from courseware.checks import check\n"),
    ),
    ("packages-import-downwards", "'helpers' has no level", lambda c: c.write("src/courseware/helpers.py", "")),
    (
        "graders-import-checks-only",
        "hidden.py:1: imports courseware.build.source",
        lambda c: c.write(c.HIDDEN, "from courseware.build.source import read_source\n"),
    ),
    (
        "graders-import-checks-only",
        "warm.py:1: imports courseware.checks.loading",
        lambda c: c.write(c.HIDDEN.replace("hidden", "warm"), "from courseware.checks.loading import load_module\n"),
    ),
    (
        "graders-import-checks-only",
        "imports solutions.week_01.lab; that folder is not",
        lambda c: c.append(c.VISIBLE, "import solutions.week_01.lab\n"),
    ),
    (
        "graders-import-checks-only",
        "notebooks/week_01_tokenization/checks.py:11: imports courseware.learner",
        lambda c: c.append(c.LESSON_CHECKS, "\nfrom courseware import learner\n"),
    ),
    (
        "notebooks-import-the-learners-door",
        "lesson.py:12: imports courseware.checks",
        lambda c: c.replace(c.LESSON, "import checks\n", "from courseware.checks import check\n"),
    ),
    (
        "notebooks-import-the-learners-door",
        "imports graders; that folder",
        lambda c: c.append(c.LAB, "\n# %%\nimport graders\n"),
    ),
]


@pytest.mark.parametrize(("rule", "says", "spoil"), SPOILT, ids=[f"{rule}: {says}" for rule, says, _ in SPOILT])
def test_a_broken_rule_is_noticed(small: Any, rule: str, says: str, spoil: Callable[[Any], object]) -> None:
    spoil(small)
    found = small.broken(rule)
    assert [problem for problem in found if says in problem], found


@pytest.mark.parametrize(
    "link",
    [
        "[x](#a-heading)",
        "[x](page.md#a-heading)",
        "[x](<page.md>)",
        '[x](page.md "A title")',
        "`[x](gone.md)`",
        "[x](http://127.0.0.1:8888/lab)",
        "[x](../guides)",
        "[x](page.md#page)",
        "[a][1]\n\n[1]: page.md",
        "items[0](1)",
    ],
)
def test_good_links_pass(small: Any, link: str) -> None:
    small.append(small.PAGE, f"\n{link}\n" if link != "items[0](1)" else "\n`items[0](1)`\n")
    assert [small.broken(rule) for rule in ("links-lead-to-files", "links-lead-to-headings", "links-are-https")] == [
        []
    ] * 3


def test_a_lab_may_link_to_what_is_released_beside_it(small: Any) -> None:
    small.plan("lab", data=("gold/given.csv",)).replace(small.LAB, "### Given 1", "[x](given.csv)")
    assert small.broken("links-lead-to-files") == []


def test_a_package_may_import_itself_and_what_is_below(small: Any) -> None:
    small.append(small.MODULE, "from courseware.checks import cases\nfrom . import compare\nimport numpy\n")
    assert small.broken("packages-import-downwards") == []
