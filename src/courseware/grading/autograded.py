"""The autograded notebook in stock nbgrader's shape and place, so that formgrader and feedback work from it."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from courseware.grading.lab import NOTEBOOK, GradedLab, LabCell
from courseware.grading.results import CellResult, Examined
from courseware.grading.sanitising import safe_markdown, safe_outputs

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_READ_ONLY = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH


def write_autograded(lab: GradedLab, examined: Examined, submitted: Path, target: Path) -> None:
    """Write the notebook, the lab's files and what else was submitted below `target`, whole or not at all."""
    scratch = target.with_name(f".{target.name}.part")
    _remove(scratch)
    scratch.mkdir(parents=True)
    for path in submitted.iterdir():
        if path.is_file() and not path.is_symlink() and path.suffix != ".ipynb":
            shutil.copyfile(path, scratch / path.name)
    for name, content in lab.files.items():
        (scratch / name).write_bytes(content)
    text = json.dumps(autograded_notebook(lab, examined), indent=1, sort_keys=True, ensure_ascii=False)
    (scratch / NOTEBOOK).write_text(text + "\n", encoding="utf-8")
    for path in scratch.iterdir():
        path.chmod(_READ_ONLY)
    _remove(target)
    scratch.replace(target)


def autograded_notebook(lab: GradedLab, examined: Examined) -> dict[str, Any]:
    """The notebook as JSON values of nbformat 4.5; what the learner put into it acts on nobody who opens it."""
    return {
        "cells": list(_cells(examined.cells, {cell.id: cell for cell in lab.cells})),
        "metadata": {
            "kernelspec": _KERNEL,
            "language_info": {"name": "python"},
            "course": {"lab": lab.id, "version": lab.version},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cells(cells: tuple[CellResult, ...], ours: Mapping[str, LabCell]) -> Iterator[dict[str, Any]]:
    number = 0
    for cell in cells:
        own = ours.get(cell.id)
        common = {"id": cell.id, "metadata": dict(own.metadata) if own else {}, "source": cell.text}
        if cell.kind != "code":
            text = cell.text if own and cell.text in (own.text, own.released) else safe_markdown(cell.text)
            yield {"cell_type": "markdown", **common, "source": text}
            continue
        number += 1
        shown = cell.outputs if cell.role == "check" else safe_outputs(cell.outputs)
        outputs = [_numbered(output, number) for output in shown]
        yield {"cell_type": "code", **common, "execution_count": number, "outputs": outputs}


def _numbered(output: Mapping[str, Any], number: int) -> dict[str, Any]:
    counted = output["output_type"] == "execute_result"
    return {**output, "execution_count": number} if counted else dict(output)


def _remove(folder: Path) -> None:
    if folder.is_dir():
        folder.chmod(stat.S_IRWXU)
        shutil.rmtree(folder)
