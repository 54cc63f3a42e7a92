"""A check cell in a real kernel: one table, one number, and no sign of what the learner's code printed meanwhile."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from textwrap import dedent
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.kernel

Outputs = list[dict[str, Any]]
Grade = Callable[..., Outputs]

SETUP = """
import asyncio, logging, os, subprocess, sys, time, warnings
import matplotlib.pyplot as plt
from IPython.display import HTML, clear_output, display
from ipywidgets import IntSlider

logging.basicConfig()
noise = "import os; os.write(1, b'secret'); os.write(2, b'secret')"
"""

# Each is the body of a learner's function; the check calls it and finds 5.
CHANNELS = {
    "print": "print('secret'); print('secret', file=sys.stderr)",
    "os.write": "os.write(1, b'secret'); os.write(2, b'secret')",
    "subprocess": "subprocess.run([sys.executable, '-c', noise], check=True)",
    "subprocess on the streams": "subprocess.run([sys.executable, '-c', noise], stdout=sys.stdout, stderr=sys.stderr)",
    "shell": "get_ipython().system('echo secret; echo secret >&2')",
    "warnings": "warnings.warn('secret')",
    "logging": "logging.getLogger('learner').error('secret')",
    "the first streams": "sys.__stdout__.write('secret'); sys.__stderr__.write('secret')",
    "display": "display('secret', HTML('secret'))",
    "display by id": "display('secret', display_id='one').update('secret again')",
    "clear_output": "clear_output()",
    "widget": "display(IntSlider())",
    "open figure": "plt.plot([1, 2])",
    "shown figure": "plt.plot([1, 2]); plt.show()",
    "saved handle": "display(plt.figure())",
    "replaced streams": "sys.stdout = sys.stderr = sys.__stderr__; print('secret')",
    "closed streams": "sys.stdout.close(); sys.stderr.close()",
    "closed descriptors": "os.close(1); os.close(2)",
    "a thread": "import threading; t = threading.Thread(target=print, args=['secret']); t.start(); t.join()",
    "traceback": "import traceback; traceback.print_stack()",
}

ENDINGS = {
    "raises": ("raise ValueError('secret')", "ValueError: secret"),
    "raises text that no message can carry": ("raise ValueError(chr(0xD800))", "\\ud800"),
    "exits": ("sys.exit('secret')", "SystemExit: secret"),
    "is endless": ("while True: pass", "still running after 0.2 s"),
    "swallows": ("while True:\n        try: time.sleep(9)\n        except: pass", "still running after 0.2 s"),
    "is too large": ("return 'x' * 2**26", "more than the limit"),
    "is hostile": ("return '<script>secret</script>'", "&lt;script&gt;"),
    "forgets to await": ("asyncio.sleep(0); return 6", "the values differ"),
}

COROUTINES = {
    "awaits": "await asyncio.sleep(0.01); return 5",
    "prints": "print('secret'); os.write(2, b'secret'); await asyncio.sleep(0); return 5",
    "leaves a failing task": "asyncio.create_task(fails()); await asyncio.sleep(0.01); return 5",
}

# The checks named `endless` are asked of code that never ends, and so have a short limit.
CHECKS = """
from courseware.checks import case, check

def five(id, seconds):
    @check(id, points=3, title="Five", hidden=id.endswith("hidden"))
    def body(student, world):
        with case("finds five", points=3, category="numbers") as c:
            c.equal(student.call("f", seconds=seconds), 5)
    return body

f_visible, f_hidden = five("f-visible", 60), five("f-hidden", 60)
endless_visible, endless_hidden = five("endless-visible", 0.2), five("endless-hidden", 0.2)
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotebookClient]:
    """A running kernel in a lab's folder, with the learner's first cell run."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "graders" / "lab").mkdir(parents=True)
    for path in (folder / "checks.py", folder / "graders" / "lab" / "hidden.py"):
        path.write_text(CHECKS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_GRADERS", str(folder / "graders"))
        found = NotebookClient(nbformat.v4.new_notebook(), timeout=120, kernel_name="python3", allow_errors=True)
        found.resources = {"metadata": {"path": str(folder)}}
        with found.setup_kernel():
            assert run_cell(found, SETUP) == []
            yield found


def run_cell(client: NotebookClient, source: str) -> Outputs:
    """Run a cell after the ones before and return its outputs."""
    client.nb.cells.append(nbformat.v4.new_code_cell(dedent(source).strip()))
    last = len(client.nb.cells) - 1
    client.execute_cell(client.nb.cells[last], last)
    return list(client.nb.cells[last].outputs)


@pytest.fixture
def grade(client: NotebookClient) -> Grade:
    """Run the learner's answer and then a check cell as a lab has it; return the outputs of the latter."""

    def run(answer: str, call: str = 'visible_check("f-visible")') -> Outputs:
        assert [output for output in run_cell(client, answer) if output["output_type"] == "error"] == []
        return run_cell(client, f"from courseware.checks import hidden_check, visible_check\n\n{call}.grade(globals())")

    return run


