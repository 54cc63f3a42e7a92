"""A warm template in its sandbox, and short ways to run learners' cells in kernels of it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from courseware.kernels import CellRun, Kernel, Limits, Template

SHOWN, SECRET = "week.txt", "answers.txt"
Fork = Callable[..., Kernel]


def text_of(run: CellRun) -> str:
    """Return all that a cell printed, gave back or failed with, as one text."""
    texts: list[str] = []
    for output in run.outputs:
        kind = output["output_type"]
        if kind == "error":
            texts.append(f"{output['ename']}: {output['evalue']}")
        else:
            texts.append(output["text"] if kind == "stream" else output["data"].get("text/plain", ""))
    return "".join(texts)


@pytest.fixture
def run() -> Callable[..., str]:
    """Run a cell in a kernel and return its text."""

    def run_one(kernel: Kernel, source: str, seconds: float = 20) -> str:
        return text_of(kernel.run(dedent(source), seconds))

    return run_one


@pytest.fixture(scope="session")
def course_folder() -> Iterator[Path]:
    """A folder that kernels may read, with a folder in it that they may not see."""
    with tempfile.TemporaryDirectory(prefix="course-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        (folder / SHOWN).write_text("week one", encoding="utf-8")
        (folder / "graders").mkdir()
        (folder / "graders" / SECRET).write_text("forty-two", encoding="utf-8")
        yield folder


@pytest.fixture(scope="session")
def template(course_folder: Path, sandboxed: Callable[..., Template]) -> Iterator[Template]:
    """The template of this folder's tests."""
    if sys.platform != "linux":
        pytest.skip("the sandbox is for Linux")
    hidden = [course_folder / "graders"]
    with sandboxed(["numpy", "matplotlib.pyplot"], readable=[course_folder], hidden=hidden) as started:
        yield started


@pytest.fixture
def fork(template: Template) -> Iterator[Fork]:
    """Make kernels that are closed when the test is over."""
    with ExitStack() as open_kernels:

        def make(files: dict[str, bytes] | None = None, limits: Limits | None = None, **more: Any) -> Kernel:
            return open_kernels.enter_context(template.kernel(files or {}, limits or Limits(), **more))

        yield make


@pytest.fixture
def kernel(fork: Fork) -> Kernel:
    """One kernel with nothing in its folder."""
    return fork()
