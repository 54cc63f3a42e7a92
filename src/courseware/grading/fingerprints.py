"""What a check depends on, as a hash: a regrade asks again only where that changed.

It is read from the source alone: the check's function, the module's names it uses, theirs in turn, imports, and every
module beside it that one of them names (`load_module(Path(__file__).with_name("drawing.py"))`). Comments and layout
do not count.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping


def fingerprints(graders: Mapping[str, str]) -> dict[str, str]:
    """Return a hash for each check in these modules, given as text by file name."""
    found: dict[str, str] = {}
    for text in graders.values():
        module = _Module(text)
        for name, check in module.checks.items():
            parts = sorted(module.needed(name))
            beside = sorted(other for other in graders if any(repr(other) in part for part in parts))
            whole = "\0".join([*parts, *(_plain(graders[other]) for other in beside)])
            found[check] = hashlib.sha256(whole.encode()).hexdigest()[:16]
    return found


class _Module:
    """A module's top-level statements by the names they bind."""

    def __init__(self, text: str) -> None:
        self.checks: dict[str, str] = {}
        self._bound: dict[str, list[ast.stmt]] = {}
        self._always: list[ast.stmt] = []
        for statement in ast.parse(text).body:
            names = list(_names_bound(statement))
            for name in names:
                self._bound.setdefault(name, []).append(statement)
            if not names:
                self._always.append(statement)
            if isinstance(statement, ast.FunctionDef) and (check := _check_of(statement)):
                self.checks[statement.name] = check

    def needed(self, name: str) -> set[str]:
        """The code of everything that the function `name` reaches."""
        open_names, seen, parts = [name], set[str](), {ast.unparse(one) for one in self._always}
        while open_names:
            current = open_names.pop()
            if current in seen:
                continue
            seen.add(current)
            for statement in self._bound.get(current, ()):
                parts.add(ast.unparse(statement))
                open_names += [node.id for node in ast.walk(statement) if isinstance(node, ast.Name)]
        return parts


def _names_bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)
    elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        yield from (
            node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        )


def _check_of(function: ast.FunctionDef) -> str | None:
    """The id of a function decorated with `@check("id", …)`."""
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "check":
            first = decorator.args[0] if decorator.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                return first.value
    return None


def _plain(text: str) -> str:
    return ast.unparse(ast.parse(text))
