"""A person grades an essay on stock formgrader's page, by the criteria and comments of its rubric."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from courseware.build.lab import write_source
from courseware.build.places import Week
from courseware.grading.gradebook import Entry, GradebookWriter
from courseware.grading.rubric.reading import read_rubric
from courseware.manifest import Course

pytestmark = pytest.mark.browser

LAB, ESSAY = "week_02_embeddings_attention", "essay"
NEEDED = ("nbgrader_config.py", "course.toml", "graders", "solutions", "data")


@dataclass(frozen=True)
class Essays:
    """A class in which Ada handed in an essay, with a gradebook that has her automatic points."""

    root: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.root}/build/nbgrader/gradebook.db"

    @property
    def environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        own = {"JUPYTER_CONFIG_DIR": str(self.root / "jupyter"), "JUPYTER_RUNTIME_DIR": str(self.root / "runtime")}
        return os.environ | own | {"COURSE_ROOT": str(self.root), "PATH": path}

    def nbgrader(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "nbgrader", *arguments]
        done = subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]

    def hand_in(self) -> None:
        """Put Ada's autograded notebook and her scores where a grading puts them."""
        folder = self.root / "build" / "nbgrader" / "autograded" / "ada" / LAB
        shutil.copytree(self.root / "build" / "nbgrader" / "release" / LAB, folder)
        notebook = json.loads((folder / "lab.ipynb").read_text())
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == ESSAY:
                cell["source"] = "Words that keep the same company lie near each other."
        (folder / "lab.ipynb").write_text(json.dumps(notebook))
        with GradebookWriter(self.url, "ai-engineer", lambda *_: None) as book:
            book.record(Entry("ada", LAB, None, {ESSAY: None, "task-1-visible": 3.0}, {ESSAY: True}))

    def essay(self) -> tuple[float | None, bool, str | None]:
        """Points, whether they are still wanted, and the comment, as the gradebook has them."""
        from nbgrader.api import Gradebook

        with Gradebook(self.url) as book:
            grade, comment = (find(ESSAY, "lab", LAB, "ada") for find in (book.find_grade, book.find_comment))
            return grade.manual_score, grade.needs_manual_grade, comment.manual_comment

    def page(self) -> str:
        """The path of Ada's page."""
        from nbgrader.api import Gradebook

        with Gradebook(self.url) as book:
            return f"formgrader/submissions/{book.find_submission_notebook('lab', LAB, 'ada').id}/"


@pytest.fixture
def essays(course: Course, root: Path, tmp_path: Path) -> Essays:
    made = Essays(tmp_path)
    for name in NEEDED:
        (tmp_path / name).symlink_to(root / name)
    write_source(Week(root, LAB), course.week(LAB).lab, tmp_path / "build" / "nbgrader" / "source")
    made.nbgrader("generate_assignment", LAB, "--create")
    made.hand_in()
    return made


def saved(page: Page) -> AbstractContextManager[Any]:
    """Wait until formgrader has saved a comment."""
    return page.expect_response(lambda response: "/api/comment/" in response.url and response.ok)


def choose(page: Page, criterion: int, points: int) -> None:
    page.check(f"#{ESSAY}-rubric input[name=criterion-{criterion}][value='{points}']")


@pytest.mark.timeout(300)
def test_criteria_are_summed_and_comments_come_from_the_bank(essays: Essays, browser, formgrader, root: Path) -> None:
    rubric, page = read_rubric(root / "solutions" / LAB / "rubric.md"), browser.page
    address = formgrader(essays.root, essays.environment)
    page.goto(f"{address}/login?token=formgrader")
    page.goto(f"{address}/{essays.page()}", wait_until="load")
    page.wait_for_function("formgrader.comments && formgrader.comments.loaded && formgrader.grades.loaded")
    for criterion, points in enumerate((2, 1, 1, 0)):
        choose(page, criterion, points)
    page.click("[data-code=A1]")
    assert page.input_value(f"#{ESSAY}") == ""  # one criterion is open
    choose(page, 4, 2)
    page.fill("#essay-rubric .off", "1")
    box = page.locator(f"#{ESSAY}-comment")
    box.fill(box.input_value() + "\nWell begun. #N2")
    with saved(page):
        box.blur()

    points, wanted, comment = essays.essay()
    assert (points, wanted) == (5, False)
    assert comment is not None
    assert comment.splitlines()[:2] == ["- Embeddings: 2 of 2", "- Attention: 1 of 2"]
    assert "- Taken off: 1" in comment
    assert f"- {rubric.comments['A1']}" in comment
    assert f"Well begun. {rubric.comments['N2']}" in comment

    page.reload(wait_until="load")
    page.wait_for_function("document.querySelector('#essay-rubric output').value === '5'")
    with saved(page):
        page.click("[data-code=A1]")
    assert rubric.comments["A1"] not in (essays.essay()[2] or "")

    essays.nbgrader("generate_feedback", LAB)
    feedback = (essays.root / "build" / "nbgrader" / "feedback" / "ada" / LAB / "lab.html").read_text()
    assert rubric.comments["N2"].replace("'", "&#39;") in feedback.replace("\n", " ")
    assert "essay-rubric" not in feedback
