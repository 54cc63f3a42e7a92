"""What a notebook imports, in a real Jupyter kernel: with ipywidgets and without, live and for a built page."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = pytest.mark.kernel

WEEK = "week_01_tokenization"
PLOT_DATA = "application/vnd.courseware.plot+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
WITHOUT_WIDGETS = "import sys; sys.modules['ipywidgets'] = None"
DOOR = "from courseware.learner import *"

PRACTICE = """
[[predict]]
id = "bytes"
question = "How many bytes does `é` take?"
options = ["1", "2"]
answer = "2"
why = "SECRET-WHY"

[[exercise]]
id = "count"
hints = ["ONE", "TWO", "THREE"]
answer = "SECRET-ANSWER"

[[quiz]]
id = "unit"
question = "What does a model read?"
objective = 1
options = [
    { text = "Letters", why = "SECRET-LETTERS" },
    { text = "Tokens, and this option is too long to stand on a button", right = true, why = "SECRET-TOKENS" },
]
"""


class Kernel:
    """A kernel in a notebook's folder; `run` gives the outputs of one cell."""

    def __init__(self, client: NotebookClient) -> None:
        self.client = client

    def run(self, source: str) -> list[Any]:
        cell = new_code_cell(source)
        self.client.nb.cells.append(cell)
        self.client.execute_cell(cell, len(self.client.nb.cells) - 1)
        return list(cell.outputs)

    def text(self, source: str) -> str:
        """Everything the cell shows, as text."""
        outputs = self.run(source)
        return "\n".join(o.text if o.output_type == "stream" else o.data["text/plain"] for o in outputs)

    def press(self, view: Any, index: int) -> str:
        """Press a button as a front end does; give the HTML that then stands below the buttons."""
        box = self.client.widget_state[view.data[WIDGET]["model_id"]]
        buttons, result = (child.removeprefix("IPY_MODEL_") for child in box["children"])
        data = {"method": "update", "state": {"index": index}, "buffer_paths": []}
        kernel = self.client.kc
        assert kernel is not None
        kernel.shell_channel.send(kernel.session.msg("comm_msg", {"comm_id": buttons, "data": data}))
        (value,) = self.run(f"from ipywidgets.widgets import widget; widget._instances[{result!r}].value")
        return str(value.data["text/plain"])


@contextmanager
def kernel(folder: Path, root: Path, **variables: str) -> Iterator[Kernel]:
    """A fresh kernel in `folder`, where the practice file and the progress are."""
    (folder / "practice.toml").write_text(PRACTICE, encoding="utf-8")
    environment = os.environ | {"COURSE_ROOT": str(root), "COURSE_PROGRESS": str(folder / "progress.jsonl")} | variables
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(new_notebook(), kernel_name="python3", timeout=60, resources=resources)
    with client.setup_kernel(env=environment):
        yield Kernel(client)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Kernel]:
    """A kernel that a front end with ipywidgets talks to; each test answers items nobody else does."""
    with kernel(tmp_path_factory.mktemp("live"), root) as running:
        running.run(f'{DOOR}\nm = setup("week 01")')
        yield running


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Kernel]:
    """A kernel without ipywidgets."""
    with kernel(tmp_path_factory.mktemp("plain"), root) as running:
        running.run(WITHOUT_WIDGETS)
        running.run(f'{DOOR}\nm = setup("week 01")')
        yield running


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Kernel]:
    """A kernel that makes the outputs of a committed notebook."""
    with kernel(tmp_path_factory.mktemp("built"), root, COURSE_STATIC="1") as running:
        running.run(f'{DOOR}\nm = setup("week 01")')
        yield running


def test_a_pressed_prediction_is_recorded_and_explained(live: Kernel) -> None:
    question, buttons = live.run('predict("bytes")')
    assert "SECRET" not in str(question.data)
    assert "SECRET-WHY" in live.press(buttons, 0)
    assert "'bytes': Answer(text='1', right=False)" in live.text(f"progress.state().week({WEEK!r}).predictions")


