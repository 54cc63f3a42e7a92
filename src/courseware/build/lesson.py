"""Builds a lesson: text source to an executed notebook with its outputs kept."""

from __future__ import annotations

import copy
import hashlib
import json

from nbformat import NotebookNode

from courseware.build.environment import kernel_environment
from courseware.build.errors import ExecutionError
from courseware.build.notebook import new_cell, new_course_notebook
from courseware.build.outputs import printed
from courseware.build.places import Week, digest
from courseware.build.source import Cell, read_source
from courseware.kernels import notebook_client

SOURCE, NOTEBOOK = "lesson.py", "lesson.ipynb"
SECONDS = 120  # twice the budget of a whole lesson, for a slow machine
_WIDGET = "application/vnd.jupyter.widget-view+json"


def inputs_digest(week: Week) -> str:
    """Return a hash of what the lesson is made of; it is executed again when this changes.

    That is what the author wrote in its folder, and the week's recordings.
    """
    own = [path for path in week.lesson.iterdir() if path.is_file() and path.name != NOTEBOOK]
    return digest([*own, *week.recordings.glob("*.yaml")], week.root)


def lesson_notebook(week: Week) -> NotebookNode:
    """Return the lesson without outputs."""
    nodes = [new_cell(cell) for cell in read_source(week.lesson / SOURCE)]
    return new_course_notebook(nodes, {"lesson": week.id, "inputs": inputs_digest(week)})


def output_digests(notebook: NotebookNode) -> dict[str, str]:
    """Return a hash of each cell's outputs by cell id, so that a changed character in one is noticed and named."""
    return {
        node.id: hashlib.sha256(json.dumps(node.outputs, sort_keys=True).encode()).hexdigest()[:12]
        for node in notebook.cells
        if node.get("outputs")
    }


def execute(notebook: NotebookNode, week: Week) -> NotebookNode:
    """Run the lesson from top to bottom in a fresh kernel and keep its outputs as they are committed.

    Raises:
        ExecutionError: a cell raised, or one marked `raises-exception` did not; the message names its line.
    """
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    cells = {cell.id: cell for cell in read_source(week.lesson / SOURCE)}
    metadata = copy.deepcopy(notebook.metadata)  # the client writes versions into it
    running: list[str] = []
    client = notebook_client(
        notebook,
        week.lesson,
        seconds=SECONDS,
        on_cell_start=lambda **started: running.append(started["cell"].id),
    )
    try:
        client.execute(env=kernel_environment(week.root))
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        line = cells[running[-1]].line if running else 1
        text = f"{error.ename}: {error.evalue}" if isinstance(error, CellExecutionError) else str(error)
        raise ExecutionError(f"{week.lesson / SOURCE}:{line}: {_first_line(text)}; mend this cell") from error
    for node in notebook.cells:
        if node.cell_type == "code":
            _settle(week, node, cells[node.id])
    notebook["metadata"] = metadata
    notebook.metadata.course["outputs"] = output_digests(notebook)
    return notebook


def _settle(week: Week, node: NotebookNode, cell: Cell) -> None:
    failed = any(output.output_type == "error" for output in node.outputs)
    place = f"{week.lesson / SOURCE}:{cell.line}"
    if "raises-exception" in cell.tags and not failed:
        raise ExecutionError(f"{place}: this cell is marked raises-exception but does not raise; mend it or the tag")
    noise = [output.text for output in node.outputs if output.get("name") == "stderr"]
    if noise:
        raise ExecutionError(f"{place}: writes to stderr: {noise[0].strip()[:100]!r}; silence its cause")
    if any(_WIDGET in output.get("data", {}) for output in node.outputs):
        raise ExecutionError(f"{place}: shows a widget, which a reader of the file cannot use; show its static form")
    node["outputs"] = printed(node.outputs)
    node["execution_count"] = None
    node.metadata.pop("execution", None)


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "no message")
