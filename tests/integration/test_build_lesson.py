"""A lesson is executed and kept with its outputs; whatever of the file a build would not make is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from courseware.build import lesson as lessons
from courseware.build.errors import ExecutionError
from courseware.build.places import Week
from courseware.build.tree import build, verify
from courseware.manifest import Course

pytestmark = pytest.mark.kernel

WEEK = "week_01_tokenization"
LESSON = '''# %% [markdown] id="title"
r"""
# A lesson
"""

# %% id="first"
import os

print(os.environ["OMP_NUM_THREADS"], os.path.basename(os.environ["COURSE_ROOT"]))
print(1 / 3, open("words.txt").read().split())

# %% id="fails" tags=["raises-exception"]
b"\\xff".decode()

# %% id="value"
{"a": 2 / 3, "b": object}
'''
MENDED = '# %% id="one"\nx = 1\n\n# %% id="two"\n'
FIX = "run `course build` and commit the result"


def only_lesson(course: Course) -> Course:
    """Return the course with every part planned but week 01's lesson."""
    weeks = []
    for week in course.weeks:
        state = "ready" if week.id == WEEK else "planned"
        parts = {
            "lesson": week.lesson.model_copy(update={"state": state, "data": ()}),
            "lab": week.lab.model_copy(update={"state": "planned"}),
        }
        weeks.append(week.model_copy(update=parts))
    return course.model_copy(update={"weeks": tuple(weeks)})


def write_sources(root: Path, checkout: Path) -> None:
    folder = Week(root, WEEK).lesson
    folder.mkdir(parents=True)
    (folder / "lesson.py").write_text(LESSON, encoding="utf-8")
    (folder / "words.txt").write_text("one two\n", encoding="utf-8")
    for name in ("course.toml", "docs/syllabus.md", "docs/reference/models.md"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(checkout / name, root / name)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, root: Path, course: Course) -> Path:
    """A course of one lesson, built once; tests get a copy."""
    folder = tmp_path_factory.mktemp("lesson") / "course"
    folder.mkdir()
    write_sources(folder, root)
    build(folder, only_lesson(course), lambda _: None)
    return folder


