"""Rules about a notebook's surroundings: nothing is installed or fetched, no path is absolute, set-up comes first."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from courseware.build.lint.modules import parsed
from courseware.build.lint.problem import Problem
from courseware.build.lint.texts import Line, course_lines, page_lines
from courseware.build.lint.tree import Tree

_INSTALLERS = r"(?:pip3?|conda|mamba|apt|apt-get|brew|npm|npx|uv|poetry)"
_INSTALL = re.compile(
    rf"^\s*[!%]+\s*(?:sudo\s+)?(?:\S*python3?\s+-m\s+)?{_INSTALLERS}\b"
    rf"|(?:subprocess\.\w+|os\.(?:system|popen))\(.*\b{_INSTALLERS}\b.*\binstall\b"
    r"|\bpip\.main\(|\bensurepip\b"
)
_FETCH = re.compile(
    r"^\s*!.*\b(?:wget|curl|git\s+clone|aria2c|rsync|scp)\b|\burlretrieve\(|\burlopen\(\s*[\"']https"
    r"|\b(?:snapshot_download|hf_hub_download|load_dataset|nltk\.download|gdown\.download)\("
    r"|(?:subprocess\.\w+|os\.(?:system|popen))\(.*\b(?:wget|curl|git\W+clone)\b"
)
_SHELL_CELL = re.compile(r"^%%(?:bash|sh|script|system|cmd)\b")
_POSIX = re.compile(r"(?<![\w.~*}-])/(?:(?:home|root|Users|work|private|mnt)/|tmp\b)")
_WINDOWS = re.compile(r"(?<!\w)[A-Z]:\\{1,2}(?:(?:Users|Windows|Program|Temp|temp)\b|(?<=\\\\)\w)")
_IMAGE = re.compile(
    r"!\[[^\]]*\]\(\s*<?(?:https?:)?//|<(?:img|image|source|video|iframe|script|link)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//"
    r"|\b(?:Image|IFrame|SVG|YouTubeVideo)\((?:url=)?[\"']https?:|url\([\"']?https?:",
    re.IGNORECASE,
)


def nothing_is_installed(tree: Tree) -> Iterator[Problem]:
    """No cell installs packages; the set-up of the course does, once."""
    for line in _notebook_code(tree):
        if _INSTALL.search(line.text):
            yield line.problem(f"installs something: {_shown(line.text)}; declare it in pyproject.toml")


def nothing_is_downloaded(tree: Tree) -> Iterator[Problem]:
    """No cell downloads or runs a shell; data is committed, or comes through `course models` and `course data`."""
    for line in _notebook_code(tree):
        if _FETCH.search(line.text) or _SHELL_CELL.search(line.text):
            yield line.problem(
                f"fetches or runs a shell: {_shown(line.text)}; commit the data or use `course models pull`"
            )


def paths_are_relative(tree: Tree) -> Iterator[Problem]:
    """No source, notebook or output holds a path of one machine."""
    for line in course_lines(tree):
        found = _POSIX.search(line.text) or _WINDOWS.search(line.text)
        if found:
            wrong = f"an absolute path: {_shown(line.text[found.start() :])}; write it relative, or do not print it"
            yield line.problem(wrong)


def images_are_committed(tree: Tree) -> Iterator[Problem]:
    """No picture, frame or script is loaded from elsewhere."""
    for lines in (course_lines(tree), page_lines(tree)):
        for line in lines:
            if found := _IMAGE.search(line.text):
                yield line.problem(
                    f"loads from elsewhere: {_shown(line.text[found.start() :])}; commit the file or link to it"
                )


def set_up_comes_first(tree: Tree) -> Iterator[Problem]:
    """The first code cell of a lesson or lab calls `setup("week NN")` with its own number."""
    for part in tree.parts:
        wanted = f"week {part.week.number:02}"
        first = next(iter(part.of_kind("code")), None)
        if first is None or _set_up(first.text) != wanted:
            found = "no code cell" if first is None else f"cell {first.id!r} does not"
            wrong = f'the first code cell calls setup("{wanted}"); here {found}; write the set-up cell first'
            yield part.problem(first or part.cells[0], wrong) if part.cells else Problem(part.file, 1, wrong)


def _set_up(source: str) -> str | None:
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setup" and node.args:
            return str(node.args[0].value) if isinstance(node.args[0], ast.Constant) else None
    return None


def _notebook_code(tree: Tree) -> Iterator[Line]:
    """The lines of code cells in sources, and of the Python files beside them."""
    for part in tree.parts:
        for cell in part.of_kind("code"):
            for offset, text in enumerate(cell.text.splitlines()):
                yield Line(part.file, part.problem(cell, "", offset).line, text)
    for line in course_lines(tree):
        if line.file.endswith(".py") and not line.file.endswith(("/lesson.py", "/lab.py")):
            yield line


def _shown(text: str) -> str:
    return repr(text.strip()[:60])
