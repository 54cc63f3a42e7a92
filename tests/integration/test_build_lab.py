"""A lab goes through nbgrader's own generate step; whatever of a release is not made by it is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from courseware.build.errors import BuildError, SourceError
from courseware.build.lab import lab_version, source_notebook
from courseware.build.places import Week
from courseware.build.tree import build, release_problems, verify
from courseware.manifest import Course

pytestmark = pytest.mark.kernel

WEEK = "week_01_tokenization"
LAB = '''# %% [markdown] id="header"
r"""
# A lab
"""

# %% id="given" role="locked"
LIMIT = 5

# %% id="double" role="answer"
def double(number):
    """Return twice the number."""
    ### BEGIN SOLUTION
    return sum([number, number])
    ### END SOLUTION

# %% id="double-visible" role="check" points=3

# %% id="double-hidden" role="hidden" points=7

# %% [markdown] id="memo" role="manual" points=10
r"""
### BEGIN SOLUTION
The model memo.
### END SOLUTION
"""
'''
CHECK = """from courseware.checks import case, check


@check("double-{kind}", points={points}, title="Doubling"{hidden})
def double_{kind}(student, world):
    with case("a number", points={points}) as c:
        c.equal(student.call("double", {number}), {twice})
"""


def only(course: Course, *, lab: str = "planned", lesson: str = "planned") -> Course:
    """Return the course with every part planned but those of week 01 that are named."""
    weeks = []
    for week in course.weeks:
        states = (lesson, lab) if week.id == WEEK else ("planned", "planned")
        parts = {
            "lesson": week.lesson.model_copy(update={"state": states[0], "data": ()}),
            "lab": week.lab.model_copy(update={"state": states[1], "data": ("gold/words.txt",)}),
        }
        weeks.append(week.model_copy(update=parts))
    return course.model_copy(update={"weeks": tuple(weeks)})


def write_sources(root: Path, checkout: Path) -> None:
    week = Week(root, WEEK)
    files = {
        week.solution / "lab.py": LAB,
        week.solution / "practice.toml": '[[exercise]]\nid = "double"\nhints = ["a", "b", "c"]\n',
        week.graders / "visible.py": CHECK.format(kind="visible", points=3, hidden="", number=2, twice=4),
        week.graders / "hidden.py": CHECK.format(kind="hidden", points=7, hidden=", hidden=True", number=31, twice=62),
        root / "data/gold/words.txt": "one two\n",
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in ("nbgrader_config.py", "course.toml", "docs/syllabus.md", "docs/reference/models.md"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(checkout / name, root / name)


def quiet(_: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, root: Path, course: Course) -> Path:
    """A course of one lab, built once; tests get a copy."""
    folder = tmp_path_factory.mktemp("lab") / "course"
    folder.mkdir()
    write_sources(folder, root)
    build(folder, only(course, lab="ready"), quiet)
    return folder


@pytest.fixture
def tree(built: Path, tmp_path: Path) -> Path:
    """The built course, to be spoilt."""
    shutil.copytree(built, tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture
def problems(built: Path, tree: Path) -> Callable[[], list[str]]:
    """How the tree's release differs from what its sources make, without making that again."""
    return lambda: list(release_problems(built / "labs", tree / "labs"))


@pytest.fixture
def verified(tree: Path, course: Course) -> Callable[[], list[str]]:
    """What `verify` finds in the tree."""
    return lambda: verify(tree, only(course, lab="ready"), quiet)


def release(tree: Path) -> Path:
    return tree / "labs" / WEEK


def cells(tree: Path) -> dict[str, Any]:
    notebook = json.loads((release(tree) / "lab.ipynb").read_text(encoding="utf-8"))
    return {cell["id"]: cell for cell in notebook["cells"]}


