"""Builds a lesson: text source to an executed notebook with its outputs kept."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from nbformat import NotebookNode

from courseware.build.errors import ExecutionError
from courseware.build.notebook import new_cell, new_course_notebook
from courseware.build.outputs import printed
from courseware.build.places import Week, digest
from courseware.build.source import Cell, read_source

SOURCE, NOTEBOOK = "lesson.py", "lesson.ipynb"
SECONDS = 120  # twice the budget of a whole lesson, for a slow machine


def inputs_digest(week: Week) -> str:
    """Return a hash of what the author wrote in the lesson's folder; it is executed again when this changes."""
    own = [path for path in week.lesson.iterdir() if path.is_file() and path.name != NOTEBOOK]
    return digest(own, week.root)


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
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    lines = {cell.id: cell for cell in read_source(week.lesson / SOURCE)}
    client = NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=_where(week.lesson))
    try:
        client.execute(env=kernel_environment(week.root))
    except (CellExecutionError, CellTimeoutError) as error:
        raise ExecutionError(f"{_culprit(week, notebook, lines)}: {_last_line(str(error))}") from error
    for node in notebook.cells:
        if node.cell_type == "code":
            _settle(week, node, lines[node.id])
    notebook.metadata.course["outputs"] = output_digests(notebook)
    return notebook


def kernel_environment(root: Path) -> Mapping[str, str]:
    """Return the environment a lesson is executed in: one thread, static widgets, no record of progress."""
    fixed = {"COURSE_ROOT": str(root), "COURSE_STATIC": "1", "COURSE_PROGRESS": os.devnull}
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0", **fixed}


def _settle(week: Week, node: NotebookNode, cell: Cell) -> None:
    failed = any(output.output_type == "error" for output in node.outputs)
    place = f"{week.lesson / SOURCE}:{cell.line}"
    if "raises-exception" in cell.tags and not failed:
        raise ExecutionError(f"{place}: this cell is marked raises-exception but does not raise; mend it or the tag")
    noise = [output.text for output in node.outputs if output.get("name") == "stderr"]
    if noise:
        raise ExecutionError(f"{place}: writes to stderr: {noise[0].strip()[:100]!r}; silence its cause")
    node["outputs"] = printed(node.outputs)
    node["execution_count"] = None
    node.metadata.pop("execution", None)


def _where(folder: Path) -> dict[str, dict[str, str]]:
    return {"metadata": {"path": str(folder)}}


def _culprit(week: Week, notebook: NotebookNode, lines: Mapping[str, Cell]) -> str:
    for node in notebook.cells:
        failed = any(output.output_type == "error" for output in node.get("outputs", []))
        if failed and "raises-exception" not in node.metadata.get("tags", []):
            return f"{week.lesson / SOURCE}:{lines[node.id].line}"
    return str(week.lesson / SOURCE)


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"
