"""Makes a lesson's outputs the same on every machine, and says whether two of them mean the same.

One printer for all: numbers keep four significant digits and addresses go; that a cell warns or shows a widget is
refused where lessons are executed. Pictures are compared by the data they draw, which `courseware.learner` puts
beside them.
"""

from __future__ import annotations

import math
import re
from typing import Any

from nbformat import NotebookNode

PLOT_DATA = "application/vnd.courseware.plot+json"
_NUMBER = re.compile(r"(?<![\w.#])-?(?:\d+\.\d+(?:e[-+]?\d+)?|\d+e[-+]\d+)(?!\w|\.\d)", re.IGNORECASE)
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_RELATIVE, _ABSOLUTE = 0.02, 1e-3


def printed(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return `outputs` as they are committed: streams joined, tracebacks cut to their last line, numbers rounded."""
    kept: list[NotebookNode] = []
    for output in outputs:
        output = _printed_one(NotebookNode(output))
        if kept and output.output_type == "stream" and kept[-1].get("name") == output.name:
            kept[-1]["text"] += output.text
        else:
            kept.append(output)
    return kept


def _printed_one(output: NotebookNode) -> NotebookNode:
    if output.output_type == "stream":
        output["text"] = _plain(output.text)
    elif output.output_type == "error":
        output["traceback"] = [f"{output.ename}: {_plain(output.evalue)}"]
        output["evalue"] = _plain(output.evalue)
    else:
        if output.output_type == "execute_result":
            output["execution_count"] = None
        output["data"] = {kind: _printed_data(kind, data) for kind, data in sorted(output.data.items())}
    return output


def _printed_data(kind: str, data: Any) -> Any:
    if kind == PLOT_DATA:
        return _rounded(data)
    return _plain(data) if isinstance(data, str) and kind in ("text/plain", "text/html", "text/markdown") else data


def _plain(text: str) -> str:
    text = _ADDRESS.sub("0x…", _ANSI.sub("", text))
    return _NUMBER.sub(lambda found: _digits(found.group()), text)


def _digits(number: str) -> str:
    """Keep a number that is short; round a long one to four significant digits, still written as a float.

    Without its decimal point it would be compared as text, and 1234.4 would not be close to 1234.6.
    """
    if len(number.lstrip("-0.").replace(".", "")) <= 4:
        return number
    value = float(f"{float(number):.4g}")
    return f"{value:.1f}" if 1000 <= abs(value) < 1e15 else _with_point(f"{value:.4g}")


def _with_point(number: str) -> str:
    digits, exponent, power = number.partition("e")
    return (digits if "." in digits else f"{digits}.0") + exponent + power


def _rounded(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _rounded(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_rounded(value) for value in data]
    return float(f"{data:.4g}") if isinstance(data, float) and math.isfinite(data) else data


def difference(committed: list[NotebookNode], fresh: list[NotebookNode]) -> str | None:
    """Say how fresh outputs differ from the committed ones, or return None where they mean the same."""
    if len(committed) != len(fresh):
        return f"{len(fresh)} outputs, not {len(committed)}"
    for old, new in zip(committed, fresh, strict=True):
        found = _output_difference(old, new)
        if found:
            return found
    return None


def _output_difference(old: NotebookNode, new: NotebookNode) -> str | None:
    if old.output_type != new.output_type:
        return f"an output of type {new.output_type}, not {old.output_type}"
    if old.output_type == "stream":
        return _text_difference(old.text, new.text)
    if old.output_type == "error":
        return None if old.ename == new.ename else f"raises {new.ename}, not {old.ename}"
    return _data_difference(old.data, new.data)


def _data_difference(old: Any, new: Any) -> str | None:
    if set(old) != set(new):
        return f"output kinds {sorted(new)}, not {sorted(old)}"
    for kind in old:
        if kind == PLOT_DATA:
            found = None if _close(old[kind], new[kind]) else "the plotted data differ"
        elif kind.startswith("image/"):
            found = None if PLOT_DATA in old else "a picture without plotted data; draw it through learner.plots"
        else:
            found = _text_difference(str(old[kind]), str(new[kind]))
        if found:
            return found
    return None


def _text_difference(old: str, new: str) -> str | None:
    old_words, new_words = _NUMBER.split(old), _NUMBER.split(new)
    if old_words != new_words:
        pairs = zip(old.splitlines(), new.splitlines(), strict=False)
        was, now = next(((a, b) for a, b in pairs if _NUMBER.split(a) != _NUMBER.split(b)), (old, new))
        return f"prints {now[:120]!r}, not {was[:120]!r}"
    for was, now in zip(_NUMBER.findall(old), _NUMBER.findall(new), strict=True):
        if not _close(float(was), float(now)):
            return f"prints {now}, not {was}"
    return None


def _close(old: Any, new: Any) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_close(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_close, old, new))
    if isinstance(old, (int, float)) and isinstance(new, (int, float)):
        return math.isclose(old, new, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE) or (old != old and new != new)
    return bool(old == new)