def spoil(path: Path, change: Callable[[Any], object]) -> None:
    """Change a notebook's JSON, keeping its layout."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def test_a_fresh_build_has_no_problems(verified: Callable[[], list[str]]) -> None:
    assert verified() == []


def test_the_release_holds_the_notebook_the_visible_checks_and_the_data(built: Path) -> None:
    names = {path.name for path in release(built).iterdir()}
    assert names == {"lab.ipynb", "checks.py", "practice.toml", "words.txt"}


def test_the_release_has_neither_solutions_nor_hidden_checks(built: Path) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in release(built).iterdir())
    secrets = ("sum([number", "The model memo", "31", "hidden_check", "BEGIN")
    assert [secret for secret in secrets if secret in text] == []
    assert "raise NotImplementedError()" in "".join(cells(built)["double"]["source"])
    assert cells(built)["double-hidden"]["source"] == []


def test_cells_keep_their_ids_and_points(built: Path) -> None:
    points = {name: cell["metadata"].get("nbgrader", {}).get("points") for name, cell in cells(built).items()}
    assert points == {
        "header": None,
        "given": None,
        "double": None,
        "double-visible": 3.0,
        "double-hidden": 7.0,
        "memo": 10.0,
    }


def test_the_release_says_which_version_of_the_lab_it_is(built: Path, course: Course) -> None:
    week, lab = Week(built, WEEK), only(course, lab="ready").week(WEEK).lab
    before = lab_version(week, lab)
    assert json.loads((release(built) / "lab.ipynb").read_text())["metadata"]["course"]["version"] == before
    assert source_notebook(week, lab).metadata.course == {"lab": WEEK, "version": before}


def test_other_hints_are_another_version(tmp_path: Path, root: Path, course: Course) -> None:
    write_sources(tmp_path, root)
    week, lab = Week(tmp_path, WEEK), only(course, lab="ready").week(WEEK).lab
    before = lab_version(week, lab)
    (week.solution / "practice.toml").write_text("# other hints\n", encoding="utf-8")
    assert lab_version(week, lab) != before


def test_two_builds_are_byte_identical(built: Path, tmp_path: Path, root: Path, course: Course) -> None:
    write_sources(tmp_path, root)
    build(tmp_path, only(course, lab="ready"), quiet)
    for path in release(built).iterdir():
        assert (release(tmp_path) / path.name).read_bytes() == path.read_bytes()


def change_text(notebook: Any) -> None:
    notebook["cells"][0]["source"][0] = "# A  lab"


def change_metadata(notebook: Any) -> None:
    notebook["cells"][3]["metadata"]["nbgrader"]["points"] = 4.0


def change_output(notebook: Any) -> None:
    notebook["cells"][2]["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["x"]}]


def change_id(notebook: Any) -> None:
    notebook["cells"][1]["id"] = "givem"


def change_count(notebook: Any) -> None:
    notebook["cells"][1]["execution_count"] = 1


def change_kind(notebook: Any) -> None:
    notebook["cells"][0]["cell_type"] = "raw"


def change_notebook(notebook: Any) -> None:
    notebook["metadata"]["course"]["version"] = "0"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (change_text, "lab.ipynb: cell header: its source differs"),
        (change_metadata, "lab.ipynb: cell double-visible: its metadata differs"),
        (change_output, "lab.ipynb: cell double: its outputs differs"),
        (change_id, "lab.ipynb: cell given: its id differs"),
        (change_count, "lab.ipynb: cell given: its execution_count differs"),
        (change_kind, "lab.ipynb: cell header: its cell_type differs"),
        (change_notebook, "lab.ipynb: the notebook's metadata differ"),
        (lambda notebook: notebook["cells"].pop(), "lab.ipynb: 5 cells, not 6"),
        (lambda notebook: notebook["cells"][0].pop("id"), "lab.ipynb: not a notebook: a cell has no id"),
        (lambda notebook: notebook["cells"][1].update(id="header"), "2 cells have the id 'header'"),
        (lambda notebook: notebook["cells"][1].pop("outputs"), "lab.ipynb: not a notebook: "),
        (lambda notebook: notebook.update(nbformat=3), "lab.ipynb: not a notebook: it is not nbformat 4"),
        (lambda notebook: notebook.update(nbformat_minor=4), "lab.ipynb: "),
    ],
)
def test_a_change_in_any_part_of_a_release_is_named(
    tree: Path, problems: Callable[[], list[str]], change: Callable[[Any], object], says: str
) -> None:
    spoil(release(tree) / "lab.ipynb", change)
    found = problems()
    assert found
    assert f"labs/{WEEK}/lab.ipynb: " in found[0]
    assert says in found[0]


def test_white_space_in_the_file_is_noticed(tree: Path, problems: Callable[[], list[str]]) -> None:
    path = release(tree) / "lab.ipynb"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert problems() == [f"labs/{WEEK}/lab.ipynb: its layout differs; run `course build` and commit the result"]


@pytest.mark.parametrize("name", [f"{WEEK}/notes.txt", f"{WEEK}/sub/notes.txt", "week_02_old/lab.ipynb", "notes.txt"])
def test_a_file_that_nothing_makes_is_named(tree: Path, problems: Callable[[], list[str]], name: str) -> None:
    (tree / "labs" / name).parent.mkdir(exist_ok=True)
    (tree / "labs" / name).write_text("x")
    assert problems() == [f"labs/{name}: no source makes it; remove it"]


def test_a_cache_is_no_file_of_the_release(tree: Path, problems: Callable[[], list[str]]) -> None:
    (release(tree) / "__pycache__").mkdir()
    (release(tree) / "__pycache__" / "checks.pyc").write_bytes(b"x")
    assert problems() == []


def test_a_missing_and_a_changed_file_are_named(tree: Path, problems: Callable[[], list[str]]) -> None:
    (release(tree) / "practice.toml").unlink()
    (release(tree) / "words.txt").write_text("one  two\n")
    assert problems() == [
        f"labs/{WEEK}/practice.toml: missing; run `course build` and commit the result",
        f"labs/{WEEK}/words.txt: differs from its source; run `course build` and commit the result",
    ]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"cells": 3, "nbformat": 4}'])
def test_a_file_that_is_no_notebook_is_named(tree: Path, problems: Callable[[], list[str]], text: str) -> None:
    (release(tree) / "lab.ipynb").write_text(text)
    assert [problem.partition(": not a notebook: ")[0] for problem in problems()] == [f"labs/{WEEK}/lab.ipynb"]


def test_a_changed_source_is_noticed_and_a_build_mends_all(
    tree: Path, verified: Callable[[], list[str]], course: Course
) -> None:
    source = Week(tree, WEEK).solution / "lab.py"
    source.write_text(source.read_text().replace("# A lab", "# Another lab"))
    old_table = (tree / "docs/syllabus.md").read_text(encoding="utf-8").replace("| ", "|  ", 1)
    (release(tree) / "old").mkdir()
    (release(tree) / "old" / "x.txt").write_text("x")
    (tree / "docs/syllabus.md").write_text(old_table, encoding="utf-8")
    found = [problem.partition(";")[0] for problem in verified()]
    assert found == [
        f"labs/{WEEK}/lab.ipynb: cell header: its source differs",
        f"labs/{WEEK}/lab.ipynb: the notebook's metadata differ",
        f"labs/{WEEK}/old/x.txt: no source makes it",
        "docs/syllabus.md: differs from course.toml",
    ]
    build(tree, only(course, lab="ready"), quiet)
    assert verified() == []


def test_a_lab_without_its_data_is_refused(tree: Path, verified: Callable[[], list[str]]) -> None:
    (tree / "data/gold/words.txt").unlink()
    with pytest.raises(SourceError, match=r"words\.txt, which does not exist"):
        verified()


def test_nbgraders_own_refusal_is_passed_on(tree: Path, verified: Callable[[], list[str]]) -> None:
    source = Week(tree, WEEK).solution / "lab.py"
    source.write_text(source.read_text().replace("    ### END SOLUTION\n", "", 1))
    with pytest.raises(BuildError, match=f"{WEEK}: nbgrader made no release: .*"):
        verified()


@pytest.fixture(autouse=True)
def no_leftovers(tmp_path: Path) -> Iterator[None]:
    """A build changes neither the current folder nor the environment."""
    import os

    before = (Path.cwd(), dict(os.environ))
    yield
    assert (Path.cwd(), {name: os.environ.get(name) for name in before[1]}) == (
        before[0],
        before[1] | {"PYTEST_CURRENT_TEST": os.environ.get("PYTEST_CURRENT_TEST")},
    )
