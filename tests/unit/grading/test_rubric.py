"""A rubric's page is read as it is written, and what formgrader shows of it cannot break out of its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from courseware.grading.errors import GradingError
from courseware.grading.rubric.formgrader import RubricBelowAnswers, panel
from courseware.grading.rubric.reading import Criterion, Rubric, read_rubric
from courseware.manifest import load

ROOT = Path(__file__).resolve().parents[3]
RUBRICS = sorted(ROOT.glob("solutions/*/rubric.md"))
PAGE = """# Rubric: the memo

Two points.

## Criteria

| | 0 | 0.5 | 2 |
|---|---|---|---|
| 1 Evidence | none | a number | a number and its rival |

## Comment bank

- E1 Which number
  is yours?
- E2 Compare.

## Samples

> One.
"""


@pytest.mark.parametrize("path", RUBRICS, ids=[path.parent.name for path in RUBRICS])
def test_the_course_s_rubrics_are_worth_what_the_manifest_says(path: Path) -> None:
    assert read_rubric(path).points == load(ROOT / "course.toml").week(path.parent.name).lab.manual_points


def test_a_page_is_read(tmp_path: Path) -> None:
    (tmp_path / "rubric.md").write_text(PAGE)
    assert read_rubric(tmp_path / "rubric.md") == Rubric(
        (Criterion("Evidence", {0: "none", 0.5: "a number", 2: "a number and its rival"}),),
        {"E1": "Which number is yours?", "E2": "Compare."},
        {"": "Two points.", "Samples": "> One."},
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("## Criteria", "## What counts", "has no section 'Criteria'"),
        ("| 1 Evidence | none |", "| Evidence | none |", "criterion 'Evidence' has no number"),
        ("| a number and its rival |", "|", "another number of levels"),
        ("| 0 | 0.5 | 2 |", "| none | some | all |", "could not convert string to float"),
        ("- E1 Which", "- Which", "the comment '- Which number is yours?' does not begin with a code"),
    ],
)
def test_a_page_in_another_form_is_one_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in PAGE
    (tmp_path / "rubric.md").write_text(PAGE.replace(old, new))
    with pytest.raises(GradingError) as ended:
        read_rubric(tmp_path / "rubric.md")
    assert said in (message := str(ended.value).replace("\n", "↵"))
    assert "↵" not in message


def test_nothing_of_a_rubric_ends_the_panel_s_script(tmp_path: Path) -> None:
    (tmp_path / "rubric.md").write_text(PAGE.replace("Compare.", "Compare </script><b>"))
    shown = panel("memo", read_rubric(tmp_path / "rubric.md"))
    assert shown.count("</script>") == 1
    assert shown.endswith("</script>")


def test_a_page_that_is_not_formgrader_s_stays_as_it_is() -> None:
    notebook = {"cells": [{"metadata": {"nbgrader": {"grade": True, "solution": True, "grade_id": "essay"}}}]}
    step, resources = RubricBelowAnswers(), {"assignment_id": "week_02_embeddings_attention"}
    assert step.preprocess(notebook, resources) == (notebook, resources)


def test_a_panel_names_every_level_and_comment(tmp_path: Path) -> None:
    (tmp_path / "rubric.md").write_text(PAGE)
    shown = panel("memo", read_rubric(tmp_path / "rubric.md"))
    assert re.findall(r'type="radio" name="criterion-0" value="([\d.]+)"', shown) == ["0", "0.5", "2"]
    assert re.findall(r'data-code="(\w+)"', shown) == ["E1", "E2"]
