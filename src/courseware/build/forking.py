"""The process that runs a lab again and again: what all runs share once, the rest in a fork each."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import json
import math
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from courseware.build.source import Cell
from courseware.checks import Check, LocalChannel, Student, World
from courseware.checks.programs import programs_started_by, start_process
from courseware.kernels import course_variables
from courseware.kernels.program_forks import ProgramForks

FULL_SECONDS = 300.0
_CHECKS = ("check", "hidden")
# Cells without a role only show the learner something; a check may not depend on them.
_NEEDED = ("locked", "answer")


@dataclass(frozen=True)
class Job:
    """One run: answers to replace by grade id, the seed of hidden draws, and when to stop early.

    Checks that stand above the first replaced answer are left out; where nothing is replaced, all are run.
    `forks`: the lab's programs run as forks of this process instead of in a fresh Python each.
    """

    replaced: Mapping[str, str]
    seed: str = "practice"
    first_loss: bool = False
    seconds: float = FULL_SECONDS
    forks: bool = True


@dataclass(frozen=True)
class Outcome:
    """Points earned by check id; `stopped` says why a run ended early, or is empty."""

    earned: dict[str, float]
    stopped: str


@dataclass
class _Running:
    number: int
    process: BaseProcess
    pipe: Connection
    deadline: float
    folder: Path | None
    earned: dict[str, float] = field(default_factory=dict)

    def end(self) -> None:
        """Leave nothing behind."""
        self.process.kill()
        self.process.join()
        if self.folder is not None:
            shutil.rmtree(self.folder)


def serve_jobs(
    pipe: Connection,
    root: Path,
    folder: Path,
    cells: Sequence[Cell],
    checks: Mapping[str, Check],
    jobs: Sequence[Job],
    workers: int,
    warm: bool,
) -> None:
    """Run in the template process: send `{"job", "earned", "stopped"}` for each job as it ends."""
    _enter(root, folder)
    runner = _Runner(cells, checks)
    runner.prepare(warm=warm)
    waiting, running = deque(enumerate(jobs)), list[_Running]()
    while waiting or running:
        while waiting and len(running) < workers:
            running.append(runner.start(*waiting.popleft()))
        nearest = max(0.0, min(one.deadline for one in running) - time.monotonic())
        wait([one.pipe for one in running], nearest)
        for one in list(running):
            stopped = _news(one)
            if stopped is not None:
                running.remove(one)
                one.end()
                pipe.send_bytes(json.dumps({"job": one.number, "earned": one.earned, "stopped": stopped}).encode())


def _enter(root: Path, folder: Path) -> None:
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    os.environ |= course_variables(root)


def _news(one: _Running) -> str | None:
    """Read what a run sent; return why it ended ("" when all is done), or None while it runs."""
    try:
        while one.pipe.poll():
            message = json.loads(one.pipe.recv_bytes())
            if "stopped" in message:
                return str(message["stopped"])
            one.earned |= message
    except EOFError:
        return "the run died"
    return "the run passed its time limit" if time.monotonic() > one.deadline else None


class _Runner:
    """Holds the namespace after the cells that all runs share."""

    def __init__(self, cells: Sequence[Cell], checks: Mapping[str, Check]) -> None:
        self._checks = checks
        first = next((place for place, cell in enumerate(cells) if cell.role == "answer"), len(cells))
        self._shared, self._own = cells[:first], cells[first:]
        self._namespace: dict[str, Any] = {"__name__": "__main__"}

    def prepare(self, *, warm: bool) -> None:
        """Run the shared cells; with `warm` also the rest once, in a namespace that is thrown away."""
        with _quiet():
            for cell in self._shared:
                if cell.role in _NEEDED:
                    _execute(cell.text, self._namespace)
            if warm:
                with contextlib.suppress(Exception), _inside(self._own_folder()), self._programs(forks=True):
                    self._run(Job({}), dict(self._namespace), lambda _: None)

    def start(self, number: int, job: Job) -> _Running:
        """Fork a child for `job`."""
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe(duplex=False)
        folder = self._own_folder()
        process = context.Process(target=self._child, args=(theirs, job, folder))
        process.start()
        theirs.close()
        return _Running(number, process, ours, time.monotonic() + job.seconds, folder)

    @contextlib.contextmanager
    def _programs(self, *, forks: bool) -> Iterator[None]:
        """Have the lab's programs start as forks of this process as it is now, before any cell of the run."""
        if not (forks and self._writes_programs):
            with programs_started_by(start_process):
                yield
            return
        with contextlib.closing(ProgramForks()) as started, programs_started_by(started.start):
            yield

    @property
    def _writes_programs(self) -> bool:
        return any(cell.file for cell in self._own)

    def _own_folder(self) -> Path | None:
        """A copy of the lab's folder for a run that writes programs into it, so that runs do not meet."""
        if not self._writes_programs:
            return None
        folder = Path(tempfile.mkdtemp(prefix="lab-"))
        return Path(shutil.copytree(Path.cwd(), folder, dirs_exist_ok=True))

    def _child(self, pipe: Connection, job: Job, folder: Path | None) -> None:
        os.chdir(folder or Path.cwd())
        # Should the template be killed, nothing else ends an answer that loops for ever.
        cpu_seconds = math.ceil(job.seconds) * (os.cpu_count() or 1) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
        stopped = ""
        with _quiet(), self._programs(forks=job.forks):
            try:
                self._run(job, self._namespace, lambda message: pipe.send_bytes(json.dumps(message).encode()))
            except Exception as error:  # a check that is itself wrong; the author needs to know which
                stopped = f"{type(error).__name__}: {error}"
        pipe.send_bytes(json.dumps({"stopped": stopped}).encode())
        os._exit(0)

    def _run(self, job: Job, namespace: dict[str, Any], send: Callable[[dict[str, float]], None]) -> None:
        changed = not job.replaced
        for cell in self._own:
            changed = changed or cell.id in job.replaced
            if cell.role in _CHECKS:
                if not changed:
                    continue  # it would find what it finds in the reference
                check = self._checks[cell.id]
                result = check.run(Student(LocalChannel(namespace)), World(job.seed, 1, check.id))
                send({check.id: result.score})
                if job.first_loss and not result.passed:
                    return
            elif cell.file:
                Path(cell.file).write_text(job.replaced.get(cell.id, cell.text), encoding="utf-8")
            elif cell.role in _NEEDED:
                _execute(job.replaced.get(cell.id, cell.text), namespace)


@contextlib.contextmanager
def _inside(folder: Path | None) -> Iterator[None]:
    """Run a block in a folder that is then removed; None stands for the present one."""
    if folder is None:
        yield
        return
    with contextlib.chdir(folder):
        yield
    shutil.rmtree(folder)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _execute(source: str, namespace: dict[str, Any]) -> None:
    """Run one cell; as in grading, an exception ends the cell and not the notebook."""
    with contextlib.suppress(Exception, SystemExit):
        # Without `dont_inherit` this file's own future imports would hold in every cell.
        code = compile(source, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        waiting = eval(code, namespace)  # noqa: S307 - the lab's own code
        if code.co_flags & inspect.CO_COROUTINE:
            asyncio.run(waiting)
