"""Rules about what a notebook may do to the machine it runs on, and what it may know of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from nbformat.v4 import new_output

from courseware.build.notebook import read_notebook, to_text

HOME, SCRATCH, WINDOWS, AWAY = "/home/ada", "/tmp", r"C:\Users\ada", "https://example.org"


def output(course: Any, cell: str, text: str) -> None:
    """Give a cell of the built lesson an output."""
    notebook = read_notebook(course.text(course.LESSON_BUILT))
    next(node for node in notebook.cells if node.id == cell).outputs = [new_output("stream", text=text)]
    course.write(course.LESSON_BUILT, to_text(notebook))


SPOILT: list[tuple[str, str, Callable[[Any], object]]] = [
    ("nothing-is-installed", "lesson.py:", lambda c: c.append(c.LESSON, "\n# %%\n!pip install x\n")),
    ("nothing-is-installed", "'%pip install x'", lambda c: c.append(c.LAB, "\n# %%\n%pip install x\n")),
    ("nothing-is-installed", "installs something", lambda c: c.append(c.LAB, "\n# %%\n!apt-get install x\n")),
    (
        "nothing-is-installed",
        "hidden.py:",
        lambda c: c.append(c.HIDDEN, 'subprocess.run([sys.executable, "-m", "pip", "install", "x"])\n'),
    ),
    ("nothing-is-downloaded", "'!wget x'", lambda c: c.append(c.LESSON, "\n# %%\n!wget x\n")),
    ("nothing-is-downloaded", "fetches or runs a shell", lambda c: c.append(c.LESSON, "\n# %%\n%%bash\nls\n")),
    ("nothing-is-downloaded", "lab.py:", lambda c: c.append(c.LAB, '\n# %%\nload_dataset("x")\n')),
    ("paths-are-relative", "an absolute path: '/home/ada/x.csv", lambda c: c.append(c.LESSON, f"# {HOME}/x.csv\n")),
    ("paths-are-relative", "practice.toml:", lambda c: c.append(c.HINTS, f'# "{SCRATCH}"\n')),
    ("paths-are-relative", "an absolute path: 'C:", lambda c: c.append(c.LAB, f"# {WINDOWS}\n")),
    ("paths-are-relative", "lesson.ipynb:ask:", lambda c: output(c, "ask", f"File {HOME}/x.py")),
    (
        "images-are-committed",
        "loads from elsewhere",
        lambda c: c.replace(c.LESSON, "## A control", f"![p]({AWAY}/p.png)"),
    ),
    ("images-are-committed", "lab.py:", lambda c: c.replace(c.LAB, "### Given 1", f'<img alt="p" src="{AWAY}/p.png">')),
    ("images-are-committed", "page.md:", lambda c: c.append(c.PAGE, f"![a picture]({AWAY}/p.png)\n")),
    ("images-are-committed", "lesson.ipynb:ask:", lambda c: output(c, "ask", f'<script src="{AWAY}/x.js">')),
    (
        "set-up-comes-first",
        "the first code cell calls setup(\"week 01\"); here cell 'setup' does not",
        lambda c: c.replace(c.LESSON, 'setup("week 01")', 'setup("week 02")'),
    ),
    ("set-up-comes-first", "cell 'code-", lambda c: c.write(c.LAB, "# %%\nimport json\n\n" + c.text(c.LAB))),
]


@pytest.mark.parametrize(("rule", "says", "spoil"), SPOILT, ids=[f"{rule}: {says}" for rule, says, _ in SPOILT])
def test_a_broken_rule_is_noticed(small: Any, rule: str, says: str, spoil: Callable[[Any], object]) -> None:
    spoil(small)
    found = small.broken(rule)
    assert [problem for problem in found if says in problem], found


@pytest.mark.parametrize(
    "text",
    [
        "a/home/b",
        "https://example.org/home/x",
        "Q:\\n and A:\\n",
        "either/or",
        "~/work/x",
        "../work/x",
        "/v1/models",
        "/tmpl",
    ],
)
def test_what_only_looks_like_an_absolute_path_passes(small: Any, text: str) -> None:
    assert small.append(small.LESSON, f"# {text}\n").broken("paths-are-relative") == []


@pytest.mark.parametrize(
    "text", ["import pip_tools", "# to pip install is to trust", "uv = 3", "subprocess.run([program])"]
)
def test_what_only_speaks_of_installing_passes(small: Any, text: str) -> None:
    assert small.append(small.LESSON, f"\n# %%\n{text}\n").broken("nothing-is-installed") == []


def test_a_relative_picture_and_a_link_to_a_site_pass(small: Any) -> None:
    small.replace(small.LESSON, "## A control", f"![p](p.svg) and [a site]({AWAY}/p.png)")
    assert small.broken("images-are-committed") == []
