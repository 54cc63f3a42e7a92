"""Turns a fork into a program as `python FILE ARGUMENTS` starts one, only that its libraries are imported already.

What stays of the fork's parent: imported modules with their own state, and the seed of hashes.
"""

from __future__ import annotations

import atexit
import builtins
import gc
import importlib
import io
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, NoReturn

from courseware.kernels.reset import reset_chance, reset_progress_bars, reset_signals

_BROKEN = 70  # what no program here means to say
_NOT_FLUSHED = 120  # Python's own
# Modules whose import has Python do something at its end; a fresh one would have imported them, too.
_AT_END = (("logging", "shutdown"), ("multiprocessing.util", "_exit_function"))


@dataclass(frozen=True)
class Program:
    """A program to become: its file below `folder`, and its whole environment."""

    file: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: str


def become_program(program: Program, streams: Sequence[int]) -> NoReturn:
    """Be that program, with three open files as its standard streams, from here to the process's end."""
    status = _BROKEN
    try:
        os.chdir(program.folder)
        _take_streams(streams)
        _forget_parent()
        _take_place(program)
        status = _ended(_status_of(str(Path(program.file).absolute())))
        if status == -signal.SIGINT:  # as Python ends on Ctrl-C, so that who started it knows
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        os._exit(status)


def _take_streams(streams: Sequence[int]) -> None:
    """Have these files as descriptors 0 to 2, no others, and Python's streams upon them."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, 1 << 20)
    _set_stream("stdin", 0, "rb")
    _set_stream("stdout", 1, "wb")
    _set_stream("stderr", 2, "wb", errors="backslashreplace", line_buffering=True)


def _set_stream(name: str, number: int, mode: str, **more: Any) -> None:
    buffer: Any = open(number, mode, closefd=False)  # noqa: SIM115 - as long as the process
    buffer.raw.name = f"<{name}>"
    stream: Any = io.TextIOWrapper(buffer, "utf-8", **more)
    stream.mode = mode[0]
    setattr(sys, name, stream)
    setattr(sys, f"__{name}__", stream)


def _forget_parent() -> None:
    """Leave nothing of the parent's that a program could see or that would run in it."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.set_wakeup_fd(-1)
    reset_signals()
    reset_chance()
    reset_progress_bars()
    atexit._clear()
    for module, function in _AT_END:
        if module in sys.modules:
            atexit.register(getattr(sys.modules[module], function))
    sys.excepthook, sys.displayhook = sys.__excepthook__, sys.__displayhook__
    threading.excepthook, sys.unraisablehook = threading.__excepthook__, sys.__unraisablehook__
    _leave_notebook()
    gc.enable()
    gc.freeze()


def _leave_notebook() -> None:
    """Undo what tells libraries that they are in one, and has figures drawn for it."""
    shell: Any = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        type(shell).clear_instance()
        for name in ("__IPYTHON__", "display", "get_ipython"):
            vars(builtins).pop(name, None)
    matplotlib: Any = sys.modules.get("matplotlib")
    if matplotlib is not None:
        dict.__setitem__(matplotlib.rcParams, "backend", matplotlib.rcsetup._auto_backend_sentinel)


def _take_place(program: Program) -> None:
    os.environ.clear()
    os.environ.update(program.environment)
    tempfile.tempdir = None
    sys.argv = [program.file, *program.arguments]
    sys.orig_argv = [sys.executable, *sys.argv]
    sys.path[:] = [program.folder, *(entry for entry in sys.path if entry not in ("", program.folder))]
    importlib.invalidate_caches()
    beside = {entry.stem for entry in Path(program.folder).iterdir()} - sys.stdlib_module_names
    for name in [name for name in sys.modules if name.partition(".")[0] in beside]:
        del sys.modules[name]  # what lies beside the program comes before what is installed


def _status_of(path: str) -> int:
    """Run the file as `__main__`; return its exit status, minus SIGINT's number where that ended it."""
    try:
        _run(path)
    except SystemExit as leaving:
        if leaving.code is None or isinstance(leaving.code, int):
            return (leaving.code or 0) & 0xFF
        print(leaving.code, file=sys.stderr)
        return 1
    except BaseException as error:
        error.__traceback__ = _beyond_this_file(error.__traceback__)
        sys.excepthook(type(error), error, error.__traceback__)
        return -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _run(path: str) -> None:
    main = ModuleType("__main__")
    main.__dict__.update(__file__=path, __loader__=SourceFileLoader("__main__", path), __cached__=None)
    main.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = main
    code = compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
    exec(code, main.__dict__)  # noqa: S102 - it is what was asked for


def _beyond_this_file(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace


def _ended(status: int) -> int:
    """End as Python does: wait for threads, call what was registered, write out what is buffered."""
    threads: Any = threading
    threads._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if not stream.closed:
                stream.flush()
        except (OSError, ValueError) as error:
            status = _NOT_FLUSHED
            with suppress(OSError, ValueError):
                print(f"Exception ignored in: {stream!r}\n{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    return status
