"""A program the learner hands in runs as a process of its own, sees nothing it should not, and always ends."""

from __future__ import annotations

import contextlib
import os
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from courseware.checks import LearnerError, LocalChannel, Student
from courseware.checks.programs import MOST_PRINTED, programs_started_by, start_process
from courseware.checks.student import ProgramRun

Write = Callable[..., Student]

WAYS = ["fresh"] if sys.platform == "win32" else ["fresh", "fork"]


@contextlib.contextmanager
def started(way: str) -> Iterator[None]:
    """Have programs started in a fresh Python, or as forks of a process like this one."""
    if way == "fresh":
        with programs_started_by(start_process):
            yield
        return
    from courseware.kernels.program_forks import ProgramForks

    with contextlib.closing(ProgramForks()) as forks, programs_started_by(forks.start):
        yield


@pytest.fixture(params=WAYS)
def program(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write a program into the current folder and return the `Student` whose program it is."""
    monkeypatch.chdir(tmp_path)

    def write(source: str, name: str = "program.py") -> Student:
        (tmp_path / name).write_text(textwrap.dedent(source), encoding="utf-8")
        return Student(LocalChannel({}))

    with started(request.param):
        yield write


def failure(student: Student, *arguments: str, **settings: object) -> LearnerError:
    """The exception that running a program ends in."""
    with pytest.raises(LearnerError) as caught:
        student.run(*arguments, **settings)  # type: ignore[arg-type]
    return caught.value


def alive(pid: int) -> bool:
    """Whether there is such a process, a dead one that nobody asked about left out."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def test_status_and_both_streams_come_back_apart(program: Write) -> None:
    student = program("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert student.run("program.py") == ProgramRun(3, "out\n", "err\n")


def test_arguments_and_standard_input_reach_it_as_utf_8(program: Write) -> None:
    student = program("import sys; print(sys.argv[1:], [line.strip() for line in sys.stdin])")
    assert student.run("program.py", "--unit", "grün", stdin="naïve 🙂\nเซ็ก\n").out == (
        "['--unit', 'grün'] ['naïve 🙂', 'เซ็ก']\n"
    )


def test_input_ends_where_none_is_given(program: Write) -> None:
    student = program("print(repr(__import__('sys').stdin.read()))")
    assert student.run("program.py").out == "''\n"


def test_it_is_the_main_module_of_its_own_file(program: Write) -> None:
    student = program("if __name__ == '__main__': print(__file__.rsplit('/')[-1])")
    assert student.run("program.py").out == "program.py\n"


def test_it_imports_what_lies_beside_it(program: Write) -> None:
    program("WORD = 'beside'", name="neighbour.py")
    assert program("import neighbour; print(neighbour.WORD)").run("program.py").out == "beside\n"


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("pass", 0),
        ("raise SystemExit", 0),
        ("raise SystemExit(2)", 2),
        ("raise SystemExit('no such model')", 1),
        ("raise KeyError('model')", 1),
        ("import os; os._exit(7)", 7),
        ("def", 1),
    ],
)
def test_exit_status_is_that_of_the_process(program: Write, source: str, status: int) -> None:
    assert program(source).run("program.py").status == status


def test_exception_is_told_on_standard_error(program: Write) -> None:
    ran = program("print('before'); 1 / 0").run("program.py")
    assert ran.out == "before\n"
    assert ran.err.rstrip().endswith("ZeroDivisionError: division by zero")


def test_words_of_an_exit_go_to_standard_error(program: Write) -> None:
    assert program("raise SystemExit('no such model')").run("program.py").err == "no such model\n"


def test_what_it_prints_at_its_exit_is_there(program: Write) -> None:
    assert program("import atexit; atexit.register(print, 'bye')").run("program.py").out == "bye\n"


def test_nothing_of_it_reaches_the_notebook(program: Write, capfd: pytest.CaptureFixture[str]) -> None:
    program("import os; print('secret', flush=True); os.write(2, b'secret')").run("program.py")
    assert capfd.readouterr() == ("", "")


def test_notebook_keeps_its_own_arguments_and_environment(program: Write) -> None:
    before = (list(sys.argv), dict(os.environ), Path.cwd())
    program("import os, sys; os.environ['X'] = '1'; sys.argv[:] = []; os.chdir('/')").run("program.py")
    assert (list(sys.argv), dict(os.environ), Path.cwd()) == before


def test_environment_of_the_notebook_stays_out_keys_included(program: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "COURSE_CLASS_SEED", "COURSE_GRADERS", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "of the notebook")
    student = program("import os; print('of the notebook' in os.environ.values(), os.environ['OPENAI_API_KEY'])")
    assert student.run("program.py", env={"OPENAI_API_KEY": "of the check"}).out == "False of the check\n"


