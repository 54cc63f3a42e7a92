"""Shows a lab's rubric below the cell that a person grades, on stock formgrader's page.

In `nbgrader_config.py`:

    c.HTMLExporter.preprocessors = ["courseware.grading.rubric.formgrader.RubricBelowAnswers"]

Points chosen by criterion are summed into nbgrader's own box for the score, comments go into its box for the comment:
nbgrader saves both as ever, and everything else reads them from its gradebook. No notebook is changed.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbconvert.filters import markdown2html
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from courseware.grading.rubric.reading import Criterion, Rubric, read_rubric
from courseware.manifest import course_root

_EMPTY_LINES = re.compile(r"\n\s*\n")
_SCRIPT = (Path(__file__).with_name("panel.js")).read_text(encoding="utf-8")
_STYLE = (Path(__file__).with_name("panel.css")).read_text(encoding="utf-8")


class RubricBelowAnswers(Preprocessor):
    """Acts on formgrader's pages alone, and there on labs that have a rubric; feedback pages stay as they are."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook with a panel below each cell that is answered and graded in one. Raises GradingError."""
        path = course_root() / "solutions" / str(resources.get("assignment_id")) / "rubric.md"
        if "submission_id" in resources and path.is_file():
            rubric = read_rubric(path)
            nb.cells = [shown for cell in nb.cells for shown in _with_panel(cell, rubric)]
        return nb, resources


def _with_panel(cell: NotebookNode, rubric: Rubric) -> Iterator[NotebookNode]:
    yield cell
    flags = cell.metadata.get("nbgrader", {})
    if flags.get("grade") and flags.get("solution"):
        yield new_markdown_cell(panel(flags["grade_id"], rubric))


def panel(cell: str, rubric: Rubric) -> str:
    """The rubric of the cell with this grade id, as HTML with its script."""
    told = {
        "cell": cell,
        "criteria": [{"name": one.name, "points": one.points} for one in rubric.criteria],
        "comments": dict(rubric.comments),
    }
    data = json.dumps(told).replace("<", "\\u003c")  # nothing in it ends the script
    texts = "".join(_text(title, body) for title, body in rubric.texts.items())
    rows = "".join(_row(place, one) for place, one in enumerate(rubric.criteria))
    buttons = "".join(
        f'<button type="button" data-code="{html.escape(code)}"><b>{html.escape(code)}</b> {html.escape(text)}</button>'
        for code, text in rubric.comments.items()
    )
    shown = (
        f'<div class="rubric" id="{html.escape(cell)}-rubric"><h4>Rubric</h4>{texts}'
        f'<table>{rows}</table><p>Taken off the whole: <input type="number" class="off" min="0" value="0">'
        f' Sum: <output></output> of {rubric.points:g}</p><div class="bank">{buttons}</div></div>'
    )
    # Markdown takes a div to go on to an empty line, and a script to its end tag if it begins a block.
    script = f"<script>{_SCRIPT.strip()}({data});</script>"
    return f"<style>{_STYLE}</style>\n\n{_EMPTY_LINES.sub(chr(10), shown)}\n\n{script}"


def _text(title: str, body: str) -> str:
    """What is neither a criterion nor a comment: in full where it has no title, else behind its title."""
    shown = str(markdown2html(body))
    return f"<details><summary>{html.escape(title)}</summary>{shown}</details>" if title else shown


def _row(place: int, criterion: Criterion) -> str:
    cells = "".join(
        f'<td><label><input type="radio" name="criterion-{place}" value="{points:g}"> <b>{points:g}</b>'
        f" {html.escape(what)}</label></td>"
        for points, what in criterion.levels.items()
    )
    return f"<tr><th>{html.escape(criterion.name)}</th>{cells}</tr>"
