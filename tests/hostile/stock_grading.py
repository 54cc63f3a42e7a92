"""Grades submissions of a lab with stock nbgrader, each in a class of its own: `stock_grading.py CLASS LAB`.

Only below `closed.sh`: stock runs learners' code with the rights of whoever grades, and what one attack has deleted the
next one would miss. So each is graded by a fork of this process, first of its own process tree, in a class as it was.
Prints a line of JSON that begins with RECORD: for each learner the scores or what stock said, whether the outputs say
that an attack got somewhere, and what it changed in the class.
"""

import hashlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import PyFileConfigLoader

from courseware.kernels import die_with_parent
from courseware.kernels.sandbox.calls import mount, unshare

MOST_S = 30
RECORD, GOT = "RECORD ", "GOT-IT"
WORK = Path("build", "nbgrader")
PRISTINE = Path("/media/pristine")  # in memory, see closed.sh
_MOUNTS, _PROCESSES = 0x00020000, 0x20000000
_NOSUID_NODEV_NOEXEC = 0xE


def grade_all(folder: Path, lab: str) -> dict[str, object]:
    copied(folder, PRISTINE)
    found: dict[str, object] = {}
    for student in sorted(path.name for path in (PRISTINE / WORK / "submitted").iterdir()):
        renew(folder, student)
        before = hashes(folder)
        found[student] = apart(lambda student=student: graded(folder, lab, student)) or {"said": "ends the grader"}
        now = hashes(folder)
        found[student]["harm"] = sorted(name for name in before | now if before.get(name) != now.get(name))[:3]
    return found


def apart(work: Callable[[], dict[str, object]]) -> dict[str, object] | None:
    """Do work in a process of a tree of its own; return what it gave, None where it gave nothing in time."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        unshare(_MOUNTS | _PROCESSES, "unshare")
        if os.fork() == 0:
            die_with_parent()
            mount("proc", "/proc", "proc", _NOSUID_NODEV_NOEXEC)
            nothing = os.open(os.devnull, os.O_RDWR)
            for number in range(3):
                os.dup2(nothing, number)
            os.write(writer, json.dumps(work()).encode())
            os._exit(0)
        os.wait()
        os._exit(0)
    os.close(writer)
    told = b""
    if select.select([reader], [], [], MOST_S + 5)[0]:
        told = os.read(reader, 1 << 16)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(reader)
    return json.loads(told) if told else None


def hashes(folder: Path) -> dict[str, str]:
    """What stock itself does not write, by name."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if not (name.is_relative_to(WORK / "autograded") or name.name.startswith("gradebook.db")):
            is_file = path.is_file() and not path.is_symlink()
            found[str(name)] = hashlib.sha256(path.read_bytes()).hexdigest() if is_file else str(path.lstat().st_mode)
    return found


def copied(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)


def renew(folder: Path, student: str) -> None:
    """Make the class as it was, with the work of one learner alone."""
    for path in folder.iterdir():
        path.unlink() if path.is_symlink() or not path.is_dir() else shutil.rmtree(path)
    copied(PRISTINE, folder)
    for path in (folder / WORK / "submitted").iterdir():
        if path.name != student:
            shutil.rmtree(path)


def too_slow(*_: object) -> None:
    raise TimeoutError


def graded(folder: Path, lab: str, student: str) -> dict[str, object]:
    config = PyFileConfigLoader("nbgrader_config.py", str(folder)).load_config()
    config.CourseDirectory.root = str(folder)
    config.Execute.timeout = config.ExecutePreprocessor.timeout = 3
    os.chdir(folder)
    signal.signal(signal.SIGALRM, too_slow)
    signal.alarm(MOST_S)
    try:
        api = NbGraderAPI(CourseDirectory(config=config), config=config)
        done = api.autograde(lab, student, force=True, create=True)
        said = None if done["success"] else "no grade"
    except BaseException as error:
        said = "does not end" if isinstance(error, TimeoutError) else f"ends with {type(error).__name__}"
    signal.alarm(0)
    return {"said": said, "got": got(folder, student, lab), "scores": None if said else scores(folder, lab, student)}


def scores(folder: Path, lab: str, student: str) -> dict[str, float] | None:
    try:
        with Gradebook(f"sqlite:///{folder / 'build' / 'nbgrader' / 'gradebook.db'}") as gradebook:
            books = gradebook.find_submission(lab, student).notebooks
            return {grade.name: grade.auto_score for one in books for grade in one.grades}
    except Exception:  # an attack has changed the gradebook
        return None


def got(folder: Path, student: str, lab: str) -> bool:
    notebook = folder / WORK / "autograded" / student / lab / "lab.ipynb"
    if not notebook.is_file():
        return False
    cells = json.loads(notebook.read_text(errors="replace"))["cells"]
    texts = ["".join(output.get("text", "")) for cell in cells for output in cell.get("outputs", ())]
    return any(line.startswith(GOT) for text in texts for line in text.splitlines())


if __name__ == "__main__":
    print(f"\n{RECORD}{json.dumps(grade_all(Path(sys.argv[1]), sys.argv[2]))}", flush=True)
