"""What learners and others wrote stays text on the page and in the files for a learning platform."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from courseware.grading.report.book import Book, CellScore, Row
from courseware.grading.report.contents import LabReport
from courseware.grading.report.exports import canvas_csv, moodle_csv, safe
from courseware.grading.report.manual import manual_progress
from courseware.grading.report.page import report_html
from courseware.grading.report.reading import Ungraded
from courseware.grading.report.similarity import Pair, SharedCell
from courseware.grading.report.statistics import CaseStatistics, CheckStatistics, Message

HOSTILE = "</td><script>alert(1)</script><img src=x onerror=alert(1)>\"'&<!--\u202etxt\x00\x1b[31m"
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=cmd|"/c calc"!A1']


def report(text: str) -> LabReport:
    """A report with `text` wherever somebody else writes."""
    check = CheckStatistics(text, 1, 2, 0.5, 0.5, 1, 2, None, (text,), 0)
    case = CaseStatistics(text, text, 1, 2, {text: 1}, (Message(text, 1),))
    pair = Pair(text, text, 0.5, 9, (SharedCell(text, text, 9),))
    manual = tuple(manual_progress(Book("lab", 4, (row(text, cell(text, None, by_hand=True, waiting=True)),))))
    return LabReport(text, 2, 0.5, 1, (check,), (case,), (pair,), manual, (Ungraded(text, text),))


def cell(name: str, auto: float | None, manual: float | None = None, **more: Any) -> CellScore:
    return CellScore(
        name, 4, **({"auto": auto, "manual": manual, "by_hand": False, "extra": 0, "waiting": False} | more)
    )


def row(student: str, *scores: CellScore, **more: Any) -> Row:
    return Row(student, scores=scores, **more)


class Elements(HTMLParser):
    """Which elements and attributes a page has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, *(name for name, _ in attrs)))


def test_hostile_text_makes_no_element_of_its_own() -> None:
    assert Elements(report_html(report(HOSTILE))).found == Elements(report_html(report("plain"))).found


def test_hostile_text_hides_nothing() -> None:
    page = report_html(report(HOSTILE))
    assert not re.search("[\x00\x1b\u202e]", page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_page_asks_for_nothing_and_every_table_has_a_caption() -> None:
    page = report_html(report("plain"))
    assert not re.search(r"https?:|<script|<link|<img|url\(|@import", page)
    assert page.count("<table>") == page.count("<caption>") == 5
    assert "default-src 'none'" in page
    assert "undefined" in page


def test_an_empty_report_is_a_page() -> None:
    assert report_html(LabReport("lab", 0, None, 0, (), (), (), (), ())).count("Nothing to show.") == 5


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("export", [canvas_csv, moodle_csv])
def test_no_cell_is_a_formula(export: Any, text: str) -> None:
    person = row(text, cell("c", 1), first=text, last=text, email=text, lms_id=text)
    cells = [one for line in csv.reader(io.StringIO(export(Book(text, 4, (person,))))) for one in line]
    assert f"'{text}" in cells
    assert not [one for one in cells if one.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_quotes_commas_and_line_ends_stay_in_their_cell() -> None:
    name = 'O"Brien, Jr;\r\n=1'
    lines = list(
        csv.DictReader(io.StringIO(moodle_csv(Book("lab", 4, (row("ada", cell("c", 1), last=name),))), newline=""))
    )
    assert [line["Last name"] for line in lines] == [name]
    assert safe("plain") == "plain"


def test_points_of_a_row() -> None:
    scores = cell("a", 2), cell("b", 1, 3), cell("c", None, 1.5, extra=0.5), cell("d", None, waiting=True, extra=9)
    ada = row("ada", *scores, penalty=2)
    assert (ada.automatic, ada.manual, ada.total) == (2, 5, 5)
    assert row("bob", cell("a", 1), penalty=3).total == 0


def test_an_export_has_a_row_for_everybody_and_no_zero_for_who_is_not_graded() -> None:
    book = Book(
        "lab", 4, (row("ada", cell("c", 1 / 3)), Row("bob"), row("cyd", cell("c", None)), row("dan", cell("c", 0)))
    )
    canvas = list(csv.reader(io.StringIO(canvas_csv(book))))
    assert canvas[0][:6] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "lab"]
    assert canvas[1] == ["Points Possible", "", "", "", "", "4", "(read only)", "(read only)", "(read only)"]
    assert canvas[2] == ["ada", "", "", "ada", "", "0.3333", "0.3333", "0", "0"]
    assert [line[5:] for line in canvas[3:]] == [[""] * 4, [""] * 4, ["0"] * 4]


def test_manual_points_given_left_and_not_answered() -> None:
    memo = [cell("memo", None, 3, by_hand=True), cell("memo", None, by_hand=True, waiting=True)]
    memo.append(cell("memo", 0, by_hand=True))
    book = Book("lab", 4, tuple(row(str(n), cell("check", 1), one) for n, one in enumerate(memo)))
    (one,) = manual_progress(book)
    assert (one.cell, one.given, one.given_points, one.left, one.left_points, one.unanswered) == ("memo", 1, 3, 1, 4, 1)


def test_a_check_that_failed_waits_for_a_person() -> None:
    book = Book("lab", 4, (row("ada", cell("check", None, waiting=True)), row("bob", cell("check", 1))))
    (one,) = manual_progress(book)
    assert (one.cell, one.left, one.unanswered) == ("check", 1, 0)
