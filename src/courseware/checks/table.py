"""What the learner sees of a check: one line a case, as HTML and as text.

A visible case shows its message, what was expected, what came back and a hint. A hidden one shows its category and
how it ended, nothing of its input: an exception's own message could carry it.
"""

from __future__ import annotations

from html import escape

from courseware.checks.cases import Outcome
from courseware.checks.check import Result

_MARK = {"passed": "✓", "not reached": "–"}
_COLOUR = {"passed": "#1a7f37", "not reached": "#6e7781"}
_RED = "#b3261e"


def display_result(result: Result) -> None:
    """Show `result` in the notebook, or print it where there is none."""
    try:
        from IPython.core.interactiveshell import InteractiveShell
        from IPython.display import display
    except ImportError:
        print(result_text(result))
        return
    if InteractiveShell.initialized():
        data = {"text/html": result_html(result), "text/plain": result_text(result)}
        display(data, raw=True)
    else:
        print(result_text(result))


def result_text(result: Result) -> str:
    """Return the table as plain text."""
    lines = [f"{result.title}{_total(result)}"]
    for outcome in result.outcomes:
        worth = f"  {outcome.earned:g} of {outcome.points:g}" if result.points else ""
        lines.append(f"  {_mark(outcome)} {_name(outcome, result.hidden)}{worth}")
        lines += [f"      {label}{text}" for label, text in _details(outcome, result.hidden)]
    return "\n".join(lines)


def result_html(result: Result) -> str:
    """Return the table as HTML that stands alone; all text in it is escaped."""
    rows = "".join(_row(outcome, result) for outcome in result.outcomes)
    head = f"<strong>{escape(result.title)}</strong>{escape(_total(result))}"
    style = "border-collapse:collapse;margin:4px 0;font-size:0.95em"
    return f'<div role="status"><p style="margin:4px 0">{head}</p><table style="{style}">{rows}</table></div>'


def _total(result: Result) -> str:
    return f": {result.score:g} of {result.points:g} points" if result.points else ""


def _mark(outcome: Outcome) -> str:
    return _MARK.get(outcome.status, "✗")


def _name(outcome: Outcome, hidden: bool) -> str:
    if not hidden:
        return outcome.title
    return outcome.category if outcome.status == "passed" else f"fails on: {outcome.category}"


def _details(outcome: Outcome, hidden: bool) -> list[tuple[str, str]]:
    if outcome.status == "passed":
        return []
    if hidden:
        ended = "" if outcome.status == "failed" else outcome.status
        return [("", f"your code: {ended}")] if ended else []
    pairs = [
        ("", outcome.message),
        ("expected: ", outcome.expected),
        ("got: ", outcome.actual),
        ("in: ", outcome.where),
        ("hint: ", outcome.hint),
    ]
    return [(label, text) for label, text in pairs if text]


def _row(outcome: Outcome, result: Result) -> str:
    colour = _COLOUR.get(outcome.status, _RED)
    worth = f"{outcome.earned:g} of {outcome.points:g}" if result.points else ""
    details = "".join(
        f'<div style="margin-left:1em">{escape(label)}<code>{escape(text)}</code></div>'
        if label in ("expected: ", "got: ", "in: ")
        else f'<div style="margin-left:1em">{escape(label)}{escape(text)}</div>'
        for label, text in _details(outcome, result.hidden)
    )
    cell = 'style="text-align:left;vertical-align:top;padding:2px 8px"'
    mark = f'<span style="color:{colour}" aria-label="{escape(outcome.status)}">{_mark(outcome)}</span>'
    return (
        f"<tr><td {cell}>{mark}</td>"
        f"<td {cell}>{escape(_name(outcome, result.hidden))}{details}</td><td {cell}>{worth}</td></tr>"
    )
