"""A cell gives in a fork what it gives in a notebook under ipykernel, and no more than it may."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from courseware.kernels import Kernel, Limits, Template, notebook_client

Fork = Callable[..., Kernel]
Run = Callable[..., str]

CELLS = {
    "nothing": "x = 1",
    "result": "[1, {'a': 'ä'}]",
    "streams": "import sys\nprint('out')\nprint('more')\nprint('err', file=sys.stderr)\nprint('out again')",
    "print and result": "print('first')\n'second'",
    "display": "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>'), 5)",
    "display with metadata": "display({'a': 1}, metadata={'m': 2})",
    "markdown result": "from IPython.display import Markdown\nMarkdown('# x')",
    "json": "from IPython.display import JSON\nJSON({'a': [1, None]})",
    "error": "def f():\n    return 1 / 0\nf()",
    "error text": "raise KeyError('né')",
    "error in two cells": "f()",
    "syntax error": "def g(:\n    pass",
    "chained error": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('two') from e",
    "assertion": "assert 1 == 2, 'unequal'",
    "exit": "import sys\nsys.exit(3)",
    "input": "try:\n    input('name?')\nexcept Exception as e:\n    print(repr(e))",
    "await": "import asyncio\nawait asyncio.sleep(0, 'awaited')",
    "awaiting error": "await asyncio.sleep(0)\nraise OSError('late')",
    "inside a loop": "asyncio.get_running_loop().is_running()",
    "task": "task = asyncio.create_task(asyncio.sleep(0, 7))",
    "task done": "task.done()",
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])",
    "shown figure": "plt.bar([1, 2], [3, 4]); plt.show()\nprint('after')",
    "program": "import os\nprint('before')\nos.system('echo by a program; echo err >&2')\nprint('after')",
    "subprocess": "import subprocess\nsubprocess.run(['echo', 'sub'])",
    "shell line": "!echo shell",
    "shell value": "said = !echo said\nsaid",
    "written file": "%%writefile own.py\nvalue = 5",
    "imported file": "import own\nown.value",
    "cell magic": "%%capture caught\nprint('caught')",
    "line magic": "%who_ls function",
    "inline": "%matplotlib inline",
    "warning": "import warnings\nwarnings.warn('careful')",
    "bad repr": "class Bad:\n    def __repr__(self):\n        raise ValueError('no repr')\nBad()",
    "main": "__name__, _, In[1], get_ipython().__class__.__name__",
    "update": "shown = display('one', display_id='d')\nshown.update('two')",
    "cleared": "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('stays')",
    "cleared later": "print('gone')\nclear_output(wait=True)\nprint('stays')",
    "first streams": "sys.__stdout__.write('low\\n'); sys.__stderr__.write('low')",
    "logging": "import logging\nlogging.getLogger('x').warning('logged')",
    "long": "list(range(2000))",
    "table": "import pandas\npandas.DataFrame({'a': [1, 2]})",
    "magic that is none": "%no_such_magic",
    "name": "no_such_name",
    "semicolon": "5;",
}


@pytest.mark.kernel
def test_every_kind_of_cell_gives_what_it_gives_in_a_notebook(
    fork: Fork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # under it ipykernel lets programs print past the notebook
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS.values()])
    client = notebook_client(notebook, tmp_path, seconds=60, allow_errors=True)
    client.coalesce_streams = True
    client.execute()
    kernel = fork()
    ours = {name: kernel.run(source, 30).outputs for name, source in CELLS.items()}
    stock = {name: cell.outputs for name, cell in zip(CELLS, notebook.cells, strict=True)}
    for name in CELLS:
        assert _comparable(ours[name]) == _comparable(stock[name]), name


def _comparable(outputs: list[Any]) -> list[Any]:
    """Leave out what differs from run to run: addresses, file numbers, a picture's bytes, what was printed first."""
    plain: list[Any] = json.loads(json.dumps(outputs))
    for output in plain:
        if "image/png" in output.get("data", {}):
            output["data"]["image/png"] = output["data"]["image/png"][:16]
    printed = {
        name: sorted("".join(one["text"] for one in plain if one.get("name") == name).splitlines())
        for name in ("stdout", "stderr")
    }
    plain = [printed, *(one for one in plain if one["output_type"] != "stream")]
    for pattern, stands_for in ((r"0x[0-9a-f]+", "0x"), (r"[^ ]*ipykernel_\d+/\d+\.py|\d+\.py", "N.py")):
        plain = _replaced(plain, pattern, stands_for)
    return plain


def _replaced(value: Any, pattern: str, by: str) -> Any:
    if isinstance(value, str):
        return re.sub(pattern, by, value)
    if isinstance(value, list):
        return [_replaced(inner, pattern, by) for inner in value]
    if isinstance(value, dict):
        return {name: _replaced(inner, pattern, by) for name, inner in value.items()}
    return value


def test_a_cell_says_whether_it_went_well(kernel: Kernel) -> None:
    statuses = [kernel.run(source, 10).status for source in ("1", "1 / 0", "def (", "await 5", "raise SystemExit")]
    assert statuses == ["ok", "error", "error", "error", "error"]