def test_key_that_nobody_gives_is_not_there(program: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of the notebook")
    student = program("import os; print(os.environ.get('OPENAI_API_KEY'))")
    assert student.run("program.py").out == "None\n"


def test_loopback_is_reached_without_a_proxy(program: Write) -> None:
    student = program("import os; print(os.environ['NO_PROXY'])")
    assert "127.0.0.1" in student.run("program.py").out


def test_missing_file_is_the_learners_error(program: Write) -> None:
    error = failure(program("pass"), "chatbot.py")
    assert error.kind == "FileNotFoundError"
    assert "run the cell that writes it" in error.message


@pytest.mark.parametrize("file", ["../program.py", "folder/program.py", "folder", "", "/etc/hostname"])
def test_path_that_leads_elsewhere_is_refused(program: Write, tmp_path: Path, file: str) -> None:
    student = program("print('ran')")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "program.py").write_text("print('ran')")
    (tmp_path.parent / "program.py").write_text("print('ran')")
    assert failure(student, file).kind == "FileNotFoundError"


def test_time_limit_ends_it_for_good(program: Write, tmp_path: Path) -> None:
    student = program(
        """
        import os, pathlib, time
        pathlib.Path("pid").write_text(str(os.getpid()))
        while True:
            time.sleep(0.01)
        """
    )
    began = time.monotonic()
    assert failure(student, "program.py", seconds=2.0).kind == "CallTooSlow"
    assert time.monotonic() - began < 20
    assert not alive(int((tmp_path / "pid").read_text()))


def test_time_limit_ends_one_that_ignores_signals(program: Write, tmp_path: Path) -> None:
    student = program(
        """
        import os, pathlib, signal
        pathlib.Path("pid").write_text(str(os.getpid()))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        while True:
            pass
        """
    )
    assert failure(student, "program.py", seconds=2.0).kind == "CallTooSlow"
    assert not alive(int((tmp_path / "pid").read_text()))


def test_endless_output_is_cut(program: Write) -> None:
    ran = program(f"print('🙂' * {2 * MOST_PRINTED}); raise SystemExit(4)").run("program.py")
    assert ran.status == 4
    assert ran.out == "🙂" * MOST_PRINTED


def test_output_that_is_no_text_is_shown_as_far_as_it_goes(program: Write) -> None:
    assert program(r"import os; os.write(1, b'caf\xc3 \xff!')").run("program.py").out == "caf\ufffd \ufffd!"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_grandchild_that_holds_the_output_open_is_not_waited_for(program: Write, tmp_path: Path) -> None:
    student = program(
        """
        import pathlib, subprocess
        child = subprocess.Popen(["sleep", "60"])
        pathlib.Path("pid").write_text(str(child.pid))
        print("done")
        """
    )
    began = time.monotonic()
    ran = student.run("program.py", seconds=30.0)
    grandchild = int((tmp_path / "pid").read_text())
    try:
        assert (ran.status, ran.out) == (0, "done\n")
        assert time.monotonic() - began < 30
        assert alive(grandchild)
    finally:
        os.kill(grandchild, 9)


def test_program_that_kills_itself_has_a_negative_status(program: Write) -> None:
    if sys.platform == "win32":
        pytest.skip("signals end no process there")
    assert program("import os, signal; os.kill(os.getpid(), signal.SIGKILL)").run("program.py").status == -9


def test_runs_follow_one_another(program: Write) -> None:
    student = program("import sys; print(sys.argv[1])")
    assert [student.run("program.py", str(number)).out for number in range(3)] == ["0\n", "1\n", "2\n"]


