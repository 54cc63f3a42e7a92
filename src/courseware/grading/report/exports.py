"""Points for Canvas and Moodle, as CSV that a spreadsheet opens without running anything in it.

Canvas reads a column after the person's as an assignment, up to the first that is marked `(read only)`: the total
comes first. Moodle asks which column is which.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence

from courseware.grading.report.book import Book, Row

# What makes a spreadsheet take a cell for a formula, alone or after it trims the cell.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def canvas_csv(book: Book) -> str:
    """The file for *Grades > Import* of Canvas. `ID` is the gradebook's `lms_user_id`."""
    parts = [f"{book.lab} {part}" for part in ("automatic", "manual", "late penalty")]
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", book.lab, *parts]
    possible = ["Points Possible", "", "", "", "", _number(book.points), *["(read only)"] * len(parts)]
    rows = ([*map(safe, (_name(row), row.lms_id, "", row.student, "")), *_points(row)] for row in book.rows)
    return _csv([list(map(safe, head)), possible, *rows])


def moodle_csv(book: Book) -> str:
    """The file for *Grades > Import > CSV file* of Moodle. `ID number` is the gradebook's `lms_user_id`."""
    parts = [f"{book.lab} {part}" for part in ("total", "automatic", "manual", "late penalty")]
    head = ["Username", "First name", "Last name", "Email address", "ID number", *parts]
    rows = ([*map(safe, (row.student, row.first, row.last, row.email, row.lms_id)), *_points(row)] for row in book.rows)
    return _csv([list(map(safe, head)), *rows])


EXPORTS: dict[str, Callable[[Book], str]] = {"canvas": canvas_csv, "moodle": moodle_csv}


def safe(text: str) -> str:
    """`text` with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _name(row: Row) -> str:
    return ", ".join(part for part in (row.last, row.first) if part) or row.student


def _points(row: Row) -> list[str]:
    """Total, automatic, manual, late penalty; empty where nothing was graded, which is not a zero."""
    if not row.is_graded:
        return [""] * 4
    return [_number(value) for value in (row.total, row.automatic, row.manual, row.penalty)]


def _number(value: float) -> str:
    return f"{round(value, 4):.10g}"


def _csv(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()
