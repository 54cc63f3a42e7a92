"""Mutates a reference answer, one small change at a time; a grader worth trusting notices each that matters.

The operators are the usual ones of mutation testing: comparisons, arithmetic, boolean operators and constants
replaced, conditions negated, statements removed, arguments swapped.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_CALLS = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "sorted": "list",
    "argmax": "argmin",
    "argmin": "argmax",
}


@dataclass(frozen=True)
class Mutant:
    """One changed answer cell. `change` names it stably: cell, the line before and after, and which of several such."""

    cell: str
    change: str
    source: str


def mutants(cell: str, source: str) -> Iterator[Mutant]:
    """Yield every mutant of an answer cell that differs from it and compiles."""
    tree = _without_marks(source)
    reference = ast.unparse(tree)
    seen, named = {reference}, Counter[str]()
    for index, node in enumerate(ast.walk(tree)):
        for mutate in _mutations(node):
            changed = copy.deepcopy(tree)
            target = next(found for place, found in enumerate(ast.walk(changed)) if place == index)
            mutate(target)
            text = ast.unparse(ast.fix_missing_locations(changed))
            if text in seen or not _compiles(text):
                continue
            seen.add(text)
            change = _change(reference, text)
            named[change] += 1
            again = f" (number {named[change]})" if named[change] > 1 else ""
            yield Mutant(cell, f"{cell}: {change}{again}", text)


def _compiles(text: str) -> bool:
    try:
        compile(text, "<mutant>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError:
        return False
    return True


def _without_marks(source: str) -> ast.Module:
    """Parse; docstrings, annotations and messages go, since changing them changes no behaviour a check may ask for."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:] or [ast.Pass()]
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            node.exc = node.exc.func
    return tree


_Mutation = Callable[[Any], None]


def _put(field: str, value: Any) -> _Mutation:
    return lambda target: setattr(target, field, value)


def _put_at(field: str, position: int, value: Any) -> _Mutation:
    return lambda target: getattr(target, field).__setitem__(position, value)


def _mutations(node: ast.AST) -> Iterator[_Mutation]:
    if isinstance(node, ast.Compare):
        for position, operator in enumerate(node.ops):
            for other in _COMPARISONS.get(type(operator), ()):
                yield _put_at("ops", position, other())
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in _ARITHMETIC:
        yield _put("op", _ARITHMETIC[type(node.op)]())
    if isinstance(node, ast.BoolOp):
        yield _put("op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
    if isinstance(node, (ast.If, ast.While, ast.IfExp)):
        yield _put("test", ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        yield _drop_operator
    if isinstance(node, ast.Constant):
        yield from _constant_mutations(node)
    if isinstance(node, ast.Call):
        yield from _call_mutations(node)
    if isinstance(node, ast.Slice):
        yield from (_put(part, None) for part in ("lower", "upper", "step") if getattr(node, part) is not None)
    if not isinstance(node, ast.Module):
        yield from _statement_mutations(node)


def _constant_mutations(node: ast.Constant) -> Iterator[_Mutation]:
    if isinstance(node.value, bool):
        yield _put("value", not node.value)
    elif isinstance(node.value, (int, float)):
        yield _put("value", node.value + 1)
        yield _put("value", node.value - 1)
    elif isinstance(node.value, str):
        yield _put("value", node.value + "x")


def _call_mutations(node: ast.Call) -> Iterator[_Mutation]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in _CALLS:
        yield partial(_rename, name=_CALLS[name])
    if len(node.args) == 2 and name not in ("min", "max"):
        yield _put("args", node.args[::-1])
    for position in range(len(node.keywords)):
        yield _put("keywords", node.keywords[:position] + node.keywords[position + 1 :])


def _statement_mutations(node: ast.AST) -> Iterator[_Mutation]:
    for field in ("body", "orelse"):
        statements = getattr(node, field, None)
        for position, statement in enumerate(statements if isinstance(statements, list) else ()):
            if isinstance(statement, (ast.Expr, ast.Assign, ast.AugAssign, ast.Raise, ast.Delete)):
                yield _put_at(field, position, ast.Pass())
            elif isinstance(statement, ast.Return) and statement.value is not None:
                yield _put_at(field, position, ast.Return(ast.Constant(None)))
            elif isinstance(statement, (ast.Break, ast.Continue)):
                other = ast.Continue if isinstance(statement, ast.Break) else ast.Break
                yield _put_at(field, position, other())


def _drop_operator(target: ast.UnaryOp) -> None:
    target.op = ast.UAdd() if isinstance(target.op, ast.USub) else target.op
    if isinstance(target.op, ast.Not):
        target.operand, target.op = ast.UnaryOp(ast.Not(), target.operand), ast.Not()


def _rename(call: ast.Call, name: str) -> None:
    if isinstance(call.func, ast.Name):
        call.func.id = name
        call.keywords = [] if name == "list" else call.keywords
    elif isinstance(call.func, ast.Attribute):
        call.func.attr = name


def _change(before: str, after: str) -> str:
    old, new = before.splitlines(), after.splitlines()
    start = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    gone = old[start].strip() if start < len(old) else ""
    come = new[start].strip() if start < len(new) else ""
    return f"{gone}  ->  {come}"
