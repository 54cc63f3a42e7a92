"""What a worker does with a task, on this machine or on a cluster's: JSON in, JSON out, nothing kept that counts.

Between tasks a worker keeps what is dear and can be made again: the template of the lab, its checks' modules.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from courseware.checks import Check, load_checks, provide_gateway
from courseware.gateway import ensure
from courseware.grading.examiner import examine
from courseware.grading.results import CheckResult, Task
from courseware.grading.runs import Runs
from courseware.grading.servant import PROGRAM_SERVANT
from courseware.kernels import MOST_FORKS, SERVANT, Kernel, Limits, Prepare, Template, course_variables
from courseware.manifest import course_root
from courseware.models import tiktoken_cache_dir
from courseware.models.store import default_root

_TRIES = 3
# What a fresh Python may take longer than a warm one, within the cell that imports: on a busy machine torch and its
# like have taken more than a cell's own limit, which says nothing about the learner's code.
_IMPORTING_S = 90
_WARM = "warm.py"  # among the graders' files: what the lab's template prepares before any fork
# What holds answers, other people's work, or what is held out; in Git's folder all of it once more.
_HIDDEN = ("graders", "solutions", "build", "data", "tests", ".git")
Tell = Callable[[Mapping[str, Any]], None]


class Worker:
    """Examines tasks one after the other.

    Between tasks a template that is worn out is replaced: it was killed, packages changed, or it made `most_forks`
    kernels. In the middle of one it never is. `folder` is where the checks' files are kept; its owner removes it where
    this process is killed.
    """

    def __init__(self, folder: Path | None = None, *, most_forks: int = MOST_FORKS) -> None:
        self._most_forks = most_forks
        self._template: tuple[str, Template] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="graders-", dir=folder)

    @property
    def template(self) -> Template | None:
        """The one that the last task's kernels came from."""
        return None if self._template is None else self._template[1]

    def work(self, payload: bytes, tell: Tell = lambda _: None) -> bytes:
        """Examine a task; return `{"examined": …}` or `{"failed": why}`, which is never the learner's fault.

        `tell` gets every attempt's start and every check's result as it is known.
        """
        task = Task(**json.loads(payload))
        for attempt in range(1, _TRIES + 1):
            tell({"student": task.student, "begun": attempt})
            try:
                return json.dumps({"examined": self._examined(task, tell, last_try=attempt == _TRIES)}).encode()
            except Exception as error:
                why = f"{type(error).__name__}: {error}"
                self._drop()
        return json.dumps({"failed": why, "student": task.student}).encode()

    def close(self) -> None:
        """End the template and remove the checks' files."""
        self._drop()
        self._folder.cleanup()

    def _examined(self, task: Task, tell: Tell, *, last_try: bool) -> dict[str, Any]:
        if task.tokenizers:  # for the checks, which run here
            os.environ["TIKTOKEN_CACHE_DIR"] = str(tiktoken_cache_dir(*task.tokenizers))
        template, checks = self._template_for(task), self._checks(task)
        files = {name: base64.b64decode(content) for name, content in task.files.items()}
        limits = Limits(memory_bytes=int(task.limits["memory_mb"] * 2**20))

        def told(result: CheckResult) -> None:
            tell({"student": task.student, "check": asdict(result)})

        with _way_to_gateway(task) as (port, variables):

            def start(left_s: float) -> Kernel:
                return template.kernel(files, replace(limits, wall_s=left_s), environment=variables, port=port)

            importing_s = _IMPORTING_S if task.cold else 0
            seconds = [task.limits[f"{of}_seconds"] + importing_s for of in ("cell", "submission")]
            runs = Runs(start, *seconds, last_try=last_try)
            try:
                return examine(task, checks, runs, told).to_json()
            finally:
                runs.close()

    def _checks(self, task: Task) -> dict[str, Check]:
        """The task's checks, from files of their own: modules beside them are read by their path."""
        folder = self._written({name: text.encode() for name, text in task.graders.items()})
        return load_checks(folder / "visible.py") | load_checks(folder / "hidden.py")

    def _preparation(self, task: Task) -> Prepare | None:
        """What the lab's template prepares. The template sees `warm.py` and the learners' files, not the checks."""
        if _WARM not in task.graders:
            return None
        file = self._written({_WARM: task.graders[_WARM].encode()}) / _WARM
        released = self._written({name: base64.b64decode(task.files[name]) for name in task.released})
        return Prepare(file, released, task.memo)

    def _written(self, files: Mapping[str, bytes]) -> Path:
        """Return a folder with these files, by name, and no others."""
        folder = Path(self._folder.name) / _digest(files)
        if not folder.is_dir():
            folder.mkdir()
            for name, content in files.items():
                (folder / name).write_bytes(content)
        return folder

    def _template_for(self, task: Task) -> Template:
        settings = task.cold, task.lesser, task.imports, task.programs, task.memo, task.graders.get(_WARM)
        key = f"{task.lab} {task.version} {settings}"
        if self._template is None or self._template[0] != key or self._template[1].worn_out:
            self._drop()
            root, store = course_root(), default_root()
            template = Template.start(
                task.imports,
                readable=[root / "course.toml", root / "src", store],
                hidden=[root / name for name in _HIDDEN],
                prepare=self._preparation(task),
                cold=task.cold,
                lesser=task.lesser,
                servant=PROGRAM_SERVANT if task.programs and not task.cold else SERVANT,
                environment={**course_variables(root), "COURSE_MODELS": str(store)},
                most_forks=self._most_forks,
            )
            self._template = (key, template)
        return self._template[1]

    def _drop(self) -> None:
        if self._template is not None:
            self._template[1].close()
            self._template = None


@contextmanager
def _way_to_gateway(task: Task) -> Iterator[tuple[int | None, dict[str, str]]]:
    """The one port that the submission may reach, and what its notebook is told: a key that opens its own sessions."""
    if not task.gateway:
        yield None, {}
        return
    connection = ensure(course_root())
    provide_gateway(lambda: connection)
    with connection.session(name=f"graded-{task.lab}", strict=True, opens=True) as guest:
        yield connection.port, {"COURSE_GATEWAY_URL": connection.url, "COURSE_GATEWAY_KEY": guest.token}


def _digest(files: Mapping[str, bytes]) -> str:
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return hashlib.sha256(json.dumps(sums, sort_keys=True).encode()).hexdigest()[:16]
