"""`course report` over a small class that was graded: the page, the JSON and the files for Canvas and Moodle."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from courseware.errors import CommandError
from courseware.grading.journal import Journal
from courseware.grading.report.command import Wanted, report_command
from courseware.grading.submissions import read_submission
from courseware.manifest import find_week, load

LONG = '''def kept(numbers):
    """Mine."""
    found = []
    for number in numbers:
        if number <= LIMIT and number == number + 0:
            found.append(number)
        elif number > LIMIT * 2 and len(found) > 100:
            found = found[:10] + [number]
    return found
'''
COPIED = LONG.replace("number", "n").replace("found", "out").replace('"""Mine."""', "# all my own work")
HOSTILE = "def twice(number):\n    raise ValueError('<script>alert(1)</script> =1+1')"
BEGUN = {"identity": {"submission": "s", "version": "v", "graders": "g", "seed": "x"}, "checks": {}, "try": 1, "at": 0}
CHECK = {"check": "twice-visible", "score": 1, "points": 1, "seconds": 1, "cases": [], "failed": ""}


@pytest.fixture
def graded(tiny: Any) -> Any:
    """Ada is right, Bob copied her, Cyd raises, Dan handed in the release and a memo, Eve's file is torn."""
    from nbgrader.api import Gradebook

    tiny.submit("ada", tiny.reference | {"kept": LONG, "memo": "Mine."})
    tiny.submit("bob", tiny.reference | {"kept": COPIED, "memo": "Also mine."})
    tiny.submit("cyd", tiny.reference | {"twice": HOSTILE})
    tiny.submit("dan")
    (tiny.submit("eve") / "lab.ipynb").write_text("{")
    tiny.grade()
    with Gradebook(f"sqlite:///{tiny.work / 'gradebook.db'}") as book:
        book.update_or_create_student("ada", first_name="Ada", last_name='=cmd|"A1"', lms_user_id="17")
        book.add_student("fay")
        grade = book.find_grade("memo", "lab", tiny.lab, "ada")
        grade.manual_score, grade.needs_manual_grade = 3.5, False
        book.find_submission(tiny.lab, "ada").notebooks[0].late_submission_penalty = 1.0
        book.db.commit()
    return tiny


