"""The report's thresholds on the labs' own right answers: a disguised copy is found, an own way is not."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

from courseware.build.answers import LabRun
from courseware.build.places import Week
from courseware.build.planted import planted_answers
from courseware.grading.lab import read_notebook
from courseware.grading.report.similarity import similar_pairs
from courseware.grading.report.tokens import fenced_code
from courseware.manifest import load

ROOT = Path(__file__).resolve().parents[3]
# Lab 00 asks for one function of a few lines: too little for a likeness to say anything.
LABS = [week.id for week in load(ROOT / "course.toml").weeks[1:] if week.lab.state == "ready"]


def right_answers(lab: str) -> dict[str, dict[str, str]]:
    """The reference and the planted right answers, by name and cell. Some share a task with the reference."""
    run = LabRun.of(Week(ROOT, lab), ROOT / "labs" / lab)
    planted = [one for one in planted_answers(ROOT / "graders" / lab) if not one.loses]
    return {"reference": dict(run.answers)} | {one.name: run.answers | one.cells for one in planted}


def given(lab: str) -> list[str]:
    """The code that the lab gives out."""
    found = []
    for cell in read_notebook(ROOT / "labs" / lab / "lab.ipynb")["cells"]:
        text = "".join(cell["source"])
        found += [text] if cell["cell_type"] == "code" else fenced_code(text)
    return found


class Disguise(ast.NodeTransformer):
    """What a copier does in a minute: other names, no docstrings, an idle line in every function."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self._names.get(node.arg, node.arg)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        body = node.body[1:] if ast.get_docstring(node) else node.body
        middle = len(body) // 2
        node.body = [*body[:middle], *ast.parse("unused = 0").body, *body[middle:]]
        return node


def disguised(text: str) -> str:
    tree = ast.parse(text)
    nodes = list(ast.walk(tree))
    own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    names = {name: f"mine_{number}" for number, name in enumerate(sorted(own))}
    return ast.unparse(ast.fix_missing_locations(Disguise(names).visit(tree)))


@pytest.mark.parametrize("lab", LABS)
def test_disguised_copies_are_found_and_own_ways_are_not(lab: str) -> None:
    own = right_answers(lab)
    copies = {f"{who}-copied": {cell: disguised(text) for cell, text in work.items()} for who, work in own.items()}
    found = {(pair.first, pair.second) for pair in similar_pairs(own | copies, given(lab))}
    assert found == {(who, f"{who}-copied") for who in own}