def test_a_cell_that_runs_too_long_is_interrupted_and_the_next_one_runs(kernel: Kernel, run: Run) -> None:
    for source in ("while True: pass", "import time; time.sleep(60)", "import asyncio; await asyncio.sleep(60)"):
        assert kernel.run(source, 0.3).status == "too slow"
    assert run(kernel, "1 + 1") == "2"


def test_what_a_cell_printed_before_it_was_too_slow_is_kept(kernel: Kernel, run: Run) -> None:
    assert run(kernel, "print('kept')\nwhile True: pass", 0.3).startswith("kept\nKeyboardInterrupt")


def test_output_beyond_the_limit_is_dropped_and_said_so(fork: Fork, run: Run) -> None:
    kernel = fork(limits=Limits(output_bytes=1000))
    for source in (
        "for n in range(10**5): print(n)",
        "import os; os.system('yes | head -c 1000000')",
        "print('x' * 10**7)",
        "from IPython.display import HTML, display\nfor n in range(100): display(HTML('y' * 100))",
    ):
        printed = run(kernel, source)
        assert "more than 1,000 bytes" in printed
        assert len(printed) < 3000
    assert run(kernel, "'short'") == "'short'"


def test_endless_printing_ends_with_the_cell(fork: Fork, run: Run) -> None:
    kernel = fork(limits=Limits(output_bytes=1000))
    assert kernel.run("while True: print('x' * 1000)", 0.5).status == "too slow"
    assert "more than 1,000 bytes" in run(kernel, "import os; os.system('yes')", 2)
    assert run(kernel, "'still here'") == "'still here'"


def test_a_kernel_starts_with_the_files_it_was_given(fork: Fork, run: Run) -> None:
    kernel = fork({"app.py": b"x = 3", "data/deep/a.txt": b"deep"})
    assert run(kernel, "import app\napp.x, open('data/deep/a.txt').read()") == "(3, 'deep')"


@pytest.mark.parametrize("text", ["'é' * 3 * 10**5", "'\\x1b' * 10**6", "'😀' * 3 * 10**5", "'\\ud800'"])
def test_characters_that_take_room_are_output_like_others(kernel: Kernel, run: Run, text: str) -> None:
    assert len(run(kernel, f"print({text})")) > 5


ODD = {
    "an error that cannot be printed": "class E(Exception):\n    def __str__(self): raise E\nraise E",
    "an error without a name": "class M(type):\n    __name__ = 5\nclass E(Exception, metaclass=M): pass\nraise E",
    "no number": "from IPython.display import JSON, display\ndisplay(JSON({'a': [float('nan'), float('inf')]}))",
    "text that is none": "display({'text/plain': 5, 'no mime': 1, 'image/png': b'x'}, raw=True)",
    "no streams": "import sys\nout, sys.stdout = sys.stdout, None\nsys.stdout = out",
    "hook that fails": "def fail(*_): raise KeyError\nget_ipython().events.register('post_execute', fail)",
    "transformer that fails": "get_ipython().input_transformers_post.append(fail)",
    "an unknown exit": "raise GeneratorExit",
    "group": "raise ExceptionGroup('two', [ValueError(), OSError()])",
    "many outputs": "import sys\nfor n in range(20000): print('o'); print('e', file=sys.stderr)",
}


def test_odd_cells_do_no_harm(kernel: Kernel) -> None:
    statuses = {name: kernel.run(source, 20).status for name, source in ODD.items()}
    assert set(statuses.values()) <= {"ok", "error"}
    assert kernel.run("1", 5).status in ("ok", "error")


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out", "", "."])
def test_a_file_outside_the_kernels_folder_is_refused(fork: Fork, name: str) -> None:
    with pytest.raises(ValueError, match="no name of a file"):
        fork({name: b""})


def test_libraries_have_one_thread_and_no_fork_draws_what_another_draws(fork: Fork, run: Run) -> None:
    draw = "import os, random, numpy\nnumpy.random.random(), random.random(), os.environ['OMP_NUM_THREADS']"
    drawn = [run(fork(), draw) for _ in range(2)]
    assert drawn[0] != drawn[1]
    assert all(text.endswith("'1')") for text in drawn)


def test_a_cold_template_gives_each_kernel_a_fresh_interpreter(run: Run) -> None:
    seen = "import sys\nprint('matplotlib' in sys.modules, hash('a'))"
    with Template.start(["matplotlib"], cold=True, sandbox=False) as cold:
        printed = []
        for _ in range(2):
            with cold.kernel({}) as kernel:
                printed.append(run(kernel, seen))
    assert all(text.startswith("False") for text in printed)
    assert printed[0] != printed[1]


WATCHED = """
import sys, types

class Watched(types.ModuleType):
    looks = 0

    @property
    def __file__(self):
        Watched.looks += 1
        return "/nowhere/watched.py"

sys.modules["watched"] = Watched("watched")
"""


def test_an_error_does_not_look_at_every_module_there_is(kernel: Kernel, run: Run) -> None:
    kernel.run(WATCHED, 10)
    assert "ZeroDivisionError" in run(kernel, "def f():\n    return 1 / 0\nf()")
    assert run(kernel, "Watched.looks") == "0"