@pytest.fixture
def tree(built: Path, tmp_path: Path) -> Path:
    """The built course, to be spoilt."""
    shutil.copytree(built, tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture
def problems(tree: Path, course: Course) -> Callable[..., list[str]]:
    """What `verify` finds in the tree; with `execute=True` it runs the lesson again."""
    return lambda **options: verify(tree, only_lesson(course), lambda _: None, **options)


def notebook_path(tree: Path) -> Path:
    return tree / "notebooks" / WEEK / "lesson.ipynb"


def cells(tree: Path) -> dict[str, Any]:
    notebook = json.loads(notebook_path(tree).read_text(encoding="utf-8"))
    return {cell["id"]: cell for cell in notebook["cells"]}


def spoil(path: Path, change: Callable[[Any], object]) -> None:
    """Change a notebook's JSON, keeping its layout."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def refusal(tree: Path, course: Course, text: str) -> str:
    """What the builder says of a lesson of this text."""
    source = tree / "notebooks" / WEEK / "lesson.py"
    source.write_text(text, encoding="utf-8")
    with pytest.raises(ExecutionError) as refused:
        build(tree, only_lesson(course), lambda _: None)
    return str(refused.value).removeprefix(f"{source}:")


def test_a_lesson_runs_in_its_folder_with_one_thread_and_keeps_its_outputs(built: Path) -> None:
    assert cells(built)["first"]["outputs"][0]["text"] == ["1 course\n", "0.3333 ['one', 'two']\n"]
    assert cells(built)["value"]["outputs"][0]["data"]["text/plain"] == ["{'a': 0.6667, 'b': object}"]


def test_a_failure_on_purpose_keeps_its_last_line_alone(built: Path) -> None:
    output = cells(built)["fails"]["outputs"][0]
    assert output["ename"] == "UnicodeDecodeError"
    assert [line.partition(":")[0] for line in output["traceback"]] == ["UnicodeDecodeError"]


def test_nothing_of_the_machine_is_in_the_file(built: Path) -> None:
    notebook = json.loads(notebook_path(built).read_text(encoding="utf-8"))
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert {cell.get("execution_count") for cell in notebook["cells"]} == {None}
    assert [cell["metadata"] for cell in notebook["cells"]] == [{}, {}, {"tags": ["raises-exception"]}, {}]
    assert str(built) not in notebook_path(built).read_text(encoding="utf-8")


def test_a_fresh_build_has_no_problems(problems: Callable[..., list[str]]) -> None:
    assert problems() == problems(execute=True) == []


def test_two_builds_are_byte_identical(built: Path, tmp_path: Path, root: Path, course: Course) -> None:
    again = tmp_path / "course"
    again.mkdir()
    write_sources(again, root)
    build(again, only_lesson(course), lambda _: None)
    assert notebook_path(again).read_bytes() == notebook_path(built).read_bytes()


def test_a_lesson_is_executed_again_only_if_its_inputs_changed(tree: Path, course: Course) -> None:
    said: list[str] = []
    build(tree, only_lesson(course), said.append)
    assert f"executing {WEEK}" not in said
    (tree / "notebooks" / WEEK / "words.txt").write_text("three\n")
    build(tree, only_lesson(course), said.append)
    assert f"executing {WEEK}" in said
    assert "'three'" in cells(tree)["first"]["outputs"][0]["text"][1]


def change_text(notebook: Any) -> None:
    notebook["cells"][1]["source"][0] = "import  os\n"


def change_metadata(notebook: Any) -> None:
    notebook["cells"][2]["metadata"]["tags"] = ["raises"]


def change_output(notebook: Any) -> None:
    notebook["cells"][1]["outputs"][0]["text"][1] = "0.3334 ['one', 'two']\n"


def add_output(notebook: Any) -> None:
    notebook["cells"][1]["outputs"].append({"name": "stdout", "output_type": "stream", "text": ["x"]})


def remove_outputs(notebook: Any) -> None:
    notebook["cells"][3]["outputs"] = []


def change_id(notebook: Any) -> None:
    notebook["cells"][0]["id"] = "titel"


def change_count(notebook: Any) -> None:
    notebook["cells"][1]["execution_count"] = 3


def change_digest(notebook: Any) -> None:
    notebook["metadata"]["course"]["outputs"]["value"] = "0" * 12


def change_inputs(notebook: Any) -> None:
    notebook["metadata"]["course"]["inputs"] = "0"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (change_text, "cell first: its source differs"),
        (change_metadata, "cell fails: its metadata differs"),
        (change_output, "cell first: its outputs were edited"),
        (add_output, "cell first: its outputs were edited"),
        (remove_outputs, "cell value: its outputs were edited"),
        (change_id, "cell title: its id differs"),
        (change_count, "cell first: its execution_count differs"),
        (change_digest, "cell value: its outputs were edited"),
        (change_inputs, "the notebook's metadata differ"),
        (lambda notebook: notebook["metadata"].pop("kernelspec"), "the notebook's metadata differ"),
        (lambda notebook: notebook["metadata"].update(course=3), "the notebook's metadata differ"),
        (lambda notebook: notebook["metadata"]["course"].update(outputs=[1]), "outputs were edited"),
        (lambda notebook: notebook["cells"].pop(0), "3 cells, not 4"),
        (
            lambda notebook: notebook["cells"][0].update(attachments={"a.png": {}}),
            "cell title: its attachments differs",
        ),
        (lambda notebook: notebook["cells"][1].pop("outputs"), "not a notebook: "),
        (lambda notebook: notebook["cells"][0].pop("id"), "not a notebook: a cell has no id"),
        (lambda notebook: notebook.update(nbformat_minor=4), ""),
        (lambda notebook: notebook.update(extra=1), "not a notebook: "),
    ],
)
def test_a_change_in_any_part_of_a_lesson_is_named(
    tree: Path, problems: Callable[..., list[str]], change: Callable[[Any], object], says: str
) -> None:
    spoil(notebook_path(tree), change)
    found = problems()
    assert found
    assert all(problem.startswith(f"notebooks/{WEEK}/lesson.ipynb: ") for problem in found)
    assert any(says in problem for problem in found), found


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null"])
def test_a_file_that_is_no_notebook_is_named(tree: Path, problems: Callable[..., list[str]], text: str) -> None:
    notebook_path(tree).write_text(text)
    assert [problem.partition(": not a notebook: ")[0] for problem in problems()] == [f"notebooks/{WEEK}/lesson.ipynb"]


def test_white_space_in_the_file_is_noticed(tree: Path, problems: Callable[..., list[str]]) -> None:
    path = notebook_path(tree)
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert problems() == [f"notebooks/{WEEK}/lesson.ipynb: its layout differs; {FIX}"]


def test_a_lesson_that_is_not_built_is_named(tree: Path, problems: Callable[..., list[str]]) -> None:
    notebook_path(tree).unlink()
    assert problems() == [f"notebooks/{WEEK}/lesson.ipynb: not built; {FIX}"]


def test_an_output_that_a_fresh_run_does_not_give_is_named(tree: Path, problems: Callable[..., list[str]]) -> None:
    def change(notebook: Any) -> None:
        change_output(notebook)
        notebook["cells"][1]["outputs"][0]["text"][1] = "0.5 ['one', 'two']\n"
        outputs = lessons.output_digests(_as_notebook(notebook))
        notebook["metadata"]["course"]["outputs"] = outputs

    spoil(notebook_path(tree), change)
    assert problems() == []
    found = f"notebooks/{WEEK}/lesson.ipynb: cell first: prints 0.3333, not 0.5; {FIX}"
    assert problems(execute=True) == [found]


def _as_notebook(content: Any) -> Any:
    from courseware.build.notebook import read_notebook

    return read_notebook(json.dumps(content))


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("1 / 0\n", "4: ZeroDivisionError: division by zero; mend this cell"),
        ('raise ValueError("one\\ntwo")\n', "4: ValueError: one; mend this cell"),
        ("import sys\n\nprint('a warning', file=sys.stderr)\n", "4: writes to stderr: 'a warning'; silence its cause"),
        ("import os\n\nos._exit(1)\n", "4: Kernel died"),
        (
            'from IPython.display import display\n\nkind = "application/vnd.jupyter.widget-view+json"\n'
            'display({kind: {"model_id": "x", "version_major": 2, "version_minor": 0}}, raw=True)\n',
            "4: shows a widget",
        ),
    ],
)
def test_a_cell_that_does_what_it_must_not_is_named_by_file_and_line(
    tree: Path, course: Course, cell: str, says: str
) -> None:
    assert says in refusal(tree, course, MENDED + cell)


def test_a_failure_on_purpose_that_does_not_fail_is_refused(tree: Path, course: Course) -> None:
    text = '# %% id="one"\nx = 1\n\n# %% id="two" tags=["raises-exception"]\nx\n'
    assert refusal(tree, course, text).startswith("4: this cell is marked raises-exception but does not raise")


def test_a_cell_that_takes_too_long_is_named(tree: Path, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "SECONDS", 1)
    assert "4: A cell timed out" in refusal(tree, course, MENDED + "import time\n\ntime.sleep(30)\n")


def test_a_refused_lesson_leaves_the_committed_file_alone(tree: Path, course: Course) -> None:
    before = notebook_path(tree).read_bytes()
    refusal(tree, course, MENDED + "1 / 0\n")
    assert notebook_path(tree).read_bytes() == before
