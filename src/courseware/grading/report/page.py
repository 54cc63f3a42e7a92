"""The report as one HTML page: no script, no request, light and dark. All that anybody else wrote is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from courseware.grading.errors import printable
from courseware.grading.report.contents import LabReport
from courseware.grading.report.manual import ManualProgress
from courseware.grading.report.similarity import LEAST_SHARE, Pair
from courseware.grading.report.statistics import CaseStatistics, CheckStatistics

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --quiet: #57606a; --edge: #d0d7de; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --quiet: #9da7b1; --edge: #3d444d; }
}
body { background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 75rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
caption { color: var(--quiet); padding: .4rem 0; text-align: left; }
.wide { overflow-x: auto; }
th, td { border-bottom: 1px solid var(--edge); overflow-wrap: anywhere; padding: .4rem .6rem; text-align: left;
  vertical-align: top; }
thead th { color: var(--quiet); font-weight: 600; overflow-wrap: normal; }
p.quiet { color: var(--quiet); }
"""


def report_html(report: LabReport) -> str:
    """The page. The same report gives the same page."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Report: {shown(report.lab)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>Report: {shown(report.lab)}</h1>
{_summary(report)}
<h2>Checks</h2>
{_checks(report.checks)}
<h2>Cases</h2>
{_cases(report.cases)}
<h2>Similar answers</h2>
{_pairs(report.pairs)}
<h2>Grading by hand</h2>
{_manual(report.manual)}
<h2>Not graded</h2>
{_ungraded(report)}
</main>
</body>
</html>
"""


def shown(text: str) -> str:
    """Printable `text` with nothing left that HTML would read as markup."""
    return html.escape(printable(text), quote=True)


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of plain text; the first cell of a row is its heading. One sentence where there is no row."""
    listed = list(rows)
    if not listed:
        return "<p>Nothing to show.</p>"
    heads = "".join(f'<th scope="col">{shown(heading)}</th>' for heading in headings)
    body = "\n".join(_row(row) for row in listed)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{shown(caption)}"><table>'
        f"<caption>{shown(caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _row(row: Sequence[str]) -> str:
    cells = "".join(f"<td>{shown(text)}</td>" for text in row[1:])
    return f'<tr><th scope="row">{shown(row[0])}</th>{cells}</tr>'


def _summary(report: LabReport) -> str:
    mean = "" if report.mean is None else f" · {report.mean:.2f} of {report.points:g} automatic points on average"
    return f"<p>{report.learners} graded{mean} · {len(report.ungraded)} not graded</p>"


def _checks(checks: Iterable[CheckStatistics]) -> str:
    headings = "Check", "Learners", "Pass", "Mean points", "Median s", "95 % s", "Discrimination", "Flaky", "Waiting"
    note = (
        '<p class="quiet">Discrimination is the correlation with the points of all other checks. Near 0 or below, look '
        "at the check: those who do well elsewhere fail it as often. Flaky means that the same work and the same check "
        "gave two scores.</p>"
    )
    return table("Each check over the class", headings, map(_check_row, checks)) + note


def _check_row(one: CheckStatistics) -> tuple[str, ...]:
    return (
        one.check, str(one.learners), "" if one.pass_rate is None else f"{one.pass_rate:.0%}",
        f"{_number(one.mean)} of {one.points:g}", _number(one.median_s), _number(one.p95_s),
        "undefined" if one.discrimination is None else f"{one.discrimination:.2f}",
        ", ".join(one.flaky) or "no", str(one.waiting or ""),
    )  # fmt: skip


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _cases(cases: Iterable[CaseStatistics]) -> str:
    headings = "Case", "Check", "Points", "Learners", "Failures", "Said most often"
    return table("Each case: how it failed and what it said", headings, map(_case_row, cases))


def _case_row(one: CaseStatistics) -> tuple[str, ...]:
    failures = ", ".join(f"{count} {status}" for status, count in one.failures.items()) or "none"
    messages = " | ".join(f"{message.learners} × {message.text}" for message in one.messages)
    return one.case, one.check, f"{one.points:g}", str(one.learners), failures, messages


def _pairs(pairs: Iterable[Pair]) -> str:
    headings = "Learners", "Share", "Fingerprints", "Cells"
    note = (
        f'<p class="quiet">Listed from a share of {LEAST_SHARE:.0%} of the smaller work. Names, values, comments and '
        "layout do not count, nor what the lab or most of the class has. A pair is a reason to read both, not a "
        "finding: people who think alike, or read the same page, write alike.</p>"
    )
    return table("Pairs of learners whose code is alike", headings, map(_pair_row, pairs)) + note


def _pair_row(pair: Pair) -> tuple[str, ...]:
    cells = ", ".join(
        cell.first if cell.first == cell.second else f"{cell.first} and {cell.second}" for cell in pair.cells
    )
    return f"{pair.first} and {pair.second}", f"{pair.share:.0%}", str(pair.fingerprints), cells


def _manual(cells: Iterable[ManualProgress]) -> str:
    headings = "Cell", "Points", "Given", "Points given", "Left", "Points left", "Not answered"
    rows = (
        (
            one.cell, f"{one.points:g}", str(one.given), f"{one.given_points:g}", str(one.left),
            f"{one.left_points:g}", str(one.unanswered),
        )
        for one in cells
    )  # fmt: skip
    return table("Points that a person gives, by cell", headings, rows)


def _ungraded(report: LabReport) -> str:
    return table("Who is not graded, and why", ("Learner", "Why"), ((one.student, one.why) for one in report.ungraded))
