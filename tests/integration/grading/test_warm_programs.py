"""In a kernel, programs that a learner hands in are forks of a process that no cell has touched."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest

from courseware.checks import Student
from courseware.grading.servant import PROGRAM_SERVANT
from courseware.kernels import Kernel, KernelDied, Template

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux")
Write = Callable[[str], Student]


@pytest.fixture(scope="module")
def template(sandboxed: Callable[..., Template]) -> Iterator[Template]:
    with sandboxed(["numpy", "matplotlib.pyplot"], servant=PROGRAM_SERVANT) as started:
        yield started


@pytest.fixture
def kernel(template: Template) -> Iterator[Kernel]:
    with template.kernel({}) as made:
        yield made


@pytest.fixture
def program(kernel: Kernel) -> Write:
    """Have a cell write a program, and return the student who hands it in."""

    def write(source: str) -> Student:
        assert kernel.run(f"%%writefile program.py\n{source}", 10).status == "ok"
        return Student(kernel)

    return write


def test_program_is_no_child_of_the_notebook(program: Write) -> None:
    assert program("import os; print(os.getppid())").run("program.py").out != "1\n"


def test_program_sees_nothing_of_the_cells(kernel: Kernel, program: Write) -> None:
    kernel.run("import builtins, json, os, random, sys", 10)
    kernel.run("builtins.mark = json.mark = 1; os.environ['LANG'] = 'x'; sys.modules['string'] = None", 10)
    kernel.run("builtins.sum = len; sys.excepthook = sys.exit", 10)
    student = program(
        "import json, os, string\n"
        "print(hasattr(json, 'mark'), os.environ['LANG'], sum([4]), 'mark' in dir(__builtins__))"
    )
    assert student.run("program.py").out == "False x 4 False\n"


def test_program_is_in_no_notebook(program: Write) -> None:
    student = program(
        "import IPython, matplotlib\n"
        "print(IPython.get_ipython(), matplotlib.get_backend(), {'display', '__IPYTHON__'} & set(dir(__builtins__)))"
    )
    assert student.run("program.py").out == "None agg set()\n"


def test_program_starts_in_the_folder_where_the_notebook_is_now(kernel: Kernel, program: Write) -> None:
    student = program("import os; print(os.getcwd())")
    kernel.run("import os; os.mkdir('below'); os.rename('program.py', 'below/program.py'); os.chdir('below')", 10)
    assert student.run("program.py").out.endswith("/below\n")


def test_learner_who_ends_the_process_in_between_gets_a_fresh_python(kernel: Kernel, program: Write) -> None:
    student = program("import os; print(os.getppid())")
    ended = kernel.run("import os, signal; os.kill(int(open('/proc/1/task/1/children').read()), signal.SIGKILL)", 10)
    assert ended.status == "ok"
    assert student.run("program.py").out == "1\n"


def test_notebook_that_ends_is_seen_to_end(kernel: Kernel) -> None:
    with pytest.raises(KernelDied, match="exited with status 7"):
        kernel.run("import os; os._exit(7)", 10)


def test_time_of_programs_counts(kernel: Kernel, program: Write) -> None:
    program("import time\nwhile time.process_time() < 1: pass").run("program.py")
    assert kernel.close().cpu_s > 1
