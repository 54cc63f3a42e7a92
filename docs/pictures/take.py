"""Takes the pictures of the README: `make pictures` runs it.

It starts `course lab` on a workspace that is thrown away, drives it with the system's Chromium, and writes
`lesson.png` (week 01 at its signature plot) and `check.png` (lab 01 with a planted wrong answer) beside this file.
Nothing in them is arranged but the answer and the place the page is scrolled to.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from courseware.build.planted import read_planted

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
WEEK = "week_01_tokenization"
# Takes the first of equally frequent pairs, where the task asks for the smallest: one of four visible cases fails.
ANSWER = ROOT / "graders" / WEEK / "answers" / "wrong" / "train_ties_first_seen.py"
WIDTH, HEIGHT = 1200, 820
MOST_BYTES = 200_000
START_SECONDS, RUN_SECONDS = 120, 180

# Without these Chromium looks its maker's hosts up at every start.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
RUN_ALL = """async () => {
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.context.ready; await panel.sessionContext.ready; await panel.sessionContext.session.kernel.info;
  window.jupyterapp.shell.collapseLeft();
  await window.jupyterapp.commands.execute('notebook:run-all-cells');
}"""
# `run-all-cells` may return while the kernel still works; the cell in the picture has to be done.
IS_DONE = """id => {
  const panel = window.jupyterapp.shell.currentWidget;
  const cell = panel.content.widgets.find(one => one.model.id === id);
  return panel.sessionContext.session.kernel.status === 'idle' && cell.model.executionCount !== null;
}"""
# Puts a cell's input or output `below` pixels under the notebook's upper edge, and selects another cell.
SCROLL = """async ([id, part, below]) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const place = notebook.widgets.findIndex(cell => cell.model.id === id);
  notebook.activeCellIndex = notebook.widgets.length - 1;
  const shown = notebook.widgets[place].node.querySelector(part);
  const box = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer');
  for (let again = 0; again < 4; again++) {
    box.scrollTop += shown.getBoundingClientRect().top - box.getBoundingClientRect().top - below;
    await new Promise(done => setTimeout(done, 400));
  }
  document.activeElement?.blur();
}"""
BOX_OF = """id => {
  const cell = window.jupyterapp.shell.currentWidget.content.widgets.find(one => one.model.id === id);
  const boxes = ['.jp-Cell-inputWrapper', '.jp-Cell-outputWrapper'].map(
    part => cell.node.querySelector(part).getBoundingClientRect());
  const around = 8;
  return {x: boxes[0].x - around, y: boxes[0].y - around, width: boxes[0].width + 2 * around,
          height: boxes[1].bottom - boxes[0].y + 2 * around};
}"""


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, _course_lab(Path(scratch)) as (url, workspace):
        _plant(workspace / "labs" / WEEK / "lab.ipynb")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
            page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            _write("lesson.png", _lesson(page, url.format(f"notebooks/{WEEK}/lesson.ipynb")))
            _write("check.png", _check(page, url.format(f"labs/{WEEK}/lab.ipynb")))
            chromium.close()


def _lesson(page: Page, url: str) -> bytes:
    """The lesson as JupyterLab shows it, its signature plot in the middle."""
    _run_all(page, url, "signature-plot")
    page.evaluate(SCROLL, ["signature-plot", ".jp-Cell-outputWrapper", 120])
    return page.screenshot()


def _check(page: Page, url: str) -> bytes:
    """The first visible check of the lab: its cell and its table, nothing around them."""
    _run_all(page, url, "train-visible")
    page.evaluate(SCROLL, ["train-visible", ".jp-Cell-inputWrapper", 20])
    return page.screenshot(clip=page.evaluate(BOX_OF, "train-visible"))


def _run_all(page: Page, url: str, cell: str) -> None:
    """Open the notebook and run it as far as it goes, `cell` at least."""
    page.goto(url, wait_until="domcontentloaded")
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)
    page.wait_for_selector(f"{PANEL} .jp-CodeCell", timeout=60_000)
    page.evaluate(RUN_ALL)
    page.wait_for_function(IS_DONE, arg=cell, timeout=RUN_SECONDS * 1000, polling=500)


def _plant(path: Path) -> None:
    """Write the planted answer into the learner's copy."""
    planted = read_planted(ANSWER)
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = planted.cells.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    nbformat.write(notebook, path)


def _write(name: str, screenshot: bytes) -> None:
    """Reduce the picture to the fewest colours that keep it readable, and refuse it above the limit."""
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    small = io.BytesIO()
    picture.quantize(128, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    if small.tell() > MOST_BYTES:
        raise SystemExit(f"{name} takes {small.tell():,} bytes, more than {MOST_BYTES:,}; crop it or cut its colours")
    (FOLDER / name).write_bytes(small.getvalue())
    print(f"{name}: {picture.width} x {picture.height}, {small.tell():,} bytes")


@contextmanager
def _course_lab(scratch: Path) -> Iterator[tuple[str, Path]]:
    """Start `course lab`; give a pattern for a notebook's address, and the workspace."""
    log, workspace = scratch / "server.log", scratch / "workspace"
    own = {"COURSE_ROOT": ROOT, "COURSE_WORKSPACE": workspace, "JUPYTER_CONFIG_DIR": scratch / "config"}
    environment = os.environ | {name: str(path) for name, path in own.items()} | {"COURSE_PROGRESS": os.devnull}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "courseware.cli", "lab", "--no-browser"],
            env=environment, cwd=scratch, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield _address(log), workspace
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _address(log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        found = re.search(r"(http://127\.0\.0\.1:\d+/)lab\S*\?token=(\w+)", log.read_text())
        if found:
            return f"{found[1]}lab/tree/{{}}?token={found[2]}&reset"
        time.sleep(0.2)
    raise SystemExit(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


def _chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise SystemExit("no Chromium found; run make browser")


if __name__ == "__main__":
    main()
