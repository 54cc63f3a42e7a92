"""`course report LAB`: reads what is known of a lab, and writes it where it was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from courseware.errors import DONE, ENVIRONMENT, USAGE, CommandError
from courseware.grading.config import ClassFolders
from courseware.grading.errors import printable
from courseware.grading.lab import load_lab
from courseware.grading.report.book import read_book
from courseware.grading.report.contents import LabReport, lab_report
from courseware.grading.report.exports import EXPORTS
from courseware.grading.report.page import report_html
from courseware.grading.report.reading import read_class
from courseware.manifest import Week


@dataclass(frozen=True)
class Wanted:
    """Where a report goes beside the terminal."""

    html: Path | None = None
    csv: str | None = None
    out: Path | None = None
    as_json: bool = False


def report_command(root: Path, week: Week, wanted: Wanted) -> int:
    """Show the report of a lab, and write the files that are wanted. It grades nothing."""
    if week.lab.state != "ready":
        raise CommandError(f"{week.id} has no lab that is ready; `docs/syllabus.md` lists those that are", USAGE)
    if bool(wanted.csv) != bool(wanted.out):
        raise CommandError("--csv and --out go together: --csv canvas --out FILE", USAGE)
    folders = ClassFolders.of(root)
    book, work = read_book(folders, week.id), read_class(folders, week)
    if wanted.csv and wanted.out:
        _write(wanted.out, EXPORTS[wanted.csv](book))
    labs = [load_lab(root, week, version) for version in sorted({one.version for one in work.graded})]
    report = lab_report(work, book, labs)
    if wanted.html:
        _write(wanted.html, report_html(report))
    print(json.dumps(report.to_json()) if wanted.as_json else "\n".join(map(printable, report_lines(report))))
    return DONE


def report_lines(report: LabReport) -> Iterator[str]:
    """The report for a terminal: a line for each check, then who is not graded."""
    if not report.learners:
        yield f"nothing of {report.lab} is graded; run `course grade {report.lab}` first"
    else:
        yield f"{report.lab}: {report.learners} graded, {report.mean:.2f} of {report.points:g} points on average"
    for one in report.checks:
        rate = "  - " if one.pass_rate is None else f"{one.pass_rate:4.0%}"
        tells = "undefined" if one.discrimination is None else f"{one.discrimination:.2f}"
        chance = f", flaky for {len(one.flaky)}" if one.flaky else ""
        yield f"  {rate} pass {one.check}, discrimination {tells}{chance}"
    if report.pairs:
        yield f"pairs of learners with code alike: {len(report.pairs)}; --html names the cells"
    for cell in report.manual:
        yield f"by hand: {cell.cell}, {cell.given} given, {cell.left} left"
    for missing in report.ungraded:
        yield f"not graded: {missing.student}: {missing.why}"


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise CommandError(
            f"cannot write {path}: {error.strerror}; name another file or make room", ENVIRONMENT
        ) from error
