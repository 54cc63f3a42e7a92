"""A learner opens a lab in JupyterLab, runs it and validates it, and nothing leaves loopback."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page

from courseware.build.answers import LabRun
from courseware.build.places import Week

pytestmark = [pytest.mark.browser, pytest.mark.needs_models]

LAB = "week_01_tokenization"
RUN_ALL = """async () => {
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.context.ready; await panel.sessionContext.ready; await panel.sessionContext.session.kernel.info;
  await window.jupyterapp.commands.execute('notebook:run-all-cells');
}"""
CELLS = "() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.toJSON().cells"
SAVE = "async () => { await window.jupyterapp.commands.execute('docmanager:save') }"
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"


def open_notebook(page: Page, url: str) -> None:
    page.goto(url, wait_until="domcontentloaded")
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)
    page.wait_for_selector(f"{PANEL} .jp-CodeCell", timeout=60_000)


def validate(page: Page) -> str:
    page.evaluate(SAVE)
    page.click(f"{PANEL} .validate-button")
    page.wait_for_selector(".nbgrader-SuccessDialog, .nbgrader-ErrorDialog", timeout=120_000)
    return page.locator("#validation-message").inner_text()


def answer(root: Path, workspace: Path) -> None:
    """Write the reference's answers into the learner's copy."""
    path = workspace / "labs" / LAB / "lab.ipynb"
    answers = LabRun.of(Week(root, LAB), path.parent).answers
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(name, cell.source)
    nbformat.write(notebook, path)


@pytest.mark.timeout(600)
def test_untouched_lab_fails_validation_by_name_and_reference_passes(lab, browser, root: Path) -> None:
    page = browser.page
    open_notebook(page, lab.page_url(f"labs/{LAB}/lab.ipynb"))
    page.evaluate(RUN_ALL)
    untouched = validate(page)
    assert "visible_check" in untouched
    assert "cells failed" in untouched or "cell failed" in untouched

    answer(root, lab.workspace)
    open_notebook(page, lab.page_url(f"labs/{LAB}/lab.ipynb"))
    page.evaluate(RUN_ALL)
    scored = [cell for cell in page.evaluate(CELLS) if cell["metadata"].get("nbgrader", {}).get("grade")]
    assert not [out for cell in scored for out in cell["outputs"] if out["output_type"] == "error"]
    assert "Success" in validate(page)
    assert browser.beyond_loopback == []
