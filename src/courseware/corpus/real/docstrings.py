"""Docstrings of the standard library, read from its source files: nothing is imported, so nothing runs."""

from __future__ import annotations

import ast
import inspect
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

from courseware.corpus.errors import SourceMissing
from courseware.corpus.real.document import RealCorpus, RealDocument

LEAST_CHARACTERS = 80
# Tests, tools with windows, and codecs that repeat one text a hundred times.
_LEFT_OUT = frozenset({"test", "tests", "idlelib", "lib2to3", "distutils", "encodings", "turtledemo", "site-packages",
                       "dist-packages", "ensurepip", "__pycache__", "tkinter"})  # fmt: skip

STDLIB = RealCorpus(
    "stdlib",
    "docstrings of this Python's standard library",
    "PSF-2.0",
    "code search, chunk sizes",
    2452,
    lambda: (_root() / "os.py").is_file(),
)


def stdlib_docstrings() -> tuple[RealDocument, ...]:
    """Every public function, class and method whose docstring has at least 80 characters; each text once.

    How many there are depends on the Python that runs. Raises SourceMissing where Python comes without sources.
    """
    seen: dict[str, RealDocument] = {}
    for path in _sources():
        for passage in documents(path, _root()):
            seen.setdefault(passage.text, passage)
    if not seen:
        raise SourceMissing("of Python's own sources")
    return tuple(seen.values())


def _root() -> Path:
    return Path(sysconfig.get_paths()["stdlib"])


def _sources() -> Iterator[Path]:
    for path in sorted(_root().rglob("*.py")):
        if not _LEFT_OUT & set(path.relative_to(_root()).parts):
            yield path


def documents(path: Path, root: Path) -> Iterator[RealDocument]:
    """The docstrings of one source file; its module's name follows from where it is below `root`."""
    module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):  # sources of other versions that some systems keep beside their own
        return
    yield from _public(tree, module, module)


def _public(node: ast.AST, name: str, module: str) -> Iterator[RealDocument]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or child.name.startswith("_"):
            continue
        full = f"{name}.{child.name}"
        text = inspect.cleandoc(ast.get_docstring(child) or "")
        if len(text) >= LEAST_CHARACTERS:
            kind = "class" if isinstance(child, ast.ClassDef) else "function"
            yield RealDocument(full, full, text, {"module": module, "kind": kind})
        if isinstance(child, ast.ClassDef):
            yield from _public(child, full, module)