def task_of(ending: str) -> str:
    """The name of the task whose checks suit that ending."""
    return "endless" if "still running" in ENDINGS[ending][1] else "f"


def score(outputs: Outputs) -> float:
    """The number a check cell ends in, its table being the only other output."""
    assert [output["output_type"] for output in outputs] == ["display_data", "execute_result"], outputs
    assert set(outputs[0]["data"]) == {"text/html", "text/plain"}
    assert set(outputs[1]["data"]) == {"text/plain"}
    found = float(outputs[1]["data"]["text/plain"])
    assert math.isfinite(found)
    return found


@pytest.mark.parametrize("name", CHANNELS)
def test_nothing_that_the_call_prints_reaches_the_check_cell(grade: Grade, name: str) -> None:
    outputs = grade(f"def f():\n    {CHANNELS[name]}\n    return 5")
    assert score(outputs) == 3
    assert "secret" not in str(outputs)


@pytest.mark.parametrize("name", ENDINGS)
def test_visible_check_shows_how_the_call_ended(grade: Grade, name: str) -> None:
    body, shown = ENDINGS[name]
    outputs = grade(f"def f():\n    {body}", f'visible_check("{task_of(name)}-visible")')
    assert score(outputs) == 0
    assert shown in outputs[0]["data"]["text/html"]


@pytest.mark.parametrize("name", ENDINGS)
def test_hidden_check_shows_no_more_than_that_it_failed(grade: Grade, name: str) -> None:
    check = f'hidden_check("lab", "{task_of(name)}-hidden")'
    outputs = grade(f"def f():\n    print('secret')\n    {ENDINGS[name][0]}", check)
    assert score(outputs) == 0
    assert "secret" not in str(outputs)
    assert "fails on: numbers" in outputs[0]["data"]["text/plain"]


@pytest.mark.parametrize("name", COROUTINES)
def test_coroutine_runs_beside_the_kernels_own_loop(grade: Grade, name: str) -> None:
    outputs = grade(f"async def fails(): raise ValueError('secret')\nasync def f(): {COROUTINES[name]}")
    assert score(outputs) == 3


def test_client_made_in_a_cell_serves_the_checks_calls(grade: Grade) -> None:
    answer = """
        lock = asyncio.Lock()
        async def f():
            async with lock:
                return 5
        """
    assert [score(grade(answer)), score(grade("lock"))] == [3, 3]


def test_honest_stderr_before_the_check_costs_nothing(grade: Grade) -> None:
    answer = """
        def f():
            print("heard", file=sys.stderr)
            return 5
        f()
        """
    assert score(grade(answer)) == 3


def test_output_is_as_before_after_a_check(client: NotebookClient, grade: Grade) -> None:
    grade("def f(): os.close(1); os.close(2); sys.stdout = None; return 5")
    outputs = run_cell(client, "print('out'); print('err', file=sys.stderr); logging.error('log'); display('shown')")
    kinds = {(output["output_type"], output.get("name")) for output in outputs}
    assert kinds == {("stream", "stdout"), ("stream", "stderr"), ("display_data", None)}
    assert "log" in str(outputs)


def test_untouched_stub_is_not_written_yet(grade: Grade) -> None:
    outputs = grade("def f(): raise NotImplementedError")
    assert score(outputs) == 0
    assert "not written yet" in outputs[0]["data"]["text/plain"]


def test_frames_are_the_learners_own_lines(grade: Grade) -> None:
    outputs = grade("def inner():\n    return {}['a']\n\ndef f():\n    return inner()")
    assert "in: f, line 5: return inner() → inner, line 2: return {}['a']" in outputs[0]["data"]["text/plain"]