class Page(HTMLParser):
    """A page's tags, tables' captions and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "onclick", "onerror"}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_report_of_a_class(graded: Any, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in graded.work.rglob("*.jsonl")}
    done = graded.course("report", graded.lab, "--json", "--html", str(tmp_path / "page.html"))
    assert (done.returncode, done.stderr) == (0, "")
    check_json(json.loads(done.stdout))
    check_page((tmp_path / "page.html").read_text(encoding="utf-8"))
    check_canvas(graded, exported(graded, "canvas", tmp_path / "canvas.csv"))
    check_moodle(graded, exported(graded, "moodle", tmp_path / "moodle.csv"))
    assert {path: path.read_bytes() for path in graded.work.rglob("*.jsonl")} == before


def check_json(report: dict[str, Any]) -> None:
    assert (report["learners"], report["mean"], report["points"]) == (4, 4.5, 7)
    checks = {one["check"]: one for one in report["checks"]}
    assert {name: one["pass_rate"] for name, one in checks.items()} == {
        "twice-visible": 0.5, "twice-hidden": 0.5, "kept-visible": 0.75, "kept-hidden": 0.75,
    }  # fmt: skip
    assert all(one["discrimination"] > 0.5 and one["flaky"] == [] for one in checks.values())
    cases = {one["case"]: one for one in report["cases"]}
    assert cases["twice three"]["failures"] == {"raised": 2}
    assert [(one["first"], one["second"]) for one in report["pairs"]] == [("ada", "bob")]
    assert [cell["first"] for cell in report["pairs"][0]["cells"]] == ["kept"]
    (memo,) = report["manual"]
    assert (memo["cell"], memo["given"], memo["given_points"], memo["left"], memo["left_points"]) == (
        "memo",
        1,
        3.5,
        1,
        4,
    )
    assert [one["student"] for one in report["ungraded"]] == ["eve", "fay"]
    assert "is not JSON" in report["ungraded"][0]["why"]


def check_page(text: str) -> None:
    page = Page(text)
    assert not set(page.tags) & {"script", "link", "img", "iframe"}
    assert page.tags.count("table") == page.tags.count("caption") == 5
    whole = " ".join(page.text)
    for said in (
        "Checks",
        "Cases",
        "Similar answers",
        "ada and bob",
        "Grading by hand",
        "memo",
        "nothing was collected",
    ):
        assert said in whole
    assert "<script>alert(1)</script>" in whole


def exported(graded: Any, platform: str, path: Path) -> list[dict[str, str]]:
    assert reported(graded, graded.lab, csv=platform, out=path) == 0
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def check_canvas(graded: Any, rows: list[dict[str, str]]) -> None:
    lab = graded.lab
    assert (rows[0]["Student"], rows[0][lab], rows[0][f"{lab} manual"]) == ("Points Possible", "11", "(read only)")
    by_login = {row["SIS Login ID"]: row for row in rows[1:]}
    assert sorted(by_login) == ["ada", "bob", "cyd", "dan", "fay"]
    ada = by_login["ada"]
    assert (ada["Student"], ada["ID"], ada[lab]) == ('\'=cmd|"A1", Ada', "17", "9.5")
    assert [ada[f"{lab} {part}"] for part in ("automatic", "manual", "late penalty")] == ["7", "3.5", "1"]
    assert (by_login["dan"][lab], by_login["fay"][lab]) == ("0", "")


def check_moodle(graded: Any, rows: list[dict[str, str]]) -> None:
    totals = {row["Username"]: row[f"{graded.lab} total"] for row in rows}
    assert totals == {"ada": "9.5", "bob": "7", "cyd": "4", "dan": "0", "fay": ""}
    assert rows[0]["Last name"] == '\'=cmd|"A1"'


def reported(class_: Any, lab: str, **wanted: Any) -> int:
    """Report in this process: starting another one takes longer than the rest."""
    return report_command(class_.root, find_week(load(), lab), Wanted(**wanted))


@pytest.mark.parametrize(
    ("lab", "wanted", "status", "said"),
    [
        ("week_08", {}, 2, "has no lab that is ready"),
        ("week_02", {"csv": "canvas"}, 2, "--csv and --out go together"),
        ("week_02", {"html": Path("/nowhere/page.html")}, 3, "cannot write /nowhere/page.html"),
        ("week_03", {}, 3, "is not in the gradebook; run `course release"),
    ],
    ids=["no lab", "no file", "no folder", "not released"],
)
def test_what_cannot_be_reported_is_one_line(
    tiny: Any, lab: str, wanted: dict[str, Any], status: int, said: str
) -> None:
    with pytest.raises(CommandError, match=re.escape(said)) as ended:
        reported(tiny, lab, **wanted)
    assert (ended.value.status, len(str(ended.value).splitlines())) == (status, 1)


def test_a_gradebook_that_is_missing_is_said_and_not_made(tiny: Any) -> None:
    (tiny.work / "gradebook.db").unlink()
    with pytest.raises(CommandError, match="is not in the gradebook"):
        reported(tiny, tiny.lab)
    assert not (tiny.work / "gradebook.db").exists()


def test_nothing_graded_is_said(tiny: Any, capsys: pytest.CaptureFixture[str]) -> None:
    tiny.submit("ada")
    assert reported(tiny, tiny.lab) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"nothing of {tiny.lab} is graded; run `course grade {tiny.lab}` first",
        f"not graded: ada: not examined yet; run `course grade {tiny.lab}`",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"failed": "no memory"}, "not graded: ada: not examined, by no fault of theirs: no memory"),
        ({"check": CHECK}, "not graded: ada: its examination did not end; grade again"),
    ],
    ids=["failed", "killed"],
)
def test_work_whose_examination_gave_nothing_is_said(
    tiny: Any, capsys: pytest.CaptureFixture[str], line: dict[str, Any], said: str
) -> None:
    submission = read_submission(tiny.submit("ada"), "ada", ())
    attempt = Journal(tiny.work / "journal" / tiny.lab).attempt("ada", submission.hash)
    attempt.write(begun=BEGUN)
    attempt.write(**line)
    assert reported(tiny, tiny.lab) == 0
    assert said in capsys.readouterr().out


def test_a_submission_that_came_after_the_last_grading_is_said(tiny: Any, capsys: pytest.CaptureFixture[str]) -> None:
    tiny.submit("ada", tiny.reference)
    tiny.grade()
    tiny.submit("ada")
    reported(tiny, tiny.lab)
    assert "not graded: ada: not examined yet" in (shown := capsys.readouterr().out)
    assert "an earlier attempt counts here" in shown
    assert f"{tiny.lab}: 1 graded, 7.00 of 7 points" in shown
