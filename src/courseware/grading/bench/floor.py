"""The least that a batch can cost: `python -m courseware.grading.bench.floor LAB`.

A process imports what the lab imports and loads its model. For each submission it forks; the fork runs the cells by
`exec` and asks the checks, whose calls are plain calls. No IPython, no sandbox, no codec, no outputs, no gradebook.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from courseware.checks import Check, LearnerError, Student, World, load_checks
from courseware.grading.bench.classroom import Classroom, bench_week
from courseware.grading.config import ClassFolders
from courseware.grading.lab import LabCell
from courseware.grading.rebuild import rebuild
from courseware.grading.submissions import read_submission
from courseware.manifest import course_root
from courseware.models import path


@dataclass(frozen=True)
class _Held:
    """Something of the learner's that a check has a handle on."""

    value: Any

    def method(self, name: str) -> Any:
        return getattr(self.value, name)


class _PlainCalls(Student):
    """Calls straight into a namespace."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace

    def call(self, function: Any, *args: Any, seconds: float = 0, **kwargs: Any) -> Any:  # noqa: ARG002
        try:
            return (function if callable(function) else self._namespace[function])(*args, **kwargs)
        except Exception as error:
            raise LearnerError((type(error).__name__,), str(error), ()) from error

    def get(self, name: str) -> Any:
        if name not in self._namespace:
            raise LearnerError(("NameError",), f"name {name!r} is not defined", ())
        value = self._namespace[name]
        return value if type(value).__module__ in ("builtins", "numpy") else _Held(value)


def main() -> None:
    """Run the batch and print scores, and what the preload and the forks cost, as JSON."""
    os.environ |= {"MPLBACKEND": "agg", "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    root = course_root()
    room = Classroom(root, bench_week(sys.argv[1]), ())
    lab, graders = room.lab, root / "graders" / room.week.id
    checks = load_checks(graders / "visible.py") | load_checks(graders / "hidden.py")
    _preload(lab.imports)
    before, begun = os.times(), time.monotonic()
    scores = {}
    for folder in sorted(ClassFolders.of(root).submitted.glob(f"*/{lab.id}")):
        submission = read_submission(folder, folder.parent.name, ())
        scores[submission.student] = _forked(rebuild(lab.cells, submission.cells).cells, checks)
    after = os.times()
    forks_cpu_s = sum(after[:4]) - sum(before[:4])
    print(json.dumps({"scores": scores, "forks_cpu_s": forks_cpu_s, "forks_wall_s": time.monotonic() - begun}))


def _preload(imports: tuple[str, ...]) -> None:
    for name in imports:
        importlib.import_module(name)
    transformers: Any = sys.modules.get("sentence_transformers")
    if transformers is not None:
        model = transformers.SentenceTransformer(str(path("all-minilm-l6-v2")), device="cpu")
        transformers.SentenceTransformer = lambda *_, **__: model
    gc.collect()
    gc.disable()
    gc.freeze()


def _forked(cells: tuple[LabCell, ...], checks: Mapping[str, Check]) -> dict[str, float]:
    """Run one submission in a fork and return its points."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            sys.stdout = sys.stderr = nowhere
            points = json.dumps(_scores(cells, checks)).encode()
        os.write(writing, points)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        points = pipe.read()
    os.waitpid(pid, 0)
    found: dict[str, float] = json.loads(points)
    return found


def _scores(cells: tuple[LabCell, ...], checks: Mapping[str, Check]) -> dict[str, float]:
    gc.enable()
    namespace: dict[str, Any] = {"__name__": "__main__"}
    student, found = _PlainCalls(namespace), {}
    for cell in cells:
        if cell.role == "check":
            found[cell.id] = checks[cell.id].run(student, World(check=cell.id)).score
        elif cell.kind == "code":
            try:
                exec(compile(cell.text, cell.id, "exec"), namespace)  # noqa: S102 - answers of the bench's own
            except Exception:  # noqa: S112 - as in a notebook, the next cell is run all the same
                continue
    return found


if __name__ == "__main__":
    main()
