"""Rules about the course's own Python: a module and a function fit into a reader's head."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from courseware.build.lint.problem import Problem
from courseware.build.lint.tree import Tree

MODULE_LINES, FUNCTION_LINES = 400, 50


def modules_are_short(tree: Tree) -> Iterator[Problem]:
    """A module of src or graders has at most 400 lines."""
    for name, text in _modules(tree):
        count = len(text.splitlines())
        if count > MODULE_LINES:
            yield Problem(name, 1, f"{count} lines, more than {MODULE_LINES}; split the module")


def functions_are_short(tree: Tree) -> Iterator[Problem]:
    """A function of src or graders has at most 50 lines."""
    for name, text in _modules(tree):
        for node in ast.walk(parsed(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                count = (node.end_lineno or node.lineno) - node.lineno + 1
                if count > FUNCTION_LINES:
                    wrong = f"{node.name} has {count} lines, more than {FUNCTION_LINES}; split it"
                    yield Problem(name, node.lineno, wrong)


def modules_can_be_parsed(tree: Tree) -> Iterator[Problem]:
    """Python in src and graders has Python's syntax, so that the other rules see it."""
    for name, text in _modules(tree):
        try:
            ast.parse(text)
        except SyntaxError as error:
            yield Problem(name, error.lineno or 1, f"is not Python: {error.msg}; mend it")


def parsed(text: str) -> ast.Module:
    """Return the module's tree; an empty one where the text is not Python."""
    try:
        return ast.parse(text)
    except SyntaxError:
        return ast.Module([], [])


def _modules(tree: Tree) -> Iterator[tuple[str, str]]:
    for name, text in tree.texts.items():
        if name.endswith(".py") and (
            name.startswith("src/") or (name.startswith("graders/") and "/answers/" not in name)
        ):
            yield name, text
