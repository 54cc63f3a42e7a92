"""Python code as a stranger's rewriting leaves it: tokens without names, values, comments, docstrings and layout."""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from collections.abc import Iterator

_SILENT = {tokenize.COMMENT, tokenize.NL}
_LAYOUT = {tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
_NAME, _NUMBER, _STRING = "name", "number", "string"
# What is no Python: a magic, a shell command, and the first line of a cell that writes a file.
_MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)
_WORD = re.compile(r"(?P<name>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<string>'[^'\n]*'|\"[^\"\n]*\")|(?P<sign>[^\w\s;])")
_FENCE = re.compile(r"```[^\n`]*\n(.*?)```", re.DOTALL)


def code_tokens(text: str) -> list[str]:
    """Return the code's tokens. Names and values count by their kind; code that is no Python is read word by word."""
    code = _MAGIC.sub("", text)
    try:
        return list(_python(code))
    except (tokenize.TokenError, SyntaxError):  # IndentationError is one of these
        return list(_words(code))


def fenced_code(markdown: str) -> list[str]:
    """The code blocks of a text: an example that is copied from there is no likeness between learners."""
    return _FENCE.findall(markdown)


def _python(code: str) -> Iterator[str]:
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(code).readline) if token.type not in _SILENT]
    for place, token in enumerate(tokens):
        if token.type in _LAYOUT or token.string == ";" or _is_docstring(tokens, place):
            continue
        if token.type == tokenize.NAME:
            yield token.string if keyword.iskeyword(token.string) else _NAME
        else:
            yield {tokenize.NUMBER: _NUMBER, tokenize.STRING: _STRING}.get(token.type, token.string)


def _is_docstring(tokens: list[tokenize.TokenInfo], place: int) -> bool:
    """Whether a string stands alone in its line."""
    if tokens[place].type != tokenize.STRING:
        return False
    before = place == 0 or tokens[place - 1].type in _LAYOUT
    return before and place + 1 < len(tokens) and tokens[place + 1].type in _LAYOUT


def _words(code: str) -> Iterator[str]:
    for line in code.splitlines():
        for found in _WORD.finditer(line.partition("#")[0]):
            kind = str(found.lastgroup)
            yield found.group() if kind == "sign" or keyword.iskeyword(found.group()) else kind
