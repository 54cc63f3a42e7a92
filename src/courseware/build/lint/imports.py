"""Rules about imports: they go one way, and graders and notebooks see only what is meant for them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

from courseware.build.lint.modules import parsed
from courseware.build.lint.problem import Problem
from courseware.build.lint.sources import Part
from courseware.build.lint.tree import Tree

# A package imports only from lower levels; packages of one level do not import each other.
_LEVELS = (
    ("errors", "cache", "machine"),
    ("manifest",),
    ("kernels", "checks", "corpus", "models", "submission", "nbgrader_settings"),
    ("gateway",),
    ("grading", "build", "learner"),
    ("cli",),
)
LEVEL = {package: level for level, packages in enumerate(_LEVELS) for package in packages}
GRADERS_MAY = ("checks", "corpus")
# What a template prepares is readable by every fork of it, so it comes from no check.
WARM_MAY = ("corpus", "kernels", "models")
NOTEBOOKS_MAY = ("learner", "models")
_FOLDERS = ("solutions", "graders", "labs", "notebooks", "tests")


def packages_import_downwards(tree: Tree) -> Iterator[Problem]:
    """cli -> (grading, build, learner) -> gateway -> (kernels, checks, corpus, models) -> manifest."""
    for name, text in tree.texts.items():
        path = PurePosixPath(name)
        if path.parts[:2] != ("src", "courseware") or path.suffix != ".py" or len(path.parts) < 3:
            continue
        own = path.parts[2].removesuffix(".py")
        if own == "__init__":
            own = "errors"  # the package itself imports nothing
        if own not in LEVEL:
            yield Problem(name, 1, f"{own!r} has no level; add it to the order of packages")
            continue
        for line, package in _packages(text, path):
            if package != own and LEVEL.get(package, len(_LEVELS)) >= LEVEL[own]:
                wrong = f"courseware.{own} imports courseware.{package}, which is not below it; move what it needs down"
                yield Problem(name, line, wrong)


def graders_import_checks_only(tree: Tree) -> Iterator[Problem]:
    """Graders and lessons' checks import courseware.checks, courseware.corpus and libraries, never solutions.

    A grader's `warm.py` imports courseware.corpus, .kernels and .models instead.
    """
    for name, text in tree.texts.items():
        path = PurePosixPath(name)
        is_grader = name.startswith("graders/") and "/answers/" not in name and path.suffix == ".py"
        if is_grader or (name.startswith("notebooks/") and path.name == "checks.py"):
            for line, wrong in _refused(text, WARM_MAY if path.name == "warm.py" else GRADERS_MAY, ()):
                yield Problem(name, line, wrong)


def notebooks_import_the_learners_door(tree: Tree) -> Iterator[Problem]:
    """Lessons and labs import courseware.learner, courseware.models, their own checks, and libraries."""
    for part in tree.parts:
        for cell in part.of_kind("code"):
            for line, wrong in _refused(cell.text, NOTEBOOKS_MAY, _own_modules(part)):
                yield part.problem(cell, wrong, line - 1)


def _own_modules(part: Part) -> tuple[str, ...]:
    return ("checks",) if part.kind == "lesson" else ("checks", *(name.split("/")[0] for name in part.week.lab.files))


def _refused(text: str, allowed: tuple[str, ...], own: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    may = " and ".join(f"courseware.{package}" for package in allowed)
    for line, module in _modules(text):
        first, _, rest = module.partition(".")
        if first == "courseware" and rest.split(".")[0] not in allowed:
            yield line, f"imports {module}; only {may} may be imported here"
        if first in _FOLDERS and first not in own:
            yield line, f"imports {module}; that folder is not for importing"


def _packages(text: str, path: PurePosixPath) -> Iterator[tuple[int, str]]:
    """The packages of courseware a module imports, at whatever depth of its code."""
    for line, module in _modules(text, path):
        first, _, rest = module.partition(".")
        if first == "courseware" and rest:
            yield line, rest.split(".")[0]


def _modules(text: str, path: PurePosixPath | None = None) -> Iterator[tuple[int, str]]:
    """The modules a text imports, with line; `path` is where relative imports start from."""
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level and path is not None:
                above = path.parts[1 : len(path.parts) - node.level]
                base = ".".join([*above, base] if base else above)
            names = [f"{base}.{name.name}" for name in node.names] if base in ("courseware", "") else [base]
            yield from ((node.lineno, name) for name in names)