def test_a_pressed_quiz_item_explains_every_option(live: Kernel) -> None:
    question, buttons = live.run("quiz()")
    assert "SECRET" not in str(question.data)
    shown = live.press(buttons, 1)
    assert "SECRET-LETTERS" in shown
    assert "1 of 1 answered, 1 right." in shown
    assert "(your answer, right)" in live.text("quiz()")


def test_without_ipywidgets_a_question_is_asked_as_html_and_answered_by_typing(plain: Kernel) -> None:
    (asked,) = plain.run('predict("bytes")')
    assert set(asked.data) == {"text/html", "text/plain"}
    assert 'predict("bytes", "A")' in asked.data["text/plain"]
    assert "SECRET-WHY" in plain.text('predict("bytes", "2")')


def test_without_ipywidgets_the_quiz_is_one_display(plain: Kernel) -> None:
    (asked,) = plain.run("quiz()")
    assert set(asked.data) == {"text/html", "text/plain"}
    assert "1 of 1 answered" in plain.text('quiz("unit", 2)')


def test_an_error_is_one_line_without_a_traceback(plain: Kernel) -> None:
    with pytest.raises(CellExecutionError):
        plain.run('predict("nothing")')
    (error,) = plain.client.nb.cells[-1].outputs
    assert error.traceback == ["UnknownItemError: no prediction is called 'nothing' in practice.toml; it has: bytes"]


def test_nothing_of_the_door_writes_to_standard_error(plain: Kernel) -> None:
    outputs = plain.run(
        'setup("01"); hint("count"); reveal("count"); plots.lines([1], [1], "T", x_label="x", y_label="y")'
    )
    assert "stderr" not in {output.get("name") for output in outputs}


def test_progress_that_cannot_be_kept_is_said_once_on_standard_output(tmp_path: Path, root: Path) -> None:
    with kernel(tmp_path, root, COURSE_PROGRESS=str(tmp_path)) as running:
        first = running.run(f'{DOOR}\nhint("count")\nhint("count")')
        assert [output.get("name") for output in first if output.output_type == "stream"] == ["stdout"]
        assert "step 3 of 3" in running.text('hint("count")')


def test_a_plot_is_shown_once_with_a_sentence_about_it(plain: Kernel) -> None:
    (shown,) = plain.run('plots.bars(["a"], [1], "Cost", x_label="model", y_label="tokens")')
    assert set(shown.data) == {"image/png", "text/plain"}
    assert shown.data["text/plain"] == "Cost: 1 group of bars; x axis: model; y axis: tokens."
    assert shown.metadata["image/png"]["alt"] == shown.data["text/plain"]
    assert base64.b64decode(shown.data["image/png"]).startswith(b"\x89PNG")


def test_on_a_built_page_pyplots_figures_carry_their_numbers_too(built: Kernel) -> None:
    (shown,) = built.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert shown.data[PLOT_DATA]["axes"][0]["lines"][0]["y"] == [1, 2]
    (shown,) = built.run('plots.lines([1, 2], [3, 4], "T", x_label="x", y_label="y")')
    assert shown.data[PLOT_DATA]["axes"][0]["lines"][0]["y"] == [3, 4]


def test_a_built_page_has_no_widget_no_version_and_every_answer_shut(built: Kernel) -> None:
    outputs = [
        *built.run('m = setup("week 01")'),
        *built.run('predict("bytes")\nhint("count")\nreveal("count")\nquiz()'),
    ]
    assert len(outputs) == 5
    assert all(set(output.data) == {"text/html", "text/plain"} for output in outputs)
    assert "Python 3" not in outputs[0].data["text/plain"]
    html = "".join(output.data["text/html"] for output in outputs[1:])
    assert "<details open" not in html
    assert html.count("<details") == 7
    assert not any("SECRET" in output.data["text/plain"] for output in outputs)


def test_a_built_page_is_the_same_each_time(built: Kernel) -> None:
    source = 'predict("bytes", "1"); hint("count"); quiz("unit", 1); quiz(); reveal("count")'
    assert built.run(source) == built.run(source)


def test_outputs_are_valid_notebook_content(built: Kernel) -> None:
    nbformat.validate(built.client.nb)