# What a program can see of how it was started; each prints the same in a fresh Python and in a fork.
SEEN = {
    "arguments": "import sys; print(sys.argv, sys.orig_argv, sys.path[0], '' in sys.path)",
    "main": """
        import sys
        print(__name__, __file__, __doc__, __package__, __spec__, __cached__, type(__loader__).__name__)
        print(sys.modules['__main__'].__dict__ is globals())""",
    "folder": "import os; print(os.getcwd(), os.path.exists('folder.py'), oct(os.umask(0)))",
    "streams": """
        import sys
        for s in (sys.stdin, sys.stdout, sys.stderr):
            print(s.name, s.encoding, s.errors, s.line_buffering, s.isatty(), s.fileno())
        print(sys.stdout is sys.__stdout__)""",
    "descriptors": "import os; print(os.listdir('/proc/self/fd'))",
    "signals": "import signal; print([signal.getsignal(n) for n in (2, 13, 14, 15, 25)], signal.getitimer(0))",
    "hooks": "import sys; print(sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__)",
    "notebook": "import IPython; print(IPython.get_ipython(), 'get_ipython' in dir(__builtins__))",
    "loop": "import asyncio\nasync def main(): return 5\nprint(asyncio.run(main()))",
    "thread": """
        import threading, time
        def late(): time.sleep(0.1); print('late', __name__)
        threading.Thread(target=late).start()
        print('main')""",
    "daemon": "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
    "exits": "import atexit\nfor n in range(3): atexit.register(print, n)\nraise SystemExit(5)",
    "log": """
        import logging.handlers, sys
        handler = logging.handlers.MemoryHandler(99, target=logging.StreamHandler(sys.stdout))
        logging.getLogger().addHandler(handler)
        logging.warning('kept')""",
    "children": """
        import multiprocessing, time
        def late(): time.sleep(0.1); print('late')
        multiprocessing.get_context('fork').Process(target=late).start()""",
    "error": "def f():\n    raise ValueError('no') from KeyError('x')\nf()",
    "thread-error": "import threading\nthreading.Thread(target=lambda: 1 / 0, name='one').start()",
    "own-hook": "import sys\nsys.excepthook = lambda kind, _, trace: print(kind.__name__, trace.tb_lineno)\n1 / 0",
    "syntax": "print('never')\ndef",
    "latin": "# -*- coding: latin-1 -*-\nprint(len('é'))",
    "interrupt": "raise KeyboardInterrupt",
    "exit-true": "raise SystemExit(True)",
    "exit-below-zero": "raise SystemExit(-1)",
    "exit-float": "raise SystemExit(1.5)",
    "abort": "import os; os.abort()",
    "group": "raise ExceptionGroup('two', [ValueError(1), TypeError(2)])",
    "replaced": "import os; os.execv('/bin/echo', ['echo', 'replaced'])",
    "closed": "import sys; sys.stdout.close()",
    "unflushed": "import os, sys; print('x'); os.close(1)",
    "buffer": "import sys; sys.stdout.buffer.write(b'bytes'); sys.stderr.write('half a line')",
    "temporary": "import tempfile; print(tempfile.gettempdir())",
    "backend": "import matplotlib; print(matplotlib.get_backend())",
    "beside": "import bleach; print(bleach.__file__)",
}


@pytest.mark.skipif(sys.platform != "linux", reason="labs are graded on Linux")
def test_a_fork_looks_like_a_fresh_python_to_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process like a kernel: it has a shell, a backend for figures, and has imported what programs import."""
    for module in ("IPython", "asyncio", "matplotlib", "multiprocessing.util", "bleach", "logging.handlers"):
        __import__(module)
    monkeypatch.chdir(tmp_path)
    for name, source in SEEN.items():
        (tmp_path / f"{name}.py").write_bytes(textwrap.dedent(source).encode("latin-1"))
    (tmp_path / "bleach.py").write_text("", encoding="utf-8")
    found = {}
    for way in ("fresh", "fork"):
        with started(way):
            student = Student(LocalChannel({}))
            found[way] = {name: student.run(f"{name}.py", "--flag", "a b", stdin="x", env={"A": "1"}) for name in SEEN}
    assert found["fork"] == found["fresh"]


@pytest.mark.skipif(sys.platform == "win32", reason="it has no forks")
def test_forks_draw_numbers_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "draw.py").write_text("import random, numpy; print(random.random(), numpy.random.rand())")
    with started("fork"):
        student = Student(LocalChannel({}))
        assert len({number for _ in range(3) for number in student.run("draw.py").out.split()}) == 6


def opened(pid: int) -> set[str]:
    """What a process has open."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            found.add(str(link.readlink()))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_process_in_between_holds_nothing_open_and_ends_with_its_owner(tmp_path: Path) -> None:
    reads, writes = os.pipe()
    with (tmp_path / "held").open("w") as held:
        owner = os.fork()
        if owner == 0:
            from courseware.kernels.program_forks import ProgramForks

            forks = ProgramForks()
            os.write(writes, str(forks._pid).encode())
            time.sleep(60)
        between = int(os.read(reads, 20))
        while str(held.name) in opened(between):  # it closes all of them as it begins
            time.sleep(0.01)
        assert len(opened(between)) == 2  # a socket, and nothing thrice
    os.kill(owner, 9)
    os.waitpid(owner, 0)
    os.close(writes)
    while alive(between):
        time.sleep(0.01)
    os.close(reads)
