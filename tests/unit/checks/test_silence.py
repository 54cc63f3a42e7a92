"""Nothing that a block prints gets out, through whatever channel, and all is as before afterwards."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable

import pytest

from courseware.checks import LearnerError, Student
from courseware.checks.silence import silenced

Serve = Callable[[str], Student]
NOISE = "import os; os.write(1, b'out'); os.write(2, b'err')"


def run_alone(source: str) -> str:
    """Run a program of its own and return its output; pytest takes the warnings and streams of this one."""
    program = [sys.executable, "-c", textwrap.dedent(source)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_python_output_is_handed_over(capfd: pytest.CaptureFixture[str]) -> None:
    with silenced() as printed:
        print("said")
        print("wrong", file=sys.stderr)
        sys.stdout.writelines(["a", "b"])
    assert (printed.out, printed.err) == ("said\nab", "wrong\n")
    assert capfd.readouterr() == ("", "")


def test_output_past_python_is_handed_over(capfd: pytest.CaptureFixture[str]) -> None:
    with silenced() as printed:
        os.write(1, b"out")
        os.write(2, b"err\xff")
    assert (printed.out, printed.err) == ("out", "err\ufffd")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("streams", [{}, {"stdout": "stdout", "stderr": "stderr"}])
def test_output_of_a_subprocess_is_handed_over(capfd: pytest.CaptureFixture[str], streams: dict[str, str]) -> None:
    with silenced() as printed:
        given = {name: getattr(sys, stream) for name, stream in streams.items()}
        subprocess.run([sys.executable, "-c", NOISE], check=True, **given)
    assert (printed.out, printed.err) == ("out", "err")
    assert capfd.readouterr() == ("", "")


def test_warnings_are_handed_over() -> None:
    run_alone("""
        import warnings
        from courseware.checks.silence import silenced
        with silenced() as printed:
            warnings.warn("careful")
        assert "UserWarning: careful" in printed.err
        """)


def test_logging_through_a_handler_made_before_is_handed_over(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.Logger("learner")
    logger.addHandler(logging.StreamHandler(sys.stderr))
    with silenced() as printed:
        logger.warning("careful")
    logger.warning("heard")
    assert (printed.err, capsys.readouterr().err) == ("careful\n", "heard\n")


def test_stream_with_a_write_of_its_own_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, said = io.StringIO(), list[str]()
    stream.write = said.append  # type: ignore[assignment,method-assign]
    monkeypatch.setattr(sys, "stdout", stream)
    with silenced() as printed:
        print("inside", file=stream)
    stream.write("outside")
    assert (printed.out, said) == ("inside\n", ["outside"])


def test_streams_and_descriptors_are_put_back(capfd: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr
    with silenced():
        sys.stdout = sys.stderr = io.StringIO()
        os.close(1)
        os.close(2)
    assert (sys.stdout, sys.stderr) == before
    os.write(1, b"out")
    os.write(2, b"err")
    assert capfd.readouterr() == ("out", "err")


def test_closed_streams_lose_nothing() -> None:
    with silenced() as printed:
        print("said")
        sys.stdout.close()
        print("still")
    assert printed.out == "said\nstill\n"


def test_all_is_put_back_after_an_exception(capfd: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout
    with pytest.raises(KeyboardInterrupt), silenced():
        raise KeyboardInterrupt
    os.write(2, b"err")
    assert sys.stdout is before
    assert capfd.readouterr().err == "err"


def test_descriptors_do_not_pile_up() -> None:
    def next_free() -> int:
        free = os.open(os.devnull, os.O_RDONLY)
        os.close(free)
        return free

    before = next_free()
    for _ in range(20):
        with silenced():
            os.write(2, b"err")
    assert next_free() == before


def test_much_output_is_cut() -> None:
    with silenced() as printed:
        for _ in range(100):
            print("x" * 10_000)
        os.write(2, b"y" * 100_000)
    assert (len(printed.out), len(printed.err)) == (10_000, 10_000)


def test_blocks_may_nest() -> None:
    with silenced() as outer:
        print("before")
        with silenced() as inner:
            print("within")
        print("after")
    assert (outer.out, inner.out) == ("before\nafter\n", "within\n")


def test_only_text_can_be_written() -> None:
    with silenced(), pytest.raises(TypeError, match="must be str, not bytes"):
        sys.stdout.write(b"bytes")  # type: ignore[arg-type]


def test_process_without_streams_can_be_silenced() -> None:
    run_alone("""
        import os, sys
        from courseware.checks.silence import silenced
        os.close(1), os.close(2)
        sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = None
        with silenced() as printed:
            print("said")
        raise SystemExit(printed.out != "said\\n")
        """)


def test_text_held_back_goes_where_it_was_meant_to() -> None:
    said = run_alone("""
        import sys
        from courseware.checks.silence import silenced
        print("before", end=" ")
        with silenced():
            sys.__stdout__.write("within ")
        print("after", end="")
        """)
    assert said == "before after"


def test_figures_that_the_block_opens_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    mine = pyplot.figure()
    with silenced():
        pyplot.figure()
    assert pyplot.get_fignums() == [mine.number]
    pyplot.close(mine)


@pytest.mark.parametrize(
    "body",
    [
        "print('p')",
        NOISE,
        "import logging; logging.warning('l')",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import os; os.write(2, bytes(5))'])",
        "import traceback; traceback.print_stack()",
    ],
)
def test_call_prints_nothing(serve: Serve, capfd: pytest.CaptureFixture[str], body: str) -> None:
    serve(f"def f():\n    {body}").call("f")
    assert capfd.readouterr() == ("", "")


def test_object_that_prints_as_it_goes_is_silent(serve: Serve, capfd: pytest.CaptureFixture[str]) -> None:
    student = serve("class X:\n    def __del__(self): print('gone')\ndef f():\n    return X(), 1 / 0")
    with pytest.raises(LearnerError, match="ZeroDivisionError"):
        student.call("f")
    assert capfd.readouterr() == ("", "")
