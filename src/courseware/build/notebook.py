"""Makes notebook files: cells to nbformat, and nbformat to bytes that are equal whenever the content is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from courseware.build.source import Cell

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def new_cell(cell: Cell, metadata: Mapping[str, Any] | None = None, text: str | None = None) -> NotebookNode:
    """Return `cell` as an nbformat cell with its own id."""
    make: Any = new_code_cell if cell.kind == "code" else new_markdown_cell
    tags = {"tags": list(cell.tags)} if cell.tags else {}
    node = make(cell.text if text is None else text, id=cell.id, metadata={**tags, **(metadata or {})})
    return cast(NotebookNode, node)


def new_course_notebook(cells: list[NotebookNode], course: Mapping[str, str]) -> NotebookNode:
    """Return a notebook of `cells`; `course` says what it was built from."""
    metadata = {"kernelspec": dict(_KERNEL), "language_info": {"name": "python"}, "course": dict(course)}
    return cast(NotebookNode, new_notebook(cells=cells, metadata=metadata))


def to_text(notebook: NotebookNode) -> str:
    """Return the file's content, stable: sorted keys, one-space indent, a final newline."""
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook, version=4)) + "\n"


def read_notebook(text: str) -> NotebookNode:
    """Return the notebook in `text`, which must be valid nbformat 4 as it stands; nothing is repaired.

    Raises:
        ValueError: it is not JSON, or not a notebook; the message says which.
    """
    try:
        content = json.loads(text)
        _require_whole(content)
        notebook = cast(NotebookNode, nbformat.v4.reads(text))
        nbformat.validate(notebook)
    except Exception as error:
        raise ValueError(f"not a notebook: {_first_line(error)}") from error
    return notebook


def _require_whole(content: Any) -> None:
    """Refuse what nbformat would convert or repair in passing."""
    if not isinstance(content, dict) or content.get("nbformat") != 4:
        raise ValueError("it is not nbformat 4")
    for name, times in Counter(cell.get("id") for cell in content["cells"]).items():
        if name is None or times > 1:
            raise ValueError("a cell has no id" if name is None else f"{times} cells have the id {name!r}")


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
